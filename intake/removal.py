"""Removing a company's data, or the demo's, as a whole (IX-03). The audit trail stays."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Model

from core.events import record_event
from core.models import Touched
from intake.models import Import, WaitingRow
from intake.pipeline.absent import REMOVED, delete_orders
from intake.pipeline.chunks import rows_per_chunk
from intake.pipeline.feeds import PER_QUERY
from intake.pipeline.temporary import empty_table
from metrics.models import (
    ComplaintContribution,
    DisputeContribution,
    Fact,
    ListingFirstReview,
    OrderContribution,
    PlatformFigure,
    PlatformNotice,
    Problem,
    Published,
    ReviewMark,
    SiteFact,
    WaitContribution,
)
from stores.models import Company, Membership, Store

# Rows that name a store; orders, which many rows hang on, go first.
BY_STORE = (
    OrderContribution,
    WaitContribution,
    DisputeContribution,
    ComplaintContribution,
    ReviewMark,
    ListingFirstReview,
    Problem,
    Fact,
    SiteFact,
    Published,
    PlatformFigure,
    PlatformNotice,
    Touched,
)


def remove_company(*, company: Company, actor: str, at: datetime) -> dict[str, int]:
    """Remove a company with its stores and all that is theirs; returns rows by kind.

    Done in chunks, each a transaction: killed half-way it is finished by doing it again. Facts, state rows and what
    was published go too; events, which name their subjects by number, stay (DM-33).
    """
    counts: dict[str, int] = {}
    for store in Store.objects.filter(company=company).order_by("pk"):
        for kind, number in _remove_store(store):
            counts[kind] = counts.get(kind, 0) + number
    with transaction.atomic():
        for job in Import.objects.filter(company=company):
            job.files.all().delete()
        waiting = WaitingRow.objects.filter(company=company).delete()[0]
        counts["waiting rows"] = counts.get("waiting rows", 0) + waiting
        counts["imports"] = Import.objects.filter(company=company).delete()[0]
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


def demo_companies() -> list[Company]:
    """The companies of the demo."""
    return list(Company.objects.filter(is_demo=True).order_by("pk"))


def _remove_store(store: Store) -> Iterator[tuple[str, int]]:
    size = rows_per_chunk()
    while True:
        with transaction.atomic():
            number = _remove_orders(store.pk, size)
        yield "orders", number
        if number < size:
            break
    for model in BY_STORE:
        while True:
            with transaction.atomic():
                chunk = list(model._default_manager.filter(store_id=store.pk).values_list("pk", flat=True)[:size])
                number = _delete_rows(model, chunk)
            yield model._meta.db_table, number
            if number < size:
                break
    with transaction.atomic():
        yield "waiting rows", WaitingRow.objects.filter(store_no=store.store_no, company=store.company_id).delete()[0]
        # What is left hangs on the store by foreign keys that take it along: listings, periods, feeds, deadlines.
        yield "stores", store.delete()[1].get("stores.Store", 0)


def _delete_rows(model: type[Model], ids: Sequence[int]) -> int:
    """Delete rows by id, as many at a time as every database takes as parameters."""
    manager = model._default_manager
    parts = (ids[start : start + PER_QUERY] for start in range(0, len(ids), PER_QUERY))
    return sum(manager.filter(pk__in=part).delete()[0] for part in parts)


def _remove_orders(store_id: int, size: int) -> int:
    empty_table(REMOVED, "id bigint PRIMARY KEY")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {REMOVED} (id) SELECT id FROM orders_order WHERE store_id = %s ORDER BY id LIMIT %s",
            [store_id, size],
        )
        number = int(cursor.rowcount)
    if number:
        delete_orders(REMOVED)
    return number
