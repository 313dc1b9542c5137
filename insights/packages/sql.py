"""The SQL of a data package (DM-32): made of the declarations and views that fill the facts, for DuckDB and SQLite."""

from collections.abc import Iterator
from fractions import Fraction
from math import lcm

from core.timebase import day_number
from insights.explanation.absence import why_no_value
from insights.explanation.tallies import VIEWS
from insights.packages.arithmetic import value_of_parts
from insights.packages.composite import composite_steps
from insights.packages.plan import Counted, Plan
from insights.packages.tables import SCORE_TABLES, TABLES, Table
from insights.packages.totals import PART_SUMS, lower_sql, totals, upper_sql
from metrics.catalogue import Kind
from metrics.counters import ANCHOR_OF, COUNTERS
from metrics.facts.orderview import complaint_view, dispute_view, order_views, review_view, wait_view
from metrics.facts.sql import PORTABLE, View
from metrics.rules.rating import PARTS, is_rated_type

COUNTER_OF = {counter.name: counter for counter in COUNTERS}
OF_METRIC: dict[str, tuple[str, ...]] = {
    "dsr": PARTS,
    "described": ("described",),
    "communication": ("communication",),
    "shipping": ("dispatch", "delivery"),
}


def load_duckdb(plan: Plan) -> str:
    """The preamble that takes the files into DuckDB: text as it stands, typed by ``reproduce.sql``."""
    return "".join(
        [
            "-- Run in the folder of the files. Integers divide as in SQLite.\nSET integer_division = true;\n",
            *(f"{_raw_table(table)}{_copy(table)}" for table in tables_of(plan)),
        ]
    )


def load_sqlite(plan: Plan) -> str:
    """The preamble that takes the files into SQLite by its shell."""
    lines = (
        f"{_raw_table(table)}.import --csv --skip 1 {table.file}.csv csv_{table.file}\n" for table in tables_of(plan)
    )
    return "-- Run in the folder of the files, with SQLite's shell.\n.bail on\n" + "".join(lines)


def tables_of(plan: Plan) -> tuple[Table, ...]:
    """The files of rows: the stored ones, and for composite scores the policy's as rows."""
    return (*TABLES, *SCORE_TABLES) if plan.is_composite else TABLES


def _raw_table(table: Table) -> str:
    columns = ", ".join(f'"{heading}" VARCHAR' for heading in table.headings)
    return f"CREATE TABLE csv_{table.file} ({columns});\n"


def _copy(table: Table) -> str:
    names = ", ".join(f"'{heading}': 'VARCHAR'" for heading in table.headings)
    return (
        f"INSERT INTO csv_{table.file} SELECT * FROM read_csv('{table.file}.csv', header = true, auto_detect = false,"
        f" delim = ',', quote = '\"', escape = '\"', columns = {{{names}}});\n"
    )


def reproduce(plan: Plan) -> str:
    """The script that makes the number again, step by step, and shows it."""
    value = plan.metric
    number = composite_steps(plan) if plan.is_composite else _number_steps(plan)
    return "\n".join(
        [
            f"-- {value.code} ({value.rule}) of {_comment(plan.store.store_no)} on {plan.day}, window {plan.first} …",
            "-- Needs the tables that load_duckdb.sql or load_sqlite.sql fills. Instants are epoch seconds (UTC).\n",
            "-- 1. The stored rows, typed.",
            *(_typed(table) for table in tables_of(plan)),
            "-- 2. What each order, wait, dispute and complaint comes to (MX).",
            *_views(),
            f"-- 3. Counted in windows of days since 1970-01-01; the last is {day_number(plan.day)}.",
            _sums(plan),
            _events(plan),
            "-- 4. The number.",
            *number,
            "SELECT metric, numerator, denominator, value FROM result;",
            "",
        ]
    )


def _comment(text: str) -> str:
    return " ".join(text.split())


def _typed(table: Table) -> str:
    columns = ", ".join(f'{column.load_sql} AS "{column.name}"' for column in table.columns)
    made = f"CREATE TABLE {table.table} AS SELECT {columns} FROM csv_{table.file};\n"
    key = "order_id" if "order_id" in table.headings else table.headings[0]
    return f"{made}CREATE INDEX {table.table}_key ON {table.table} ({key});\n"


def _views() -> Iterator[str]:
    yield "CREATE TABLE tmp_batch AS SELECT id FROM orders_order;\n"
    yield "CREATE TABLE tmp_complaint_batch AS SELECT id FROM disputes_copyrightcomplaint;\n"
    views: list[View] = [
        review_view(PORTABLE),
        *order_views(PORTABLE, shadows=True),
        wait_view(),
        dispute_view(),
        complaint_view(),
    ]
    for view in views:
        yield f"CREATE TABLE {view.name} AS\n{view.select};\n"
        yield f"CREATE INDEX {view.name}_key ON {view.name} ({view.key});\n"


def _sums(plan: Plan) -> str:
    """One row per metric and counter: the declaration that fills the facts, added up over the metric's window."""
    selects = []
    for one in plan.counted:
        for name in one.counters:
            anchor, view = ANCHOR_OF[name], VIEWS[ANCHOR_OF[name].subject][0]
            amount = COUNTER_OF[name].amount or "1"
            selects.append(f"""SELECT '{one.metric.code}' AS metric, '{name}' AS counter, (
    SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM (
    SELECT {anchor.day_sql} AS day, {amount} AS amount FROM {view}) counted
    WHERE day BETWEEN {one.reach.first} AND {one.reach.last}) AS total""")
    return f"CREATE TABLE sums AS\n{' UNION ALL '.join(selects)};\n"


def _events(plan: Plan) -> str:
    """Every event of a metric's window: counted (``rule`` empty) or left out, with the rule that left it out."""
    selects = []
    for one in plan.counted:
        for tally in one.tallies:
            rules = " ".join(f"WHEN {n} THEN {_text(row.rule)}" for n, row in enumerate(tally.conditions, 1))
            texts = " ".join(f"WHEN {n} THEN {_text(str(row.text))}" for n, row in enumerate(tally.conditions, 1))
            whys = f"CASE reason {rules} ELSE '' END" if rules else "''"
            words = f"CASE reason {texts} ELSE '' END" if rules else "''"
            selects.append(f"""SELECT '{one.metric.code}' AS metric, '{tally.name}' AS counter, order_id, subject_id,
day, {whys} AS rule, {words} AS why
FROM ({tally.rows_sql(one.reach.first, one.reach.last)}) found""")
    return f"CREATE TABLE events AS\n{' UNION ALL '.join(selects)};\n"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _number_steps(plan: Plan) -> list[str]:
    """The number of a metric that is not composite."""
    (one,) = plan.counted
    return [f"CREATE TABLE totals AS {totals(one)};\n", _parts(plan, one), value_of_parts(), _result(plan, one)]


def _parts(plan: Plan, one: Counted) -> str:
    """What is divided by what, with weights: one fraction, or the parts of the rating."""
    metric = plan.metric
    if metric.kind == Kind.STARS:
        selects = [
            f"SELECT '{name}' AS name, {PART_SUMS[name][0]} AS numerator, {PART_SUMS[name][1]} AS denominator,"
            f" {_weight(plan, name)} AS weight FROM totals"
            for name in OF_METRIC[metric.code]
        ]
    else:
        divisor = f"({lower_sql(one)}) * {metric.per}" if metric.lower else str(metric.per)
        selects = [
            f"SELECT 'value' AS name, {upper_sql(one)} AS numerator, {divisor} AS denominator, 1 AS weight FROM totals"
        ]
    return f"CREATE TABLE parts AS\n{' UNION ALL '.join(selects)};\n"


def _weight(plan: Plan, part: str) -> str:
    """The weight of a part as an integer; for a store of valuable goods it hangs on the mean order value (SR-09)."""
    if plan.metric.code != "dsr":
        return "1"
    rules = plan.policy.rating
    scale = lcm(*(Fraction(getattr(chosen, name)).denominator for chosen in _weights(plan) for name in PARTS))
    plain = int(Fraction(getattr(rules.weights, part)) * scale)
    in_time = rules.high_value_until is None or plan.day <= rules.high_value_until
    if not in_time or "high_value" not in plan.store_day.store.category_on(plan.day).flags:
        return str(plain)
    least = Fraction(rules.high_value_min_usd) * 100
    uplifted = int(Fraction(getattr(rules.high_value_weights, part)) * scale)
    return (
        f"CASE WHEN r_value_n > 0 AND r_value_cents_usd * {least.denominator} >= r_value_n * {least.numerator}"
        f" THEN {uplifted} ELSE {plain} END"
    )


def _weights(plan: Plan) -> tuple[object, ...]:
    return plan.policy.rating.weights, plan.policy.rating.high_value_weights


def _result(plan: Plan, one: Counted) -> str:
    """The number with its numerator and denominator, as exported: both empty for scores and sums."""
    metric = plan.metric
    ratio = bool(metric.lower) and metric.kind != Kind.STARS and one.has_feeds
    numerator, denominator = (upper_sql(one), lower_sql(one)) if ratio else ("NULL", "NULL")
    return f"""CREATE TABLE result AS SELECT '{metric.code}' AS metric, {numerator} AS numerator,
    {denominator} AS denominator, {_value(plan, one)} AS value FROM totals;
"""


def _value(plan: Plan, one: Counted) -> str:
    why = _comment(why_no_value(plan.store_day, plan.metric.code))
    if not one.has_feeds:
        return f"NULL /* {why} */"
    score = "(SELECT value FROM score)"
    if plan.metric.code != "dsr":
        return score
    if not is_rated_type(plan.policy, plan.store_day.store.store_type):
        return f"NULL /* {why} */"
    return f"CASE WHEN described_n > 0 THEN {score} END"
