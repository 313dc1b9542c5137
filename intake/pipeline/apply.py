"""Batches into the database: staged, judged row by row in one statement, written set by set (IX-03).

`take_batch` runs in its caller's transaction. What it leaves behind is the same however the rows were spread over
batches: a row is decided by its key and the instant of its export alone.
"""

from collections.abc import Sequence

from django.db import connection
from django.utils.translation import gettext as _

from core.sql import SQL, Parameter, lock_rows, plan_for_lookups
from intake.canonical import FileSpec, Parent
from intake.models import CompleteExport
from intake.pipeline.after_export import flag_facts
from intake.pipeline.batch import KEPT, Batch, Verdict
from intake.pipeline.context import IntakeContext
from intake.pipeline.erased import keep_erased
from intake.pipeline.followups import FOLLOW, Written
from intake.pipeline.preparing import EXTRA, PREPARE
from intake.pipeline.rights import rows_of_others
from intake.pipeline.staging import stage_rows
from intake.pipeline.statements import FOUND, Statements
from intake.pipeline.temporary import analyze, execute, fetch
from intake.pipeline.versions import keep_versions
from intake.pipeline.waiting import hand_over, keep_waiting
from orders.models import Order

# A row with the same content from a newer export: in the table of findings, but not a verdict of its own.
NEWER = "newer"
Found = dict[str, Sequence[int]]


def take_batch(batch: Batch, context: IntakeContext) -> None:
    """Take a batch in; it then tells what became of each row."""
    _check(batch, context)
    batch.drop_duplicates()
    if len(batch):
        _write(batch, context)
        if batch.spec.name == "stores" and context.is_operator:
            hand_over(batch.former_companies, context)


def _check(batch: Batch, context: IntakeContext) -> None:
    """Reject rows that may not be written or can't be, and add the columns that are worked out."""
    if not context.is_operator and batch.spec.parent is not Parent.NONE and len(batch):
        batch.reject(rows_of_others(batch, context))
    prepare = PREPARE.get(batch.spec.name)
    if prepare is not None and len(batch):
        batch.reject(prepare(batch, context))


def statements_for(spec: FileSpec, batch: Batch) -> Statements:
    """The statements for a batch's columns."""
    extra = EXTRA.get(spec.name, ())
    names = [name for name in batch.values if name not in extra and name != KEPT]
    return Statements(spec, names, extra, keeps=KEPT in batch.values)


def _write(batch: Batch, context: IntakeContext) -> None:
    statements, at = statements_for(batch.spec, batch), context.at_epoch
    with connection.cursor() as cursor:
        plan_for_lookups(cursor)
    stage_rows(statements, batch.values, len(batch))
    execute(statements.find(at))
    if batch.spec.per_store and CompleteExport.objects.filter(at__gt=context.at).exists():
        execute(statements.find_removed(at))
    analyze(FOUND)
    if not context.is_operator and batch.spec.parent is Parent.NONE and batch.spec.name not in ("stores", "companies"):
        _protect_shared(batch)
    found = _judge(batch)
    if found.get(Verdict.WAITING):
        keep_waiting(batch, context, found[Verdict.WAITING])
    if found.get(NEWER):
        execute(statements.mark_newer(at))
    if found.get(Verdict.NEW) or found.get(Verdict.CHANGED):
        _write_rows(statements, batch, context, found)
    if batch.spec.name == "listings":
        keep_versions(statements, at)
    flag_facts(batch, at, only_new=found.keys() <= {Verdict.NEW, Verdict.WAITING})


def _write_rows(statements: Statements, batch: Batch, context: IntakeContext, found: Found) -> None:
    at = context.at_epoch
    # No other import can hold rows of an order that is new.
    if batch.spec.model is not Order or found.get(Verdict.CHANGED):
        _lock_orders(batch.spec)
    if found.get(Verdict.CHANGED):
        _keep_replaced_shipments(statements, at)
        execute(statements.update(at))
    if found.get(Verdict.NEW):
        execute(statements.insert(at))
    follow = FOLLOW.get(batch.spec.name)
    if follow is not None:
        follow(Written(batch, statements, context))
    keep_erased(batch.spec.model._meta.db_table)


def _judge(batch: Batch) -> Found:
    """Set the rows' verdicts; returns positions by finding."""
    found = _found(len(batch))
    for verdict in (Verdict.NEW, Verdict.CHANGED, Verdict.OLDER, Verdict.WAITING):
        batch.judge(verdict, found.get(verdict, ()))
    return found


def _found(size: int) -> Found:
    """Positions by finding, of as many rows."""
    counts = fetch(SQL("SELECT verdict, COUNT(*) FROM intake_found GROUP BY verdict"))
    if len(counts) == 1 and counts[0][1] == size:
        # So it is with most batches.
        return {counts[0][0]: range(size)}
    found: dict[str, list[int]] = {}
    for verdict, position in fetch(SQL("SELECT verdict, pos FROM intake_found ORDER BY pos")):
        found.setdefault(verdict, []).append(position)
    return dict(found)


def _lock_orders(spec: FileSpec) -> None:
    """Let imports of one order's rows take turns, in one order of orders: what is derived from all of an order's rows
    then sees all of them. On SQLite the transaction is the turn."""
    if spec.parent is Parent.NONE:
        return
    with connection.cursor() as cursor:
        orders = SQL("""SELECT 1 FROM orders_order WHERE id IN (
                SELECT order_id FROM intake_found WHERE verdict IN ('new', 'changed')
                UNION SELECT old_order_id FROM intake_found WHERE verdict = 'changed') ORDER BY id""")
        lock_rows(cursor, orders, for_keys=True)


def _keep_replaced_shipments(statements: Statements, at: int) -> None:
    """Keep the history of tracking numbers that are replaced (DM-17).

    Where Dianwei is the authority, the scans of the former number become those of the new one, and a source that names
    another of the order's parcels than before replaces none. Elsewhere it is history alone: what counts is a function
    of the sources' latest rows, in whatever sequence they came (DM-35).
    """
    if statements.spec.name != "orders" or "tracking_no" not in statements.staged_columns:
        return
    execute(
        SQL("""INSERT INTO orders_replacedshipment
            (store_id, order_id, source_at, carrier, tracking_no, shipped_at, replaced_at, replaced_by)
        SELECT t.store_id, t.id, t.source_at, t.carrier, t.tracking_no, t.shipped_at, {at},
            CASE WHEN f.governed THEN s.tracking_no ELSE '' END
        FROM orders_order t JOIN intake_found f ON f.target_id = t.id
        JOIN {stage} s ON s.pos = f.pos
        WHERE f.verdict = 'changed' AND t.tracking_no <> '' AND s.tracking_no <> t.tracking_no
            AND NOT (f.governed AND EXISTS (SELECT 1 FROM orders_shipment p
                WHERE p.order_id = t.id AND p.tracking_no = s.tracking_no))
        ON CONFLICT (order_id, tracking_no) DO NOTHING""").format(at=Parameter(at), stage=statements.stage)
    )


def _protect_shared(batch: Batch) -> None:
    """Reject, in a seller's upload, rows that would change what all companies share; equal rows are the same."""
    execute(SQL("DELETE FROM intake_found WHERE verdict = 'newer'"))
    written = SQL("SELECT pos FROM intake_found WHERE verdict IN ('new', 'changed') ORDER BY pos")
    positions = [position for (position,) in fetch(written)]
    execute(SQL("DELETE FROM intake_found WHERE verdict IN ('new', 'changed')"))
    reason = _("is shared by all companies, so only operations change it: leave it out")
    # The rows keep their positions in the staging table: only their cells are reported.
    batch.note_rejected(dict.fromkeys(positions, (batch.spec.key[0], reason)))
