"""The README of a data package."""

from insights.explanation.absence import why_no_value
from insights.explanation.explaining import formula_of
from insights.packages.plan import Plan

HEAD = """\
Raw data package
================

Store   {store}
Metric  {title} ({code}, rule {rule})
Day     {day} ({calendar} calendar), window {first} to {day}, {days} days
Formula {formula}
"""
HEAD_OF_SCORE = """\
Raw data package
================

Store   {store}
Metric  {title} ({code}, rule {rule})
Day     {day} ({calendar} calendar)
Formula {formula}
Parts   {parts}

Each part is a metric of its own window and, as score_parts.csv says, calendar. Its value becomes a sub-score on the
knots of score_knots.csv, on a straight line between two of them; the score is the mean of the sub-scores by weight.
A part with too few orders or without data is left out, and the weights of the others count for the whole; left_out
says why. Knots and weights are the policy's, effective lines worked in, as integers: at_scale and score_scale say how
many to the unit. Where top is given, the knots lie over the distance of the value from it: the share of failures.
"""
TEXT = """\
The CSV files hold the stored rows of every order that counts in the window or would, were it not left out.
reproduce.sql makes the number from them again, in DuckDB and in SQLite, with integers only:

  duckdb -c ".read load_duckdb.sql" -c ".read reproduce.sql"
  sqlite3 :memory: ".read load_sqlite.sql" ".read reproduce.sql"

Run either in the folder of the files. The last line shows metric, numerator, denominator and value, as manifest.json
states them. More is in the tables that the script leaves behind:

  sums    each counter of the formula over the window
  parts   what is divided by what, and with which weight{parts_too}
  events  every order (or dispute, wait, complaint) that counts, and those left out with the rule that left them out

The rules in the script are those that the product itself runs: the same declarations fill its figures.

policy.json has the parameters with their rules: those the day is judged by, and the counting parameters of each
version; an order takes those in force when it was created. Lists of categories and sites stand in the script.

Columns without suffix hold instants as epoch seconds (UTC); their twin with the suffix _iso is for reading. Amounts
have a twin too: total_usd_e8 is total_usd times 10 to the 8th. A text that begins with an apostrophe was given it so
that no spreadsheet takes it for a formula; the script takes it away. Flags are 1 and 0; an empty cell is absent.

Not in here: who bought, addresses, tracking numbers, texts of reviews and messages (only whether there is one).

manifest.json has the SHA-256, rows and columns of each file. Where its changes_waiting is not 0, rows changed that the
product's figures will take up in its next run; until then the numbers may differ by these.
"""


def readme(plan: Plan) -> str:
    """How to run it, in words."""
    head = (HEAD_OF_SCORE if plan.is_composite else HEAD).format(
        store=" ".join(plan.store.store_no.split()),
        title=plan.metric.title,
        code=plan.metric.code,
        rule=plan.metric.rule,
        day=plan.day.isoformat(),
        calendar=plan.metric.calendar,
        first=plan.first.isoformat(),
        days=plan.counted[0].window_days,
        formula=formula_of(plan.metric),
        parts=", ".join(one.metric.code for one in plan.counted),
    )
    why = why_no_value(plan.store_day, plan.metric.code)
    absent = f"Value   none: {why}\n" if why else ""
    parts_too = "; of a composite score its sub-scores" if plan.is_composite else ""
    return f"{head}{absent}\n{TEXT.format(parts_too=parts_too)}"
