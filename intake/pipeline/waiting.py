"""Rows that wait for their store or order, and feeding them in once it is there (IX-03)."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from core.timebase import from_epoch
from intake.canonical import FILES, Parent
from intake.models import WaitingRow
from intake.pipeline.batch import Batch
from intake.pipeline.run import Run
from stores.models import Store

FEED = "feed"
DRAINED_AT_ONCE = 2_000
_PER_QUERY = 500


def key_hash(key: Sequence[Any]) -> str:
    """A short form of a row's key."""
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()


def keep_waiting(batch: Batch, run: Run, positions: Sequence[int]) -> None:
    """Keep the rows at these positions until their parent comes."""
    names = list(batch.values)
    stores, orders, keys = batch.column("store_no"), batch.column("order_no"), batch.keys()
    owners = owners_of({stores[position] for position in positions})
    rows = {}
    for position in positions:
        data = {name: batch.values[name][position] for name in names}
        hashed = key_hash(keys[position])
        rows[stores[position], hashed] = WaitingRow(
            kind=batch.spec.name,
            store_no=stores[position],
            order_no=orders[position] or "",
            key=hashed,
            data=data,
            source_at=run.at,
            company_id=owners.get(stores[position], run.job.company_id),
            job_id=run.job.pk,
        )
    merge_waiting(list(rows.values()))


def owners_of(store_nos: set[str]) -> dict[str, int]:
    """The companies of the stores that are there, by number."""
    return dict(Store.objects.filter(store_no__in=store_nos).values_list("store_no", "company_id"))


def hand_over(run: Run) -> None:
    """After operations named stores: what they brought for these before, for nobody or with the same company chosen,
    and what waited in stores that moved now belongs to the companies that have the stores."""
    for store_no, company in owners_of(set(run.former_companies)).items():
        bringers = {run.job.company_id, run.former_companies[store_no]} - {None}
        theirs = Q(company=None) | Q(company__in=bringers)
        rows = WaitingRow.objects.filter(theirs, store_no=store_no).exclude(company=company)
        while moved := list(rows.order_by("source_at", "pk")[:_PER_QUERY]):
            WaitingRow.objects.filter(pk__in=[row.pk for row in moved]).delete()
            for row in moved:
                row.pk, row.company_id = None, company
            _merge_by_kind(moved)


def _merge_by_kind(rows: Sequence[WaitingRow]) -> None:
    for kind in {row.kind for row in rows}:
        merge_waiting([row for row in rows if row.kind == kind])


def merge_waiting(rows: Sequence[WaitingRow]) -> None:
    """Add rows to those that wait: what is newer, or as new, replaces the columns it has; what is older is dropped."""
    for start in range(0, len(rows), _PER_QUERY):
        part = rows[start : start + _PER_QUERY]
        standing = {
            (row.company_id, row.store_no, row.key): row
            for row in WaitingRow.objects.filter(kind=part[0].kind, key__in={row.key for row in part})
        }
        fresh = []
        for row in part:
            old = standing.get((row.company_id, row.store_no, row.key))
            if old is None:
                fresh.append(row)
            elif row.source_at >= old.source_at and (row.data != old.data or row.source_at != old.source_at):
                old.data = {**old.data, **row.data}
                old.order_no, old.source_at, old.job_id = row.order_no, row.source_at, row.job_id
                old.save()
        WaitingRow.objects.bulk_create(fresh)


def ready_rows(limit: int) -> list[WaitingRow]:
    """Waiting rows whose parent is there now, in a store of their company, of one file, in the order in which files
    are taken."""
    if not WaitingRow.objects.exists():
        return []
    for name in (FEED, *FILES):
        by_order = name != FEED and FILES[name].parent is Parent.ORDER
        if name != FEED and FILES[name].parent is Parent.NONE:
            continue
        order = "JOIN orders_order o ON o.store_id = st.id AND o.order_no = w.order_no" if by_order else ""
        table = WaitingRow._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT w.id FROM {table} w
                JOIN stores_store st ON st.store_no = w.store_no AND st.company_id = w.company_id {order}
                WHERE w.kind = %s ORDER BY w.source_at, w.id LIMIT %s""",
                [name, limit],
            )
            ids = [row[0] for row in cursor.fetchall()]
        if ids:
            return list(WaitingRow.objects.filter(pk__in=ids).order_by("source_at", "pk"))
    return []


def drain_waiting(run: Run, *, counts: dict[str, dict[str, int]]) -> int:
    """Feed in every waiting row whose parent is there now, a transaction per batch; returns how many went in.

    Each batch has one file, one set of columns and one instant of export, so that it is taken exactly as it would
    have been had the parent been there.
    """
    drained = 0
    while True:
        with transaction.atomic():
            rows = ready_rows(DRAINED_AT_ONCE)
            if not rows:
                return drained
            first = rows[0]
            group = [
                row
                for row in rows
                if row.source_at == first.source_at and row.data.keys() == first.data.keys() and row.kind == first.kind
            ]
            _feed_in(group, run, counts)
            WaitingRow.objects.filter(pk__in=[row.pk for row in group]).delete()
            drained += len(group)


def _feed_in(rows: list[WaitingRow], run: Run, counts: dict[str, dict[str, int]]) -> None:
    from intake.models import empty_counts
    from intake.pipeline.apply import apply_batch
    from intake.pipeline.feeds import supply_feed

    if rows[0].kind == FEED:
        ids = dict(Store.objects.filter(store_no__in={row.store_no for row in rows}).values_list("store_no", "pk"))
        for row in rows:
            until = min(from_epoch(row.data["known_until"]), row.source_at)
            supply_feed([ids[row.store_no]], row.data["feed"], until, row.source_at)
        return
    spec = FILES[rows[0].kind]
    values = {name: [row.data[name] for row in rows] for name in rows[0].data}
    batch = Batch(spec, [0] * len(rows), [()] * len(rows), values)
    outcome = apply_batch(batch, run.as_of(rows[0].source_at), [])
    total = counts.setdefault(spec.name, empty_counts())
    for name in ("new", "changed", "same", "older"):
        total[name] += outcome.counts[name]
