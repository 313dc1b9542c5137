"""The people of `benchmarks.visitors`: `python -m benchmarks.visitors_people COUNT` prints cookies and pages."""

import json
import sys
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.urls import reverse

from benchmarks import ready  # noqa: F401
from benchmarks.pages import HTMX, signed_in
from notifications.models import Notice
from orders.models import Order
from stores.models import Company, Store, User

FRAGMENT = {name.removeprefix("HTTP_").replace("_", "-"): value for name, value in HTMX.items()}


def main(count: int) -> list[dict[str, Any]]:
    """Owners of the companies with the largest stores, the largest first."""
    User.objects.filter(email__startswith="visitor-").delete()
    largest: dict[int, Store] = {}
    for store in Store.objects.annotate(n=Count("orders")).order_by("-n", "pk"):
        largest.setdefault(store.company_id, store)
    chosen = list(largest.items())[:count]
    return [_person(f"visitor-{place}", *chosen[place % len(chosen)]) for place in range(count)]


def _person(name: str, company_id: int, store: Store) -> dict[str, Any]:
    client = signed_in(name, [Company.objects.get(pk=company_id)])
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {"cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}", "pages": _pages(store)}


def _pages(store: Store) -> list[tuple[str, str, dict[str, str]]]:
    """The ten most used pages, as far as the store has such objects."""
    number = store.store_no
    metric = reverse("dashboard:metric", args=[number, "late_dispatch"])
    pages: list[tuple[str, str, dict[str, str]]] = [
        ("health panel", reverse("dashboard:panel", args=[number]), {}),
        ("rating", reverse("dashboard:rating", args=[number]), {}),
        ("metric", metric, {}),
        ("problem list", metric, FRAGMENT),
        ("order list", reverse("dashboard:orders", args=[number]) + "?tab=all", {}),
        ("store list", reverse("dashboard:stores"), {}),
        ("messages", reverse("orders:messages", args=[number]), {}),
        ("notice list", reverse("notifications:list", args=[number]), {}),
    ]
    if order := Order.objects.filter(store=store, shipped_at__isnull=False).order_by("-created_at").first():
        pages.append(("order page", reverse("dashboard:order", args=[number, order.order_no]), {}))
    if notice := Notice.objects.filter(store=store).order_by("-pk").first():
        pages.append(("notice page", reverse("dashboard:notice", args=[number, notice.number]), {}))
    return pages


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
