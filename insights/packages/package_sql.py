"""The SQL of a data package (DM-32): made of the declarations and views that fill the facts, for DuckDB and SQLite."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from math import lcm

from core.sql import PORTABLE, SQL, Composable, Identifier, Literal, Quoted, View, columns, comma
from core.timebase import day_number
from insights.explanation.absence import why_no_value
from insights.explanation.tallies import VIEWS, Tally
from insights.packages.arithmetic import value_of_parts
from insights.packages.composite import composite_steps
from insights.packages.package_files import SCORE_TABLES, TABLES, Table
from insights.packages.plan import Counted, Plan
from insights.packages.totals import PART_SUMS, lower_sql, totals, upper_sql
from metrics.catalogue import Kind
from metrics.counters import ANCHOR_OF, COUNTERS
from metrics.facts.orderview import complaint_view, dispute_view, order_views, review_view, wait_view
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
    headings = comma(SQL("{heading} VARCHAR").format(heading=Quoted(heading)) for heading in table.headings)
    raw = SQL("CREATE TABLE {raw} ({headings});\n").format(raw=_raw(table), headings=headings)
    return raw.text(PORTABLE)


def _raw(table: Table) -> Identifier:
    return Identifier(f"csv_{table.file}")


def _copy(table: Table) -> str:
    types = comma(SQL("{heading}: 'VARCHAR'").format(heading=Literal(heading)) for heading in table.headings)
    return (
        SQL(
            "INSERT INTO {raw} SELECT * FROM read_csv({file}, header = true, auto_detect = false,"
            " delim = ',', quote = '\"', escape = '\"', columns = {{{types}}});\n"
        )
        .format(raw=_raw(table), file=Literal(f"{table.file}.csv"), types=types)
        .text(PORTABLE)
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
    typed = comma(
        SQL("{value} AS {name}").format(value=column.load_sql, name=Quoted(column.name)) for column in table.columns
    )
    key = "order_id" if "order_id" in table.headings else table.headings[0]
    return (
        SQL("CREATE TABLE {table} AS SELECT {typed} FROM {raw};\nCREATE INDEX {index} ON {table} ({key});\n")
        .format(
            table=Identifier(table.table),
            typed=typed,
            raw=_raw(table),
            index=Identifier(f"{table.table}_key"),
            key=Identifier(key),
        )
        .text(PORTABLE)
    )


def _views() -> Iterator[str]:
    yield "CREATE TABLE tmp_batch AS SELECT id FROM orders_order;\n"
    yield "CREATE TABLE tmp_complaint_batch AS SELECT id FROM disputes_copyrightcomplaint;\n"
    views: list[View] = [
        review_view(has_text=SQL("v.has_text")),
        *order_views(shadows=True),
        wait_view(),
        dispute_view(),
        complaint_view(),
    ]
    for view in views:
        name, index = Identifier(view.name), Identifier(f"{view.name}_key")
        yield SQL("CREATE TABLE {name} AS\n{select};\n").format(name=name, select=view.select).text(PORTABLE)
        key = columns(view.key)
        yield SQL("CREATE INDEX {index} ON {name} ({key});\n").format(index=index, name=name, key=key).text(PORTABLE)


def _table_of(name: str, selects: Iterable[Composable]) -> str:
    """The statement that makes a table of the rows of all SELECTs."""
    rows = SQL(" UNION ALL ").join(selects)
    return SQL("CREATE TABLE {name} AS\n{rows};\n").format(name=Identifier(name), rows=rows).text(PORTABLE)


def _sums(plan: Plan) -> str:
    """One row per metric and counter: the declaration that fills the facts, added up over the metric's window."""
    return _table_of("sums", (_sum(one, name) for one in plan.counted for name in one.counters))


def _sum(one: Counted, name: str) -> Composable:
    anchor = ANCHOR_OF[name]
    return SQL("""SELECT {metric} AS metric, {counter} AS counter, (
    SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM (
    SELECT {day} AS day, {amount} AS amount FROM {view}) counted
    WHERE day BETWEEN {first} AND {last}) AS total""").format(
        metric=Literal(one.metric.code),
        counter=Literal(name),
        day=anchor.day_sql,
        amount=COUNTER_OF[name].amount or SQL("1"),
        view=Identifier(VIEWS[anchor.subject][0]),
        first=Literal(one.reach.first),
        last=Literal(one.reach.last),
    )


def _events(plan: Plan) -> str:
    """Every event of a metric's window: counted (``rule`` empty) or left out, with the rule that left it out."""
    return _table_of("events", (_tallied(one, tally) for one in plan.counted for tally in one.tallies))


def _tallied(one: Counted, tally: Tally) -> Composable:
    return SQL("""SELECT {metric} AS metric, {counter} AS counter, order_id, subject_id,
day, {rule} AS rule, {why} AS why
FROM ({rows}) found""").format(
        metric=Literal(one.metric.code),
        counter=Literal(tally.name),
        rule=_by_reason([condition.rule for condition in tally.conditions]),
        why=_by_reason([str(condition.text) for condition in tally.conditions]),
        rows=tally.rows_sql(one.reach.first, one.reach.last),
    )


def _by_reason(texts: Sequence[str]) -> Composable:
    """The text of the reason, counted from 1; empty for what counts."""
    if not texts:
        return Literal("")
    cases = SQL(" ").join(
        SQL("WHEN {place} THEN {text}").format(place=Literal(place), text=Literal(text))
        for place, text in enumerate(texts, 1)
    )
    return SQL("CASE reason {cases} ELSE '' END").format(cases=cases)


def _number_steps(plan: Plan) -> list[str]:
    """The number of a metric that is not composite."""
    (one,) = plan.counted
    made = SQL("CREATE TABLE totals AS {totals};\n").format(totals=totals(one))
    return [made.text(PORTABLE), _parts(plan, one), value_of_parts(), _result(plan, one)]


def _parts(plan: Plan, one: Counted) -> str:
    """What is divided by what, with weights: one fraction, or the parts of the rating."""
    metric = plan.metric
    if metric.kind == Kind.STARS:
        return _table_of(
            "parts", (_part(name, *PART_SUMS[name], _weight(plan, name)) for name in OF_METRIC[metric.code])
        )
    per = Literal(metric.per)
    divisor = SQL("({lower}) * {per}").format(lower=lower_sql(one), per=per) if metric.lower else per
    return _table_of("parts", [_part("value", upper_sql(one), divisor, Literal(1))])


def _part(name: str, upper: Composable, lower: Composable, weight: Composable) -> Composable:
    return SQL(
        "SELECT {name} AS name, {upper} AS numerator, {lower} AS denominator, {weight} AS weight FROM totals"
    ).format(name=Literal(name), upper=upper, lower=lower, weight=weight)


def _weight(plan: Plan, part: str) -> Composable:
    """The weight of a part as an integer; for a store of valuable goods it depends on the mean order value (SR-09)."""
    if plan.metric.code != "dsr":
        return Literal(1)
    rules = plan.policy.rating
    scale = lcm(*(Fraction(getattr(chosen, name)).denominator for chosen in _weights(plan) for name in PARTS))
    plain = Literal(int(Fraction(getattr(rules.weights, part)) * scale))
    in_time = rules.high_value_until is None or plan.day <= rules.high_value_until
    if not in_time or "high_value" not in plan.store_day.store.category_on(plan.day).flags:
        return plain
    least = Fraction(rules.high_value_min_usd) * 100
    return SQL(
        "CASE WHEN r_value_n > 0 AND r_value_cents_usd * {denominator} >= r_value_n * {numerator}"
        " THEN {uplifted} ELSE {plain} END"
    ).format(
        denominator=Literal(least.denominator),
        numerator=Literal(least.numerator),
        uplifted=Literal(int(Fraction(getattr(rules.high_value_weights, part)) * scale)),
        plain=plain,
    )


def _weights(plan: Plan) -> tuple[object, ...]:
    return plan.policy.rating.weights, plan.policy.rating.high_value_weights


def _result(plan: Plan, one: Counted) -> str:
    """The number with its numerator and denominator, as exported: both empty for scores and sums."""
    metric = plan.metric
    ratio = bool(metric.lower) and metric.kind != Kind.STARS and one.has_feeds
    return (
        SQL("""CREATE TABLE result AS SELECT {metric} AS metric, {numerator} AS numerator,
    {denominator} AS denominator, {value} AS value FROM totals;
""")
        .format(
            metric=Literal(metric.code),
            numerator=upper_sql(one) if ratio else Literal(None),
            denominator=lower_sql(one) if ratio else Literal(None),
            value=_value(plan, one),
        )
        .text(PORTABLE)
    )


def _value(plan: Plan, one: Counted) -> Composable:
    why = _comment(why_no_value(plan.store_day, plan.metric.code))
    nothing = SQL("NULL /* {why} */").format(why=SQL(why))
    if not one.has_feeds:
        return nothing
    score = SQL("(SELECT value FROM score)")
    if plan.metric.code != "dsr":
        return score
    if not is_rated_type(plan.policy, plan.store_day.store.store_type):
        return nothing
    return SQL("CASE WHEN described_n > 0 THEN {score} END").format(score=score)
