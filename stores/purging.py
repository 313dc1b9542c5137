"""Removing a company with all that apps hold of it (IX-03). The audit trail stays.

An app says in its module ``purging``, which is loaded when the site starts, what it holds: rows of a store with
`purge_rows` or `on_store_purge`, rows and files of a company with `on_company_purge`. What refers to a store or company
by a foreign key that cascades goes with it.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Model

from core.events import record_event
from core.models import DirtySubject
from stores.models import Company, ListingSighting, ListingVersion, Membership, Store

# Rows in one transaction: others get their turns between two.
MOST = 2_000
_PER_QUERY = 500

# Removes at most so many rows of a store; returns how many.
OfStore = Callable[[Store, int], int]
# Removes all that is a company's; returns the number of rows.
OfCompany = Callable[[Company], int]
_of_stores: dict[str, OfStore] = {}
_of_companies: dict[str, OfCompany] = {}


def on_store_purge(name: str, remove: OfStore) -> None:
    """Have ``remove`` called, in a transaction each time, until it finds less than it may remove; ``name`` stands in
    the report. What was registered first goes first."""
    _of_stores[name] = remove


def on_company_purge(name: str, remove: OfCompany) -> None:
    """Have ``remove`` called, in the transaction that removes the company, after its stores are gone. It removes files
    before the rows that tell of them, so that a purge that was killed finds them again."""
    _of_companies[name] = remove


def purge_rows(*models: type[Model]) -> None:
    """Have rows of these models, which nothing refers to, removed with the store in their ``store_id``."""
    for model in models:
        on_store_purge(model._meta.db_table, _remover(model))


def _remover(model: type[Model], path: str = "store_id") -> OfStore:
    manager = model._default_manager

    def remove(store: Store, most: int) -> int:
        ids = list(manager.filter(**{path: store.pk}).values_list("pk", flat=True)[:most])
        # As many at a time as every database takes as parameters.
        parts = (ids[start : start + _PER_QUERY] for start in range(0, len(ids), _PER_QUERY))
        return sum(manager.filter(pk__in=part).delete()[0] for part in parts)

    return remove


def remove_company(*, company: Company, actor: str, at: datetime) -> dict[str, int]:
    """Remove a company with its stores and all that is theirs; returns rows by kind.

    Done in chunks, each a transaction: killed half-way it is finished by doing it again. Events, which name their
    subjects by number, stay (DM-33).
    """
    counts: dict[str, int] = {}
    for store in Store.objects.filter(company=company).order_by("pk"):
        for kind, number in _remove_store(store):
            counts[kind] = counts.get(kind, 0) + number
    with transaction.atomic():
        for kind, remove in _of_companies.items():
            counts[kind] = counts.get(kind, 0) + remove(company)
        counts["memberships"] = Membership.objects.filter(company=company).delete()[0]
        record_event(
            kind="company.removed",
            subject_kind="company",
            subject_key=company.company_no,
            company_no=company.company_no,
            actor=actor,
            at=at,
            cause="IX-03",
            after={"rows": counts},
        )
        company.delete()
    counts["companies"] = 1
    return {kind: number for kind, number in counts.items() if number}


def _remove_store(store: Store) -> Iterator[tuple[str, int]]:
    for kind, remove in _of_stores.items():
        removed = MOST
        while removed >= MOST:
            with transaction.atomic():
                removed = remove(store, MOST)
            yield kind, removed
    with transaction.atomic():
        # What is left refers to the store by foreign keys that take it along: listings, periods, feeds, deadlines.
        yield "stores", store.delete()[1].get("stores.Store", 0)


def demo_companies() -> list[Company]:
    """The companies of the demo."""
    return list(Company.objects.filter(is_demo=True).order_by("pk"))


purge_rows(DirtySubject)
on_store_purge(ListingSighting._meta.db_table, _remover(ListingSighting, "version__store_id"))
purge_rows(ListingVersion)
