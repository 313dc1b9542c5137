"""Measures imports, nights, pages, exports and explanations, and what they are compared with; ends with the targets.

    python -m benchmarks                                             100,000 and 1,000,000 orders on both databases
    python -m benchmarks --quick                                     what a laptop can say in three minutes
    python -m benchmarks --orders 10000000 --database postgres --load direct --only night,pages
    python -m benchmarks --orders 100000 --only night --json night.json

Everything runs in throw-away folders and on a PostgreSQL server of its own; with --folder a size stays there, and
another run of the same size goes on with it: `--only load` first, the rest when the machine is quiet. It takes about a
quarter of an hour for each million orders and database, a sixth of that with --load direct, which COPYs rows into the
tables instead of importing them. --with adds what another run has written by --json, so that sizes in folders of their
own are compared; with --only nothing the table is made of such runs alone. docs/performance.md explains the figures.
"""

import argparse
import json
import os
import platform
import signal
import sys
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bundles import make_bundles
from benchmarks.deployment import deployment
from benchmarks.history import append, recorded, version
from benchmarks.report import COLUMNS, Results, figures
from benchmarks.stages import STAGES, PageBenchmarks
from benchmarks.targets import targets_table, verdicts
from tests.services import postgres_binaries

SIZES = (100_000, 1_000_000)
SMALLEST = 100_000
STORES = 1_000
DATABASES = ("sqlite", "postgres")
QUICK = ("load", "reimport", "night", "pages", "export")
NOTHING = "nothing"
# Bundles reach to tomorrow, which must not lie ahead of the pages' clock.
DAYS_BACK = 2


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, nargs="+", default=SIZES, help="sizes, in orders")
    parser.add_argument("--database", nargs="+", choices=DATABASES, help="default: both, if there")
    parser.add_argument("--only", type=_stages, default=STAGES, metavar="STAGE,…", help=", ".join((*STAGES, NOTHING)))
    parser.add_argument("--quick", action="store_true", help=f"{SMALLEST:,} orders, the stages {', '.join(QUICK)}")
    parser.add_argument("--stores", type=int, help="stores of every size (default: 1,000, or one per 1,000 orders)")
    parser.add_argument("--load", choices=("import", "direct"), default="import", help="how rows come in")
    parser.add_argument("--folder", type=Path, help="keep everything there, or go on with what is there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured there too")
    parser.add_argument("--with", dest="others", type=Path, nargs="+", default=[], metavar="FILE", help="runs to add")
    parser.add_argument("--record", action="store_true", help="add the run to the history in docs/benchmarks")
    options = parser.parse_args()
    if options.quick:
        options.orders, options.only = [SMALLEST], QUICK
    if min(options.orders) < SMALLEST:
        parser.error(f"fewer than {SMALLEST:,} orders have too few open ones for a night of changes")
    if options.folder and len(options.orders) > 1:
        parser.error("a folder has one size: give one with --orders")
    if options.load == "direct" and options.database != ["postgres"]:
        parser.error("--load direct is PostgreSQL's: add --database postgres")
    return options


def _stages(text: str) -> tuple[str, ...]:
    if text == NOTHING:
        return ()
    names = tuple(text.split(","))
    if unknown := [name for name in names if name not in STAGES]:
        raise argparse.ArgumentTypeError(f"no stage is called {unknown[0]}: choose from {', '.join(STAGES)}")
    return names


def main() -> int:
    """Measure, print the figures and the table of the targets; 0 even where a target is missed."""
    options = parse_arguments()
    # So that a terminated run still leaves its `with` blocks, which stop the server and remove the folders.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results, now = Results(), datetime.now(UTC)
    for path in options.others:
        results.take(json.loads(path.read_text(encoding="utf-8")))
    print(machine(), flush=True)
    options.database = options.database or databases_here(results)
    print("| " + " | ".join(COLUMNS) + " |", flush=True)
    for orders in options.orders if options.only else ():
        with ExitStack() as stack:
            folder = options.folder or stack.enter_context(TemporaryDirectory(prefix="dianwei-bench-bundles-"))
            measure(Path(folder), orders, now.date() - timedelta(days=DAYS_BACK), options, results)
    found = verdicts(results)
    print(f"\n{figures(results)}\n\n{targets_table(found)}")
    if options.json:
        options.json.write_text(json.dumps(results.data() | {"machine": machine()}, indent=1) + "\n", encoding="utf-8")
    if options.record:
        append(recorded(now.date(), version(), machine(), found))
    return 0


def databases_here(results: Results) -> list[str]:
    """Both databases; SQLite alone where PostgreSQL is not installed, which is said."""
    try:
        postgres_binaries()
    except RuntimeError as missing:
        results.remark(f"{missing}. Only SQLite is measured here")
        return ["sqlite"]
    return list(DATABASES)


def measure(folder: Path, orders: int, today: date, options: argparse.Namespace, results: Results) -> None:
    """One size on every database."""
    stores = options.stores or max(STORES, orders // STORES)
    bundles = make_bundles(folder, orders=orders, stores=stores, today=today)
    for kind in options.database:
        with deployment(kind, kept=options.folder) as place:
            PageBenchmarks(place, bundles, results, direct=options.load == "direct").run(options.only)


def machine() -> str:
    """Where and when."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{now}; {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; load {load}"


if __name__ == "__main__":
    sys.exit(main())
