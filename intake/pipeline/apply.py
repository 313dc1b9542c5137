"""One batch into the database: staged, judged row by row in one statement, written set by set (IX-03).

`apply_batch` runs in its caller's transaction. What it leaves behind is the same however the rows were spread over
batches: a row is decided by its key and the instant of its export alone.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from intake.canonical import FileSpec, Parent
from intake.models import empty_counts
from intake.pipeline.after_export import doubt_facts
from intake.pipeline.batch import Batch
from intake.pipeline.kinds import EXTRA, FOLLOW, PREPARE, refuse_foreign_rows, verdicts
from intake.pipeline.run import Run
from intake.pipeline.sql import FOUND, POSITION, Statements
from intake.pipeline.staging import analyze_findings, plan_for_lookups, stage_rows
from intake.pipeline.waiting import hand_over, keep_waiting
from orders.models import Order, ReplacedShipment


@dataclass
class Outcome:
    """What a batch came to; ``twins``: lines of rows that a later row with the same key replaced."""

    counts: dict[str, int] = field(default_factory=empty_counts)
    twins: list[int] = field(default_factory=list)

    @property
    def wrote(self) -> bool:
        """Whether any row was added or changed."""
        return bool(self.counts["new"] or self.counts["changed"])


def apply_batch(batch: Batch, run: Run, header: list[str]) -> Outcome:
    """Take a batch in; refused rows are added to ``batch.refused``."""
    outcome, spec = Outcome(), batch.spec
    if not run.is_operator and spec.parent is not Parent.NONE and len(batch):
        batch.refuse(refuse_foreign_rows(batch, run), header)
    prepare = PREPARE.get(spec.name)
    if prepare is not None and len(batch):
        batch.refuse(prepare(batch, run), header)
    outcome.twins = batch.drop_earlier_twins()
    outcome.counts["duplicates"] = len(outcome.twins)
    if len(batch):
        _write(batch, run, header, outcome)
        if spec.name == "stores" and run.is_operator:
            hand_over(run)
    outcome.counts["refused"] = len(batch.refused)
    return outcome


def statements_for(spec: FileSpec, batch: Batch) -> Statements:
    """The statements for a batch's columns."""
    extra = EXTRA.get(spec.name, ())
    return Statements(spec, [name for name in batch.values if name not in extra], extra)


def _write(batch: Batch, run: Run, header: list[str], outcome: Outcome) -> None:
    statements, at = statements_for(batch.spec, batch), run.at_epoch
    plan_for_lookups()
    stage_rows(statements, batch.values, len(batch))
    _execute(statements.find(), at, at)
    analyze_findings()
    if not run.is_operator and batch.spec.parent is Parent.NONE and batch.spec.name not in ("stores", "companies"):
        _protect_shared(batch, run, header)
    found = verdicts()
    for name in ("new", "changed", "older", "waiting"):
        outcome.counts[name] = found.get(name, 0)
    others = sum(number for verdict, number in found.items() if verdict not in ("same", "newer"))
    outcome.counts["same"] = len(batch) - others
    if outcome.counts["waiting"]:
        keep_waiting(batch, run, _positions("waiting"))
    if found.get("newer"):
        _execute(statements.mark_newer(), at, at)
    if not outcome.wrote:
        doubt_facts(batch, at)
        return
    # New orders have nobody yet to take turns with.
    if batch.spec.model is not Order or found.get("changed"):
        _lock_orders(batch.spec)
    if found.get("changed"):
        _keep_replaced_shipments(statements, run)
        _execute(statements.update(), at, at)
    if found.get("new"):
        _insert(statements, at)
    follow = FOLLOW.get(batch.spec.name)
    if follow is not None:
        follow(statements, run)
    doubt_facts(batch, at)


def _insert(statements: Statements, at: int) -> None:
    _execute(statements.insert(), at)
    if statements.has_id and not statements.numbers_first:
        _execute(statements.name_new())


def _execute(sql: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def _positions(verdict: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {POSITION} FROM {FOUND} WHERE verdict = %s ORDER BY {POSITION}", [verdict])
        return [row[0] for row in cursor.fetchall()]


def _lock_orders(spec: FileSpec) -> None:
    """Let imports of one order's rows take turns, in one order of orders: what is derived from all of an order's rows
    then sees all of them. On SQLite the transaction is the turn."""
    if connection.vendor != "postgresql" or spec.parent is Parent.NONE:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT 1 FROM orders_order WHERE id IN (SELECT order_id FROM {FOUND} WHERE verdict IN ('new', 'changed')
            UNION SELECT old_order_id FROM {FOUND} WHERE verdict = 'changed') ORDER BY id FOR UPDATE"""
        )


def _keep_replaced_shipments(statements: Statements, run: Run) -> None:
    """A tracking number that another one replaces keeps its history (DM-17)."""
    if statements.spec.name != "orders" or "tracking_no" not in statements.staged_columns:
        return
    table = ReplacedShipment._meta.db_table
    _execute(
        f"""INSERT INTO {table} (store_id, order_id, source_at, carrier, tracking_no, shipped_at, replaced_at)
        SELECT t.store_id, t.id, t.source_at, t.carrier, t.tracking_no, t.shipped_at, %s
        FROM orders_order t JOIN {FOUND} f ON f.target_id = t.id
        JOIN {statements.stage} s ON s.{POSITION} = f.{POSITION}
        WHERE f.verdict = 'changed' AND t.tracking_no <> '' AND s.tracking_no <> t.tracking_no
        ON CONFLICT (order_id, tracking_no) DO NOTHING""",
        run.at_epoch,
    )


def _protect_shared(batch: Batch, run: Run, header: list[str]) -> None:
    """Refuse, in a seller's upload, rows that would change what all companies share; equal rows are the same."""
    positions = sorted(_positions("new") + _positions("changed"))
    _execute(f"UPDATE {FOUND} SET verdict = 'same' WHERE verdict = 'newer'")
    if not positions:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {FOUND} SET verdict = 'refused' WHERE {POSITION} = %s", [(position,) for position in positions]
        )
    key = batch.spec.key[0]
    reason = _("is shared by all companies, so only operations change it: leave it out")
    # The rows keep their positions in the staging table: only their cells are reported.
    shadow = Batch(batch.spec, list(batch.lines), list(batch.cells), {})
    shadow.refuse(dict.fromkeys(positions, (key, reason)), header)
    batch.refused.extend(shadow.refused)
