"""Exact division in integer SQL that runs unchanged in DuckDB and SQLite (MX-06): no binary floating point anywhere.

A fraction is divided digit by digit, three at a time, to eighteen places, so that no product leaves 64 bits.
"""

STEPS = 6
DIGITS = 3 * STEPS
# Truncating each of several terms may lose up to one unit of the last of 18 places each; a tie between two ten-place
# numbers must still go up.
SLACK = 5
PLACES = 10
TERMS = """terms AS (
    SELECT CASE WHEN numerator < 0 THEN -1 ELSE 1 END AS sign, ABS(numerator) * weight AS dividend,
        denominator * (SELECT SUM(weight) FROM parts WHERE denominator > 0) AS divisor
    FROM parts WHERE denominator > 0)"""


def value_of_parts() -> str:
    """Statements that make ``score`` (one row, ``value`` as text with ten decimals, half up, or NULL) from ``parts``
    (name, numerator, denominator, weight): the weighted mean over the parts with a denominator above 0."""
    first = """step0 AS (
    SELECT sign, divisor, dividend / divisor AS whole, 0 AS digits, dividend % divisor AS rest FROM terms)"""
    steps = (
        f"""step{step} AS (
    SELECT sign, divisor, whole, digits * 1000 + rest * 1000 / divisor AS digits, rest * 1000 % divisor AS rest
    FROM step{step - 1})"""
        for step in range(1, STEPS + 1)
    )
    unit = 10 ** (DIGITS - PLACES)
    added = f"""added AS (
    SELECT MIN(sign) AS sign, SUM(whole) AS whole,
        (SUM(digits) + CASE WHEN COUNT(*) > 1 THEN {SLACK} ELSE 0 END + {unit // 2}) / {unit} AS digits
    FROM step{STEPS})"""
    one = 10**PLACES
    return f"""CREATE TABLE score AS
WITH {", ".join((TERMS, first, *steps, added))}
SELECT CASE WHEN sign < 0 AND whole + digits > 0 THEN '-' ELSE '' END || CAST(whole + digits / {one} AS VARCHAR)
    || '.' || SUBSTR(CAST({one} + digits % {one} AS VARCHAR), 2) AS value
FROM added;
"""
