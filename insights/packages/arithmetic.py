"""Exact division in integer SQL that runs unchanged in DuckDB and SQLite (MX-06): no binary floating point anywhere.

A fraction is divided digit by digit to eighteen places, so that no product leaves 64 bits: terms may have divisors of
up to 9 · 10 to the 17th.
"""

from core.sql import PORTABLE, SQL, Literal

DIGITS = 18
PLACES = 10


def value_of_parts() -> str:
    """Statements that make ``score`` (one row, ``value`` as text with ten decimals, half up, or NULL) from ``parts``
    (name, numerator, denominator, weight): the weighted mean over the parts with a denominator above 0."""
    unit = 10 ** (DIGITS - PLACES)
    # Truncating loses less than a unit of the last place with each term, and so in all at most one unit less than there
    # are terms; a tie between two ten-place numbers must still go up.
    score = SQL("""CREATE TABLE score AS
WITH RECURSIVE terms AS (
    SELECT CASE WHEN numerator < 0 THEN -1 ELSE 1 END AS sign, ABS(numerator) * weight AS dividend,
        denominator * (SELECT SUM(weight) FROM parts WHERE denominator > 0) AS divisor
    FROM parts WHERE denominator > 0),
steps (place, sign, divisor, whole, digits, rest) AS (
    SELECT 0, sign, divisor, dividend / divisor, CAST(0 AS BIGINT), dividend % divisor FROM terms
    UNION ALL
    SELECT place + 1, sign, divisor, whole, digits * 10 + rest * 10 / divisor, rest * 10 % divisor
    FROM steps WHERE place < {digits}),
added AS (
    SELECT MIN(sign) AS sign, SUM(whole) AS whole, (SUM(digits) + COUNT(*) - 1 + {half_unit}) / {unit} AS digits
    FROM steps WHERE place = {digits})
SELECT CASE WHEN sign < 0 AND whole + digits > 0 THEN '-' ELSE '' END || CAST(whole + digits / {one} AS VARCHAR)
    || '.' || SUBSTR(CAST({one} + digits % {one} AS VARCHAR), 2) AS value
FROM added;
""")
    return score.format(
        digits=Literal(DIGITS), half_unit=Literal(unit // 2), unit=Literal(unit), one=Literal(10**PLACES)
    ).text(PORTABLE)
