"""Writes tests/sql/{sqlite,postgresql}/*.sql anew: `python -m tools.sql_snapshots`.

The SQL that is generated from declarations (counters, reasons, tallies) and the shipped policy, for both databases, so
that a diff shows what a change of a declaration changes. Blanks are laid out for readers; everything else is what the
database is sent. Parameters are shown in place, as ``%s``.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from tools.generated import ROOT, setup_django
from tools.sql_layout import laid_out

if TYPE_CHECKING:
    from core.sql import Composable

    Titled = tuple[str, Sequence[Composable]]

FOLDER = ROOT / "tests" / "sql"
FIRST, LAST = date(2026, 1, 1), date(2026, 1, 30)
STORE = 1
# One metric of each kind of subject, and one of the rating.
METRICS = ("odr", "reply_missed", "liability_rate", "shipping")


def snapshots() -> dict[Path, str]:
    """Every snapshot by its path in the folder."""
    from core.sql.dialects import DIALECTS

    return {
        Path(name, f"{title}.sql"): "\n".join(laid_out(statement.render(dialect).text) for statement in group)
        for name, dialect in DIALECTS.items()
        for title, group in statements()
    }


def statements() -> "Iterator[Titled]":
    """The generated statements by the title of their file."""
    yield from _views()
    yield from _facts()
    yield from _problems()
    yield from _explanations()
    yield from _packages()


def _views() -> "Iterator[Titled]":
    from metrics.facts.orderview import complaint_view, dispute_view, order_views, review_view, wait_view

    for view in (review_view(), *order_views(shadows=True), wait_view(), dispute_view(), complaint_view()):
        yield f"view_{view.name.removeprefix('tmp_')}", [view.select]


def _facts() -> "Iterator[Titled]":
    from metrics.facts import differences, firsts

    yield "first_reviews", [firsts.marks_that_enter(firsts.new_marks()), firsts.MOVED_FIRSTS, firsts.add_moved_orders()]
    for kind in (differences.ORDERS, differences.WAITS, differences.DISPUTES, differences.COMPLAINTS):
        yield f"contributions_of_{kind.subject}", [kind.new_rows]
        yield (
            f"differences_of_{kind.subject}",
            [
                differences.difference(kind),
                *differences.gather_counters(kind),
                *differences.gather_problems(kind),
            ],
        )
    yield "facts", [differences.changes(), differences.add_to_facts(), differences.drop_empty_facts()]
    yield "problems", differences.change_problems()


def _problems() -> "Iterator[Titled]":
    from metrics.catalogue import problem_counters
    from metrics.counters import FAILURES
    from metrics.exports.queries import problem_queries
    from metrics.exports.selection import Selection
    from metrics.reasons.lookup import select_reasons
    from notifications.services.snapshots import copy_orders
    from stores.models import Store

    yield "reasons", [select_reasons([counter]) for counter in sorted(FAILURES)]
    yield "problem_orders_exported", list(problem_queries(Selection([Store(pk=STORE)], FIRST, LAST, METRICS[0])))
    yield "problem_orders_of_notices", [copy_orders([(1, STORE, 1)], problem_counters(METRICS[0]), 2)]


def _explanations() -> "Iterator[Titled]":
    from core.timebase import day_number
    from insights.explanation.counted_orders import COUNTED, newest_events
    from insights.explanation.order_batches import Reach, near_orders
    from insights.explanation.tallies import tallies_of

    first, last = day_number(FIRST), day_number(LAST)
    for code in METRICS:
        tallies = tallies_of(code)
        reach = Reach(STORE, tuple(dict.fromkeys(tally.anchor for tally in tallies)), first, last)
        yield (
            f"explanation_of_{code}",
            [
                near_orders(reach, None, 1_000),
                *(newest_events(tally.rows_sql(first, last), COUNTED, 50) for tally in tallies),
            ],
        )


def _packages() -> "Iterator[Titled]":
    from insights.packages.package_files import TABLES

    yield "package", [table.placed_rows(0, 5_000) if table.scope else table.store_rows(STORE) for table in TABLES]


def main() -> int:
    """Write the snapshots from a new database, which has the shipped policy and no categories."""
    from tests.databases import start_migrated

    with tempfile.TemporaryDirectory() as data_dir:
        os.environ |= {"DATA_DIR": data_dir, "DATABASE_URL": "", "REDIS_URL": ""}
        start_migrated(Path(data_dir))
        setup_django()
        made = snapshots()
    shutil.rmtree(FOLDER, ignore_errors=True)
    for path, text in made.items():
        (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / path).write_text(text, encoding="utf-8")
    print(f"{FOLDER.relative_to(ROOT)}: {len(made)} statements")
    return 0


if __name__ == "__main__":
    sys.exit(main())
