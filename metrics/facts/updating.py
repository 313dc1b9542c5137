"""What the facts stage does (MX-02): take dirty subjects in batches, each applied in one transaction."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Q, QuerySet, Window
from django.db.models.functions import DenseRank

from core.models import DirtySubject
from core.sql import (
    SQL,
    Composable,
    Literal,
    Parameter,
    QuerySetSQL,
    empty_tables,
    execute,
    lock_rows,
    lock_table,
    make_temp,
    plan_for_batches,
)
from core.timebase import from_day_number
from metrics.facts.differences import (
    COMPLAINTS,
    DISPUTES,
    ORDERS,
    WAITS,
    Gathered,
    apply_differences,
    begin_differences,
    gather_differences,
)
from metrics.facts.firsts import update_first_reviews
from metrics.facts.orderview import (
    make_complaint_view,
    make_dispute_view,
    make_order_view,
    make_review_view,
    make_wait_view,
)
from metrics.models import Benchmark, BenchmarkPool
from stores.shards import EVERY_STORE, Shard

BATCH = 25_000
# What `forget_facts` empties: rows that stored ones and the dirty log yield again.
DERIVED = (
    "metrics_ordercontribution", "metrics_waitcontribution", "metrics_disputecontribution",
    "metrics_complaintcontribution", "metrics_fact", "metrics_sitefact", "metrics_problem", "metrics_reviewmark",
    "metrics_listingfirstreview", "metrics_benchmark", "metrics_benchmarkpool", "stores_touched",
)  # fmt: skip
MARK_EVERYTHING_DIRTY = (
    SQL("""INSERT INTO stores_touched (kind, store_id, subject_id)
        SELECT 'order', store_id, id FROM orders_order ORDER BY store_id, id"""),
    SQL("""INSERT INTO stores_touched (kind, store_id, subject_id)
        SELECT 'complaint', store_id, id FROM disputes_copyrightcomplaint ORDER BY id"""),
)
# The longest window: facts of a day reach benchmarks of this many days (MX).
LONGEST_WINDOW = 180


@dataclass
class FactsResult:
    """What a facts stage did: subjects taken, contributions that differed, (store, day) pairs that changed."""

    subjects: int = 0
    differences: int = 0
    days: int = 0


def apply_dirty(
    *,
    shard: Shard = EVERY_STORE,
    orders: Collection[int] | None = None,
    complaints: Collection[int] = (),
    batch: int = BATCH,
    progress: Callable[[int], None] | None = None,
) -> FactsResult:
    """Bring facts up to date with every subject of a shard that stood in the dirty log when the call began (MX-02).

    A subject is taken once however often it was marked, subjects of one store together. Each batch is one transaction
    that takes its log rows with it: a run that dies loses nothing and doubles nothing; a change made meanwhile is found
    by the next run. Runs at once are harmless: of two batches that share a store one waits for the other.

    ``orders``: only these and ``complaints``, whatever else is marked (at most `BATCH`).
    """
    result = FactsResult()
    marks = shard.narrow(DirtySubject.objects.all())
    if orders is not None:
        kind = DirtySubject.Kind
        marks = marks.filter(
            Q(kind=kind.ORDER, subject_id__in=orders) | Q(kind=kind.COMPLAINT, subject_id__in=complaints)
        )
    for first in range(1, _number_subjects(marks) + 1, batch):
        with transaction.atomic(), connection.cursor() as cursor:
            plan_for_batches(cursor)
            taken = _take(cursor, first, first + batch - 1)
            if not taken:
                continue
            result.subjects += taken
            _apply_batch(cursor, result)
        if progress:
            progress(result.subjects)
    return result


def _number_subjects(marks: "QuerySet[DirtySubject]") -> int:
    """Number the subjects of these rows of the log, in ``tmp_log``; returns how many there are."""
    placed = marks.annotate(place=Window(DenseRank(), order_by=("kind", "store_id", "subject_id")))
    numbered = placed.values_list("id", "place")
    with transaction.atomic(), connection.cursor() as cursor:
        plan_for_batches(cursor)
        make_temp(cursor, "tmp_log", QuerySetSQL(numbered), key=("place",))
        execute(cursor, SQL("SELECT MAX(place) FROM tmp_log"))
        return int(cursor.fetchone()[0] or 0)


def _hold(cursor: CursorWrapper, stores: Composable) -> None:
    """Have the batches of these stores take turns until the transaction ends; the stores are a SELECT of ids."""
    # In one order everywhere, so that two batches never wait for each other.
    lock_rows(cursor, SQL("SELECT 1 FROM stores_store WHERE id IN ({stores}) ORDER BY id").format(stores=stores))


def _drop_benchmarks(cursor: CursorWrapper, **days: int | date) -> None:
    # Shards may drop the same rows in different orders: the last step of a batch, so the wait is short.
    lock_table(cursor, "metrics_benchmark")
    Benchmark.objects.filter(**days).delete()
    BenchmarkPool.objects.filter(**days).delete()


def _take(cursor: CursorWrapper, first: int, last: int) -> int:
    """Take what another run has not taken of the subjects from the first-th to the last-th; returns how many."""
    taken = SQL("""SELECT t.id, t.kind, t.store_id, t.subject_id FROM tmp_log l JOIN stores_touched t ON t.id = l.id
        WHERE l.place BETWEEN {first} AND {last}""").format(first=Parameter(first), last=Parameter(last))
    subjects = 0
    if make_temp(cursor, "tmp_dirty", taken, key=("id",)):
        _hold(cursor, SQL("SELECT store_id FROM tmp_dirty"))
        of_kind = SQL("SELECT DISTINCT subject_id AS id FROM tmp_dirty WHERE kind = {kind}")
        for table, kind in (("tmp_batch", "order"), ("tmp_complaint_batch", "complaint"), ("tmp_store_batch", "store")):
            subjects += make_temp(cursor, table, of_kind.format(kind=Literal(kind)), key=("id",))
        execute(cursor, SQL("DELETE FROM stores_touched WHERE id IN (SELECT id FROM tmp_dirty)"))
    return subjects


def _apply_batch(cursor: CursorWrapper, result: FactsResult) -> None:
    make_review_view(cursor)
    if update_first_reviews(cursor):
        make_review_view(cursor)
    make_order_view(cursor)
    make_wait_view(cursor)
    make_dispute_view(cursor)
    make_complaint_view(cursor)
    begin_differences(cursor)
    gathered = Gathered()
    for kind in (ORDERS, WAITS, DISPUTES, COMPLAINTS):
        gathered += gather_differences(cursor, kind)
    result.differences += gathered.rows
    pairs, days = apply_differences(cursor, taken_back=gathered.taken_back)
    result.days += pairs
    if days:
        first, last = from_day_number(days[0]), from_day_number(days[1] + LONGEST_WINDOW)
        _drop_benchmarks(cursor, day__gte=first, day__lte=last)
    execute(cursor, SQL("SELECT COUNT(*) FROM tmp_store_batch"))
    if cursor.fetchone()[0]:
        # A store's category or status changed: any past mean may have other members now.
        _drop_benchmarks(cursor)


def forget_facts() -> None:
    """Forget every contribution, fact and problem row, and put every subject in the dirty log, so that runs compute
    them again from the stored rows (DM-35)."""
    with transaction.atomic(), connection.cursor() as cursor:
        _hold(cursor, SQL("SELECT id FROM stores_store"))
        empty_tables(cursor, DERIVED)
        for statement in MARK_EVERYTHING_DIRTY:
            execute(cursor, statement)


def rebuild_facts() -> FactsResult:
    """Delete all facts and compute them again (DM-35)."""
    forget_facts()
    return apply_dirty()
