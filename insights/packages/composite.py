"""Composite scores in a data package (DP-06, TM-05): the policy's weights and knots as rows of data, and SQL that makes
sub-scores of the parts' values and the score of the sub-scores, with integers only.

Everything that a row says is scaled to integers: ``weight`` by all weights' common denominator, knots by ``at_scale``
and ``score_scale``, so that the SQL compares and adds exactly.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import lcm

from core.sql import PORTABLE, SQL, Composable, Literal
from insights.packages.arithmetic import value_of_parts
from insights.packages.plan import Counted, Plan
from insights.packages.totals import PART_SUMS, lower_sql, totals, upper_sql
from metrics.catalogue import Kind
from metrics.rules.composites import Scale
from rulebook.rules import rounded

PLACES = 10
SCORED = """CREATE TABLE scored AS
SELECT m.metric, m.denominator, p.weight, p.score_scale,
    CASE WHEN p.top IS NULL THEN m.numerator * p.at_scale
        ELSE ABS(m.numerator * p.at_scale - p.top * m.denominator) END AS reach
FROM measured m JOIN score_parts p ON p.metric = m.metric
WHERE p.has_feeds AND p.applies AND m.denominator > 0 AND m.number >= p.least;
"""
# At or before the first knot its score holds, after the last one that one's; in between on a straight line.
PARTS = """CREATE TABLE parts AS
SELECT s.metric AS name, k.knot_score AS numerator, s.score_scale AS denominator, s.weight AS weight
FROM scored s JOIN score_knots k ON k.metric = s.metric
WHERE k.place = 1 AND s.reach <= k.knot_at * s.denominator
UNION ALL
SELECT s.metric, k.knot_score, s.score_scale, s.weight
FROM scored s JOIN score_knots k ON k.metric = s.metric
WHERE k.place = (SELECT MAX(e.place) FROM score_knots e WHERE e.metric = s.metric)
    AND s.reach > k.knot_at * s.denominator
UNION ALL
SELECT s.metric, a.knot_score * (b.knot_at - a.knot_at) * s.denominator
    + (b.knot_score - a.knot_score) * (s.reach - a.knot_at * s.denominator),
    (b.knot_at - a.knot_at) * s.denominator * s.score_scale, s.weight
FROM scored s JOIN score_knots a ON a.metric = s.metric JOIN score_knots b ON b.metric = a.metric
WHERE b.place = a.place + 1 AND s.reach > a.knot_at * s.denominator AND s.reach <= b.knot_at * s.denominator;
"""


def composite_steps(plan: Plan) -> Iterator[str]:
    """The statements from ``sums`` to ``result``."""
    yield "-- Each part's value: numerator by denominator; number: what sufficiency looks at (MX-05)."
    measured = SQL(" UNION ALL ").join(map(_measured, plan.counted))
    yield SQL("CREATE TABLE measured AS\n{measured};\n").format(measured=measured).text(PORTABLE)
    yield "-- The parts that count; reach: where the value, or its distance from the top, lies among the knots,"
    yield "-- times the denominator."
    yield SCORED
    yield "-- Their sub-scores, and the mean of these by weight."
    yield PARTS
    yield value_of_parts()
    result = SQL(
        "CREATE TABLE result AS SELECT {metric} AS metric, NULL AS numerator, NULL AS denominator,"
        " (SELECT value FROM score) AS value;\n"
    )
    yield result.format(metric=Literal(plan.metric.code)).text(PORTABLE)


def _measured(one: Counted) -> Composable:
    return SQL("SELECT {metric} AS metric, {measure} FROM ({totals}) t").format(
        metric=Literal(one.metric.code), measure=_measure(one), totals=totals(one)
    )


def _measure(one: Counted) -> Composable:
    """Numerator, denominator and number of a part, in the columns of `totals`."""
    if one.metric.kind != Kind.STARS:
        return SQL("{upper} AS numerator, ({lower}) * {per} AS denominator, {lower} AS number").format(
            upper=upper_sql(one), lower=lower_sql(one), per=Literal(one.metric.per)
        )
    if one.metric.code != "shipping":
        upper, lower = PART_SUMS[one.metric.code]
        measure = SQL("{upper} AS numerator, {lower} AS denominator, {lower} AS number")
        return measure.format(upper=upper, lower=lower)
    (a, dispatched), (c, delivered) = PART_SUMS["dispatch"], PART_SUMS["delivery"]
    b, d = (SQL("({lower})").format(lower=lower) for lower in (dispatched, delivered))
    return SQL("""{upper} AS numerator,
    CASE WHEN {b} > 0 AND {d} > 0 THEN 2 * {b} * {d} WHEN {b} > 0 THEN {b} ELSE {d} END AS denominator,
    CASE WHEN {b} > {d} THEN {b} ELSE {d} END AS number""").format(
        upper=SQL("CASE WHEN {b} > 0 AND {d} > 0 THEN {a} * {d} + {c} * {b} WHEN {b} > 0 THEN {a} ELSE {c} END").format(
            a=a, b=b, c=c, d=d
        ),
        b=b,
        d=d,
    )


def part_rows(plan: Plan) -> Iterator[tuple[object, ...]]:
    """Rows of ``score_parts.csv``."""
    rows = plan.composition
    scale = lcm(*(row.weight.denominator for row in rows))
    for one, row in zip(plan.counted, rows, strict=True):
        at_scale, score_scale = scales_of(row.scale)
        top = row.scale.top if row.scale else None
        yield (
            row.code, row.metric.rule, str(row.metric.calendar), one.first.isoformat(), one.day.isoformat(),
            int(row.weight * scale), _decimal(row.weight), one.policy.metrics[row.code].min_denominator,
            None if top is None else int(top * at_scale), at_scale, score_scale,
            one.has_feeds, row.scale is not None, row.why,
        )  # fmt: skip


def knot_rows(plan: Plan) -> Iterator[tuple[object, ...]]:
    """Rows of ``score_knots.csv``."""
    for row in plan.composition:
        at_scale, score_scale = scales_of(row.scale)
        for place, (at, score) in enumerate(row.scale.points if row.scale else (), start=1):
            yield row.code, place, int(at * at_scale), int(score * score_scale), _decimal(at), _decimal(score)


def scales_of(scale: Scale | None) -> tuple[int, int]:
    """What makes integers of where knots lie (and their top), and of their scores."""
    if scale is None:
        return 1, 1
    top = scale.top or Fraction()
    return (
        lcm(top.denominator, *(at.denominator for at, _score in scale.points)),
        lcm(*(score.denominator for _at, score in scale.points)),
    )


def _decimal(value: Fraction) -> str:
    """For readers: at most ten decimals."""
    text = format(rounded(value, PLACES), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
