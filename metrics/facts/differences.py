"""New contributions against old ones, and the difference added to facts and problem rows (MX-02)."""

from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from metrics.counters import COUNTERS, Counter, Subject, anchors_of, unit
from metrics.facts.sql import analyze, make_temp

COUNTER_NAMES = tuple(counter.name for counter in COUNTERS)


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
    def new_rows(self) -> str:
        """SELECT of what the subjects in the view contribute; subjects that count nowhere have no row."""
        days, amounts = [], []
        for anchor in anchors_of(self.subject):
            days.append(f"{anchor.day_sql} AS {anchor.day_column}")
            amounts.append(anchor.day_column)
            amounts += [
                f"CASE WHEN {anchor.day_column} IS NOT NULL THEN {counter.amount} END AS {counter.name}"
                for counter in anchor.counters
                if not unit(counter)
            ]
        day_columns = [anchor.day_column for anchor in anchors_of(self.subject)]
        counts = f"COALESCE({', '.join(day_columns)}, NULL) IS NOT NULL"
        return f"""SELECT {", ".join((*self.keys, *amounts))}
            FROM (SELECT v.*, {", ".join(days)} FROM {self.view} v) dated WHERE {counts}"""


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


def begin_differences(cursor: CursorWrapper) -> None:
    """Make the empty tables that differences are gathered in. A counter that a row does not speak of is NULL there,
    which is stored and summed faster than 0."""
    nothing = ", ".join(
        f"CAST(NULL AS {'BIGINT' if counter.large else 'INTEGER'}) AS {counter.name}" for counter in COUNTERS
    )
    make_temp(cursor, "tmp_delta", f"SELECT CAST(0 AS BIGINT) AS store_id, 0 AS day, {nothing} WHERE 1 = 0")
    make_temp(
        cursor,
        "tmp_problem",
        """SELECT 0 AS sign, CAST(0 AS BIGINT) AS store_id, CAST('' AS VARCHAR(24)) AS counter, 0 AS day,
            CAST(0 AS BIGINT) AS order_id, CAST(0 AS BIGINT) AS subject_id WHERE 1 = 0""",
    )


@dataclass(frozen=True)
class Gathered:
    """What a batch changes: rows that differ, and whether any contribution is taken back."""

    rows: int = 0
    taken_back: bool = False

    def __add__(self, other: "Gathered") -> "Gathered":
        return Gathered(self.rows + other.rows, self.taken_back or other.taken_back)


def gather_differences(cursor: CursorWrapper, kind: Contribution) -> Gathered:
    """Compare new contributions with stored ones, store the new, gather the difference."""
    columns = ", ".join(kind.columns)
    # CROSS JOIN has SQLite begin at the batch, whatever it believes of the tables' sizes.
    old = f"""SELECT {columns} FROM (SELECT id AS taken FROM {kind.batch}) b
        CROSS JOIN {kind.table} WHERE {kind.batch_column} = taken"""
    if had := make_temp(cursor, "tmp_old", old):
        make_temp(cursor, "tmp_new", kind.new_rows)
        difference = f"""SELECT 1 AS sign, {columns}
            FROM (SELECT {columns} FROM tmp_new EXCEPT SELECT {columns} FROM tmp_old) n
            UNION ALL
            SELECT -1, {columns} FROM (SELECT {columns} FROM tmp_old EXCEPT SELECT {columns} FROM tmp_new) o"""
    else:
        # Subjects that are new to the facts, all of them in a rebuild, have nothing to be compared with.
        difference = f"SELECT 1 AS sign, {columns} FROM ({kind.new_rows}) n"
    changed = make_temp(cursor, "tmp_diff", difference)
    if changed:
        _store(cursor, kind, columns, taken_back=had > 0)
        _gather_counters(cursor, kind)
        _gather_problems(cursor, kind)
        if kind.subject == Subject.ORDER:
            _apply_sites(cursor, taken_back=had > 0)
    return Gathered(changed, changed > 0 and had > 0)


def apply_differences(cursor: CursorWrapper, *, taken_back: bool) -> tuple[int, tuple[int, int] | None]:
    """Add what was gathered to facts and problem rows; returns the number of (store, day) pairs that changed and the
    first and last day among them (day numbers). ``taken_back``: whether anything may have become less."""
    sums = ", ".join(f"COALESCE(SUM({name}), 0) AS {name}" for name in COUNTER_NAMES)
    any_change = " OR ".join(f"SUM({name}) <> 0" for name in COUNTER_NAMES)
    pairs = make_temp(
        cursor,
        "tmp_change",
        f"SELECT store_id, day, {sums} FROM tmp_delta GROUP BY store_id, day HAVING {any_change}",
    )
    if pairs:
        names = ", ".join(COUNTER_NAMES)
        adds = ", ".join(f"{name} = metrics_fact.{name} + excluded.{name}" for name in COUNTER_NAMES)
        cursor.execute(f"""INSERT INTO metrics_fact (store_id, day, {names})
            SELECT store_id, day, {names} FROM tmp_change WHERE 1 = 1
            ON CONFLICT (store_id, day) DO UPDATE SET {adds}""")
        if taken_back:
            _drop_empty_facts(cursor)
    _apply_problems(cursor, taken_back=taken_back)
    cursor.execute("SELECT MIN(day), MAX(day) FROM tmp_change")
    first, last = cursor.fetchone()
    return pairs, None if first is None else (int(first), int(last))


def _drop_empty_facts(cursor: CursorWrapper) -> None:
    analyze(cursor, "tmp_change", "store_id, day")
    zero = " AND ".join(f"{name} = 0" for name in COUNTER_NAMES)
    cursor.execute(f"""DELETE FROM metrics_fact
        WHERE (store_id, day) IN (SELECT store_id, day FROM tmp_change) AND {zero}""")


def _store(cursor: CursorWrapper, kind: Contribution, columns: str, *, taken_back: bool) -> None:
    if taken_back:
        keys = ", ".join(kind.keys)
        cursor.execute(f"DELETE FROM {kind.table} WHERE ({keys}) IN (SELECT {keys} FROM tmp_diff WHERE sign = -1)")
    cursor.execute(f"INSERT INTO {kind.table} ({columns}) SELECT {columns} FROM tmp_diff WHERE sign = 1")


def _gather_counters(cursor: CursorWrapper, kind: Contribution) -> None:
    for anchor in anchors_of(kind.subject):
        names = ", ".join(counter.name for counter in anchor.counters)
        sums = ", ".join(_sum(counter) for counter in anchor.counters)
        cursor.execute(f"""INSERT INTO tmp_delta (store_id, day, {names})
            SELECT store_id, {anchor.day_column}, {sums}
            FROM tmp_diff WHERE {anchor.day_column} IS NOT NULL GROUP BY store_id, {anchor.day_column}""")


def _sum(counter: Counter) -> str:
    if unit(counter):
        return "SUM(sign)"
    # PostgreSQL sums 64-bit integers as arbitrary-precision numbers, five times slower than 32-bit ones.
    return f"SUM(sign * {counter.name})" if counter.large else f"SUM(sign * CAST({counter.name} AS INTEGER))"


def _gather_problems(cursor: CursorWrapper, kind: Contribution) -> None:
    for anchor in anchors_of(kind.subject):
        for counter in anchor.counters:
            if counter.failure:
                fails = "1 = 1" if unit(counter) else f"{counter.name} <> 0"
                cursor.execute(f"""INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
                    SELECT sign, store_id, '{counter.name}', {anchor.day_column}, {kind.order_sql}, {kind.subject_sql}
                    FROM tmp_diff WHERE {anchor.day_column} IS NOT NULL AND {fails}""")


def _apply_problems(cursor: CursorWrapper, *, taken_back: bool) -> None:
    key = "store_id, counter, day, order_id, subject_id"
    if not taken_back:
        cursor.execute(f"INSERT INTO metrics_problem ({key}) SELECT {key} FROM tmp_problem")
        return
    changed = make_temp(
        cursor,
        "tmp_problem_change",
        f"SELECT {key}, SUM(sign) AS sign FROM tmp_problem GROUP BY {key} HAVING SUM(sign) <> 0",
    )
    if changed:
        analyze(cursor, "tmp_problem_change", key)
        cursor.execute(f"""DELETE FROM metrics_problem
            WHERE ({key}) IN (SELECT {key} FROM tmp_problem_change WHERE sign < 0)""")
        cursor.execute(f"""INSERT INTO metrics_problem ({key})
            SELECT {key} FROM tmp_problem_change WHERE sign > 0""")


def _apply_sites(cursor: CursorWrapper, *, taken_back: bool) -> None:
    """Orders shipped by destination, for the site factor (DM-31)."""
    changed = make_temp(
        cursor,
        "tmp_site",
        """SELECT store_id, shipped_day AS day, site, SUM(sign) AS shipped FROM tmp_diff
        WHERE shipped_day IS NOT NULL GROUP BY store_id, shipped_day, site HAVING SUM(sign) <> 0""",
    )
    if not changed:
        return
    cursor.execute("""INSERT INTO metrics_sitefact (store_id, day, site, shipped)
        SELECT store_id, day, site, shipped FROM tmp_site WHERE 1 = 1
        ON CONFLICT (store_id, day, site) DO UPDATE SET shipped = metrics_sitefact.shipped + excluded.shipped""")
    if taken_back:
        analyze(cursor, "tmp_site", "store_id, day, site")
        cursor.execute("""DELETE FROM metrics_sitefact
            WHERE (store_id, day, site) IN (SELECT store_id, day, site FROM tmp_site) AND shipped = 0""")
