"""Pages through Django's handler, in a process of its own: `python -m benchmarks.pages` prints one JSON object.

Every page is asked for until it is warm, then as often as is needed for a median and a 95th percentile.
"""

import json
import re
import statistics
import sys
import time
from collections.abc import Callable
from html import unescape
from typing import Any

from django.core.management import call_command
from django.db.models import Count
from django.test import Client
from django.urls import NoReverseMatch, reverse

from benchmarks import ready  # noqa: F401
from config.warming import warm
from orders.models import Order
from stores.models import Company, Membership, Store, User

WARM_UP, REQUESTS = 5, 40
DEEP = 20
HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "problems"}
NEXT = re.compile(r'rel="next" href="([^"]+)"')


class MissingPageError(Exception):
    """The page is not there."""


def measure(client: Client, url: str, headers: dict[str, str]) -> dict[str, Any]:
    """Median and 95th percentile of a page and the mean of its CPU time in milliseconds, and its size."""
    size = len(fetch(client, url, headers))
    for _ in range(WARM_UP - 1):
        fetch(client, url, headers)
    times, before = [], time.process_time()
    for _ in range(REQUESTS):
        began = time.perf_counter()
        fetch(client, url, headers)
        times.append((time.perf_counter() - began) * 1000)
    return {
        "median_ms": statistics.median(times),
        "p95_ms": statistics.quantiles(times, n=20)[-1],
        "cpu_ms": (time.process_time() - before) * 1000 / REQUESTS,
        "bytes": size,
    }


def fetch(client: Client, url: str, headers: dict[str, str]) -> bytes:
    """The page; raises MissingPageError for any other answer than 200."""
    response = client.get(url, headers={}, HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="zh-CN", **headers)
    if response.status_code != 200:
        raise MissingPageError(f"answered {response.status_code}")
    return b"".join(response.streaming_content) if response.streaming else response.content


def deep(client: Client, url: str, headers: dict[str, str]) -> str:
    """The address of a list's twentieth page, found as a person would, by following its pager."""
    path = url.partition("?")[0]
    for _ in range(DEEP):
        found = NEXT.search(fetch(client, url, headers).decode())
        if found is None:
            return url
        url = path + unescape(found[1])
    return url


def signed_in(name: str, companies: list[Company]) -> Client:
    """A seller who owns the companies."""
    user = User.objects.create_user(f"{name}@example.com", None)
    Membership.objects.bulk_create(
        [Membership(company=company, user=user, role=Membership.Role.OWNER) for company in companies]
    )
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def main() -> None:
    """Measure every page."""
    call_command("collectstatic", interactive=False, verbosity=0)
    warm()
    largest = Store.objects.annotate(n=Count("orders")).order_by("-n")[0]
    owner, owner_of_all = signed_in("owner", [largest.company]), signed_in("all", list(Company.objects.all()))
    number, metric = largest.store_no, {"store_no": largest.store_no, "code": "late_dispatch"}
    every_order = reverse("dashboard:orders", args=[number]) + "?tab=all"
    pages: dict[str, tuple[Client, Callable[[], str], dict[str, str]]] = {
        "all stores, of a company": (owner, lambda: reverse("dashboard:stores"), {}),
        "all stores, of all companies": (owner_of_all, lambda: reverse("dashboard:stores"), {}),
        "health panel": (owner, lambda: reverse("dashboard:panel", args=[number]), {}),
        "rating": (owner, lambda: reverse("dashboard:rating", args=[number]), {}),
        "metric": (owner, lambda: reverse("dashboard:metric", kwargs=metric), {}),
        "problem list": (owner, lambda: reverse("dashboard:metric", kwargs=metric), HTMX),
        "problem list, page 20": (owner, lambda: deep(owner, reverse("dashboard:metric", kwargs=metric), HTMX), HTMX),
        "problem list by carrier": (
            owner,
            lambda: reverse("dashboard:metric", kwargs=metric) + "?carrier=AE_STANDARD",
            HTMX,
        ),
        "order list": (owner, lambda: every_order, {}),
        "order list, page 20": (owner, lambda: deep(owner, every_order, {}), {}),
    }
    results: dict[str, Any] = {}
    for name, (client, address, headers) in pages.items():
        try:
            results[name] = measure(client, address(), headers)
        except (NoReverseMatch, MissingPageError) as reason:
            results[name] = {"skipped": f"{type(reason).__name__}: {reason}"}
    largest_orders = Order.objects.filter(store=largest).count()
    print(json.dumps({"store_no": number, "orders": largest_orders, "requests": REQUESTS, "pages": results}))


if __name__ == "__main__":
    sys.exit(main())
