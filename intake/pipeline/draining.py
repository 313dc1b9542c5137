"""Imports waiting rows once their store or order exists (IX-03)."""

from collections.abc import Collection, Sequence

from django.db import transaction

from core.sql import SQL, Identifier, Parameter, parameters
from core.timebase import from_epoch
from intake.canonical import FILES, Parent
from intake.models import WaitingRow
from intake.pipeline.apply import take_batch
from intake.pipeline.batch import Batch
from intake.pipeline.context import IntakeContext
from intake.pipeline.feeds import supply_feed
from intake.pipeline.temporary import fetch
from intake.pipeline.waiting import FEED
from stores.models import Store

DRAINED_AT_ONCE = 2_000


def drain_waiting(context: IntakeContext, stores: Collection[str] | None = None) -> None:
    """Import every waiting row whose parent exists now, from any import, one transaction per batch; of some stores
    only, if ``stores`` has their numbers.

    Each batch has one file, one set of columns and one instant of export, so that it is taken exactly as it would
    have been had the parent been there.
    """
    while True:
        with transaction.atomic():
            rows = ready_rows(DRAINED_AT_ONCE, stores)
            if not rows:
                return
            first = rows[0]
            group = [
                row
                for row in rows
                if row.source_at == first.source_at and row.data.keys() == first.data.keys() and row.kind == first.kind
            ]
            _take_in(group, context)
            WaitingRow.objects.filter(pk__in=[row.pk for row in group]).delete()


def ready_rows(limit: int, stores: Collection[str] | None = None) -> list[WaitingRow]:
    """Waiting rows whose parent exists now, in a store of their company, of one file, in the order in which files
    are taken; of ``stores`` only, if it is given."""
    waiting = WaitingRow.objects.all() if stores is None else WaitingRow.objects.filter(store_no__in=stores)
    if not waiting.exists():
        return []
    among = SQL("") if stores is None else SQL("AND w.store_no IN ({stores})").format(stores=parameters(stores))
    for name in (FEED, *FILES):
        by_order = name != FEED and FILES[name].parent is Parent.ORDER
        if name != FEED and FILES[name].parent is Parent.NONE:
            continue
        order = SQL("JOIN orders_order o ON o.store_id = st.id AND o.order_no = w.order_no")
        ready = SQL("""SELECT w.id FROM {table} w
                JOIN stores_store st ON st.store_no = w.store_no AND st.company_id = w.company_id {order}
                WHERE w.kind = {kind} {among} ORDER BY w.source_at, w.id LIMIT {limit}""").format(
            table=Identifier(WaitingRow._meta.db_table),
            order=order if by_order else SQL(""),
            kind=Parameter(name),
            among=among,
            limit=Parameter(limit),
        )
        ids = [row_id for (row_id,) in fetch(ready)]
        if ids:
            return list(WaitingRow.objects.filter(pk__in=ids).order_by("source_at", "pk"))
    return []


def _take_in(rows: Sequence[WaitingRow], context: IntakeContext) -> None:
    if rows[0].kind == FEED:
        _supply(rows)
        return
    values = {name: [row.data[name] for row in rows] for name in rows[0].data}
    batch = Batch.of_values(FILES[rows[0].kind], values, len(rows))
    take_batch(batch, context.as_of(rows[0].source_at))


def _supply(claims: Sequence[WaitingRow]) -> None:
    ids = dict(Store.objects.filter(store_no__in={row.store_no for row in claims}).values_list("store_no", "pk"))
    for row in claims:
        until = min(from_epoch(row.data["known_until"]), row.source_at)
        supply_feed([ids[row.store_no]], row.data["feed"], until, row.source_at)
