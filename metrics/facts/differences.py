"""New contributions against old ones, and the difference added to facts and problem rows (MX-02)."""

from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from core.sql import (
    SQL,
    Composable,
    Identifier,
    Literal,
    aliased,
    analyze,
    columns,
    comma,
    execute,
    make_temp,
)
from metrics.anchors import Anchor, Counter, Subject, unit
from metrics.counters import COUNTERS, anchors_of

COUNTER_NAMES = tuple(counter.name for counter in COUNTERS)
PROBLEM_KEY = ("store_id", "counter", "day", "order_id", "subject_id")


@dataclass(frozen=True)
class Contribution:
    """Where the contributions of a kind of subject are kept, and what tells its rows apart."""

    subject: Subject
    table: str
    view: str
    batch: str
    batch_column: str
    keys: tuple[str, ...]
    order_sql: str
    subject_sql: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Keys, day columns and amount columns, in one order everywhere."""
        days_and_amounts: list[str] = []
        for anchor in anchors_of(self.subject):
            days_and_amounts.append(anchor.day_column)
            days_and_amounts += [counter.name for counter in anchor.counters if not unit(counter)]
        return (*self.keys, *days_and_amounts)

    @property
    def new_rows(self) -> Composable:
        """SELECT of what the subjects in the view contribute; subjects that count nowhere have no row."""
        anchors = anchors_of(self.subject)
        kept = [piece for anchor in anchors for piece in _kept(anchor)]
        return SQL("""SELECT {kept}
            FROM (SELECT v.*, {days} FROM {view} v) dated WHERE COALESCE({day_columns}, NULL) IS NOT NULL""").format(
            kept=comma([*map(Identifier, self.keys), *kept]),
            days=aliased({anchor.day_column: anchor.day_sql for anchor in anchors}),
            view=Identifier(self.view),
            day_columns=columns(anchor.day_column for anchor in anchors),
        )

    @property
    def old_rows(self) -> Composable:
        """SELECT of what is stored of the subjects in the batch."""
        # CROSS JOIN has SQLite begin at the batch, whatever it believes of the tables' sizes.
        return SQL("""SELECT {columns} FROM (SELECT id AS taken FROM {batch}) b
        CROSS JOIN {table} WHERE {key} = taken""").format(
            columns=columns(self.columns),
            batch=Identifier(self.batch),
            table=Identifier(self.table),
            key=Identifier(self.batch_column),
        )


def _kept(anchor: Anchor) -> list[Composable]:
    """The day of an anchor and the amounts of its counters, where they are not always 1."""
    day = Identifier(anchor.day_column)
    amounts = [
        SQL("CASE WHEN {day} IS NOT NULL THEN {amount} END AS {name}").format(
            day=day, amount=amount, name=Identifier(counter.name)
        )
        for counter in anchor.counters
        if (amount := counter.amount) is not None
    ]
    return [day, *amounts]


ORDERS = Contribution(
    Subject.ORDER, "metrics_ordercontribution", "tmp_order", "tmp_batch", "order_id",
    ("order_id", "store_id", "site"), "order_id", "order_id",
)  # fmt: skip
WAITS = Contribution(
    Subject.WAIT, "metrics_waitcontribution", "tmp_wait", "tmp_batch", "order_id",
    ("order_id", "store_id", "begun_at"), "order_id", "begun_at",
)  # fmt: skip
DISPUTES = Contribution(
    Subject.DISPUTE, "metrics_disputecontribution", "tmp_dispute", "tmp_batch", "order_id",
    ("dispute_id", "order_id", "store_id"), "order_id", "dispute_id",
)  # fmt: skip
COMPLAINTS = Contribution(
    Subject.COMPLAINT, "metrics_complaintcontribution", "tmp_complaint", "tmp_complaint_batch", "complaint_id",
    ("complaint_id", "store_id"), "0", "complaint_id",
)  # fmt: skip


# ── What a batch changes ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Gathered:
    """What a batch changes: rows that differ, and whether any contribution is taken back."""

    rows: int = 0
    taken_back: bool = False

    def __add__(self, other: "Gathered") -> "Gathered":
        return Gathered(self.rows + other.rows, self.taken_back or other.taken_back)


def begin_differences(cursor: CursorWrapper) -> None:
    """Make the empty tables that differences are gathered in."""
    make_temp(cursor, "tmp_delta", no_deltas())
    make_temp(cursor, "tmp_problem", NO_PROBLEMS)


def no_deltas() -> Composable:
    """A counter that a row does not speak of is NULL there, which is stored and summed faster than 0."""
    nothing = {
        counter.name: SQL("CAST(NULL AS BIGINT)" if counter.large else "CAST(NULL AS INTEGER)") for counter in COUNTERS
    }
    return SQL("SELECT CAST(0 AS BIGINT) AS store_id, 0 AS day, {nothing} WHERE 1 = 0").format(nothing=aliased(nothing))


NO_PROBLEMS = SQL("""SELECT 0 AS sign, CAST(0 AS BIGINT) AS store_id, CAST('' AS VARCHAR(24)) AS counter, 0 AS day,
            CAST(0 AS BIGINT) AS order_id, CAST(0 AS BIGINT) AS subject_id WHERE 1 = 0""")


def gather_differences(cursor: CursorWrapper, kind: Contribution) -> Gathered:
    """Compare new contributions with stored ones, store the new, gather the difference."""
    if had := make_temp(cursor, "tmp_old", kind.old_rows):
        make_temp(cursor, "tmp_new", kind.new_rows)
    changed = make_temp(cursor, "tmp_diff", difference(kind) if had else everything_new(kind))
    if changed:
        if had:
            execute(cursor, take_back(kind))
        for statement in (store_new(kind), *gather_counters(kind), *gather_problems(kind)):
            execute(cursor, statement)
        if kind.subject == Subject.ORDER:
            _apply_sites(cursor, taken_back=had > 0)
    return Gathered(changed, changed > 0 and had > 0)


def difference(kind: Contribution) -> Composable:
    """New rows with the sign 1, those that are no more with -1."""
    return SQL("""SELECT 1 AS sign, {columns}
            FROM (SELECT {columns} FROM tmp_new EXCEPT SELECT {columns} FROM tmp_old) n
            UNION ALL
            SELECT -1, {columns} FROM (SELECT {columns} FROM tmp_old EXCEPT SELECT {columns} FROM tmp_new) o""").format(
        columns=columns(kind.columns)
    )


def everything_new(kind: Contribution) -> Composable:
    """Subjects that are new to the facts, all of them in a rebuild, have nothing to be compared with."""
    return SQL("SELECT 1 AS sign, {columns} FROM ({rows}) n").format(columns=columns(kind.columns), rows=kind.new_rows)


def take_back(kind: Contribution) -> Composable:
    """Remove the stored rows that are no more."""
    return SQL("DELETE FROM {table} WHERE ({keys}) IN (SELECT {keys} FROM tmp_diff WHERE sign = -1)").format(
        table=Identifier(kind.table), keys=columns(kind.keys)
    )


def store_new(kind: Contribution) -> Composable:
    """Store the new rows."""
    return SQL("INSERT INTO {table} ({columns}) SELECT {columns} FROM tmp_diff WHERE sign = 1").format(
        table=Identifier(kind.table), columns=columns(kind.columns)
    )


def gather_counters(kind: Contribution) -> list[Composable]:
    """Add up what differs, one statement per anchor."""
    return [
        SQL("""INSERT INTO tmp_delta (store_id, day, {names})
            SELECT store_id, {day}, {sums}
            FROM tmp_diff WHERE {day} IS NOT NULL GROUP BY store_id, {day}""").format(
            names=columns(counter.name for counter in anchor.counters),
            day=Identifier(anchor.day_column),
            sums=comma(map(_sum, anchor.counters)),
        )
        for anchor in anchors_of(kind.subject)
    ]


def _sum(counter: Counter) -> Composable:
    if unit(counter):
        return SQL("SUM(sign)")
    # PostgreSQL sums 64-bit integers as arbitrary-precision numbers, five times slower than 32-bit ones.
    added = "SUM(sign * {name})" if counter.large else "SUM(sign * CAST({name} AS INTEGER))"
    return SQL(added).format(name=Identifier(counter.name))


def gather_problems(kind: Contribution) -> list[Composable]:
    """Note which problem rows come or go, one statement per failure counter."""
    return [
        SQL("""INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
                    SELECT sign, store_id, {counter}, {day}, {order}, {subject}
                    FROM tmp_diff WHERE {day} IS NOT NULL AND {fails}""").format(
            counter=Literal(counter.name),
            day=Identifier(anchor.day_column),
            order=SQL(kind.order_sql),
            subject=SQL(kind.subject_sql),
            fails=_fails(counter),
        )
        for anchor in anchors_of(kind.subject)
        for counter in anchor.counters
        if counter.failure
    ]


def _fails(counter: Counter) -> Composable:
    return SQL("1 = 1") if unit(counter) else SQL("{name} <> 0").format(name=Identifier(counter.name))


# ── What facts and problem rows become ─────────────────────────────────────────────────────────────────────────────


def apply_differences(cursor: CursorWrapper, *, taken_back: bool) -> tuple[int, tuple[int, int] | None]:
    """Add what was gathered to facts and problem rows; returns the number of (store, day) pairs that changed and the
    first and last day among them (day numbers). ``taken_back``: whether anything may have become less."""
    pairs = make_temp(cursor, "tmp_change", changes())
    if pairs:
        execute(cursor, add_to_facts())
        if taken_back:
            analyze(cursor, "tmp_change", ("store_id", "day"))
            execute(cursor, drop_empty_facts())
    _apply_problems(cursor, taken_back=taken_back)
    execute(cursor, SQL("SELECT MIN(day), MAX(day) FROM tmp_change"))
    first, last = cursor.fetchone()
    return pairs, None if first is None else (int(first), int(last))


def changes() -> Composable:
    """SELECT of what each day of a store changes by."""
    sums = {name: SQL("COALESCE(SUM({name}), 0)").format(name=Identifier(name)) for name in COUNTER_NAMES}
    changed = [SQL("SUM({name}) <> 0").format(name=Identifier(name)) for name in COUNTER_NAMES]
    return SQL("SELECT store_id, day, {sums} FROM tmp_delta GROUP BY store_id, day HAVING {any_change}").format(
        sums=aliased(sums), any_change=SQL(" OR ").join(changed)
    )


def add_to_facts() -> Composable:
    """Add the changes to the facts, in the sequence of their index, so that a batch touches each page once."""
    added = [
        SQL("{name} = metrics_fact.{name} + excluded.{name}").format(name=Identifier(name)) for name in COUNTER_NAMES
    ]
    return SQL("""INSERT INTO metrics_fact (store_id, day, {names})
            SELECT store_id, day, {names} FROM tmp_change WHERE 1 = 1 ORDER BY store_id, day
            ON CONFLICT (store_id, day) DO UPDATE SET {added}""").format(
        names=columns(COUNTER_NAMES), added=comma(added)
    )


def drop_empty_facts() -> Composable:
    """Remove the facts that became nothing: where something was counted in addition, there is something."""
    more = [SQL("{name} > 0").format(name=Identifier(counter.name)) for counter in COUNTERS if unit(counter)]
    zero = [SQL("{name} = 0").format(name=Identifier(name)) for name in COUNTER_NAMES]
    return SQL("""DELETE FROM metrics_fact
        WHERE (store_id, day) IN (SELECT store_id, day FROM tmp_change WHERE NOT ({more})) AND {zero}""").format(
        more=SQL(" OR ").join(more), zero=SQL(" AND ").join(zero)
    )


def _apply_problems(cursor: CursorWrapper, *, taken_back: bool) -> None:
    key = columns(PROBLEM_KEY)
    if not taken_back:
        everything = SQL("INSERT INTO metrics_problem ({key}) SELECT {key} FROM tmp_problem ORDER BY {key}")
        execute(cursor, everything.format(key=key))
        return
    summed = SQL("SELECT {key}, SUM(sign) AS sign FROM tmp_problem GROUP BY {key} HAVING SUM(sign) <> 0")
    if make_temp(cursor, "tmp_problem_change", summed.format(key=key)):
        analyze(cursor, "tmp_problem_change", PROBLEM_KEY)
        for statement in change_problems():
            execute(cursor, statement)


def change_problems() -> tuple[Composable, Composable]:
    """Remove the problem rows that are no more, and add the new ones."""
    key = columns(PROBLEM_KEY)
    gone = SQL("""DELETE FROM metrics_problem
            WHERE ({key}) IN (SELECT {key} FROM tmp_problem_change WHERE sign < 0)""")
    new = SQL("""INSERT INTO metrics_problem ({key})
            SELECT {key} FROM tmp_problem_change WHERE sign > 0 ORDER BY {key}""")
    return gone.format(key=key), new.format(key=key)


SITES = SQL("""SELECT store_id, shipped_day AS day, site, SUM(sign) AS shipped FROM tmp_diff
        WHERE shipped_day IS NOT NULL GROUP BY store_id, shipped_day, site HAVING SUM(sign) <> 0""")
ADD_TO_SITES = SQL("""INSERT INTO metrics_sitefact (store_id, day, site, shipped)
        SELECT store_id, day, site, shipped FROM tmp_site WHERE 1 = 1 ORDER BY store_id, day, site
        ON CONFLICT (store_id, day, site) DO UPDATE SET shipped = metrics_sitefact.shipped + excluded.shipped""")
DROP_EMPTY_SITES = SQL("""DELETE FROM metrics_sitefact
            WHERE (store_id, day, site) IN (SELECT store_id, day, site FROM tmp_site WHERE shipped < 0)
                AND shipped = 0""")


def _apply_sites(cursor: CursorWrapper, *, taken_back: bool) -> None:
    """Orders shipped by destination, for the site factor (DM-31)."""
    if not make_temp(cursor, "tmp_site", SITES):
        return
    execute(cursor, ADD_TO_SITES)
    if taken_back:
        analyze(cursor, "tmp_site", ("store_id", "day", "site"))
        execute(cursor, DROP_EMPTY_SITES)
