"""What the data pages show: imports, feeds, waiting rows, data issues (PG-16)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import Http404

from intake.models import Import, WaitingRow
from orders.models import Order
from stores.access import WRITE, inspects_all, visible_companies, visible_stores
from stores.models import Company, Feed, Store
from stores.principals import Person, Principal

OPERATE = "intake.add_import"
RECENT = 30
STORES_AT_ONCE = 50
LARGEST_ID = 2**63 - 1


def is_operator(principal: Principal) -> bool:
    """Whether the person's imports may write every store: operations staff with that permission."""
    return isinstance(principal, Person) and principal.user.is_staff and principal.user.has_perm(OPERATE)


def visible_imports(principal: Principal) -> QuerySet[Import]:
    """Imports of the companies that the person sees; operations see all."""
    if is_operator(principal) or inspects_all(principal):
        return Import.objects.all()
    return Import.objects.filter(company__in=visible_companies(principal))


def get_import(principal: Principal, import_id: int) -> Import:
    """The import with this number; Http404 when the person may not see it or it does not exist."""
    job = (
        visible_imports(principal).select_related("company").filter(pk=import_id).first()
        if import_id <= LARGEST_ID
        else None
    )
    if job is None:
        raise Http404
    return job


def writable_companies(principal: Principal) -> QuerySet[Company]:
    """The companies for which the person may import."""
    return Company.objects.all() if is_operator(principal) else visible_companies(principal, WRITE)


MOST_CHOICES = 500


def answerable_stores(principal: Principal, job: Import) -> list[Store]:
    """The stores that the files of an import may be said to belong to."""
    stores = (
        Store.objects.all()
        if is_operator(principal)
        else visible_stores(principal).filter(company__in=writable_companies(principal))
    )
    if job.company_id is not None:
        stores = stores.filter(company_id=job.company_id)
    return list(stores.order_by("name", "store_no")[:MOST_CHOICES])


def stores_of_import(principal: Principal, job: Import) -> list[Store]:
    """Stores that an import named, as far as the person sees them."""
    return list(visible_stores(principal).filter(store_no__in=job.stores[:STORES_AT_ONCE]).order_by("name", "store_no"))


def may_cancel(principal: Principal, job: Import) -> bool:
    """Whether the person may stop the import."""
    return is_operator(principal) or (
        job.company_id is not None and visible_companies(principal, WRITE).filter(pk=job.company_id).exists()
    )


@dataclass(frozen=True)
class StoreHealth:
    """How a store's data is: feeds with their freshness, rows that wait, orders with data issues."""

    store: Store
    feeds: Sequence[Feed]
    waiting: int
    data_issues: int


def store_health(principal: Principal, search: str = "") -> list[StoreHealth]:
    """The sync health of the stores that the person sees, at most STORES_AT_ONCE, found by number or name."""
    stores = visible_stores(principal).order_by("name", "store_no")
    if search:
        stores = stores.filter(name__icontains=search) | stores.filter(store_no__icontains=search)
    chosen = list(stores[:STORES_AT_ONCE])
    feeds: dict[int, list[Feed]] = {}
    for feed in Feed.objects.filter(store__in=chosen).order_by("known_until"):
        feeds.setdefault(feed.store_id, []).append(feed)
    theirs = Store.objects.filter(pk__in=[store.pk for store in chosen], store_no=OuterRef("store_no"))
    waiting = _counted(WaitingRow.objects.filter(Exists(theirs.filter(company=OuterRef("company")))), "store_no")
    data_issues = _counted(Order.objects.filter(store__in=chosen, data_issues__gt=0), "store_id")
    return [
        StoreHealth(store, feeds.get(store.pk, []), waiting.get(store.store_no, 0), data_issues.get(store.pk, 0))
        for store in chosen
    ]


def _counted(rows: QuerySet[Any], column: str) -> dict[object, int]:
    return dict(rows.values_list(column).annotate(rows=Count("pk")).values_list(column, "rows"))


def waiting_kinds(principal: Principal) -> list[tuple[str, int]]:
    """Waiting rows by file, of the companies that the person sees; operations also see what is nobody's (RL-19)."""
    rows = WaitingRow.objects.all()
    if not is_operator(principal):
        rows = rows.filter(company__in=visible_companies(principal))
    return sorted(_counted(rows, "kind").items())  # type: ignore[arg-type]
