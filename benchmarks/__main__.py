"""Measures imports, nights, pages, exports and explanations, and what they are compared with.

    python -m benchmarks                                             100,000 and 1,000,000 orders on both databases
    python -m benchmarks --orders 10000000 --database postgres --load direct --only night,pages
    python -m benchmarks --orders 100000 --only night --json night.json

Everything runs in throw-away folders and on a PostgreSQL server of its own; with --folder a size stays there, and
another run of the same size goes on with it: `--only load` first, the rest when the machine is quiet. It takes about a
quarter of an hour for each million orders and database, a sixth of that with --load direct, which COPYs rows into the
tables instead of importing them. docs/performance.md explains what the figures mean.
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
from benchmarks.ratios import add_ratios
from benchmarks.report import COLUMNS, Results, markdown
from benchmarks.stages import STAGES, PageBenchmarks

SIZES = (100_000, 1_000_000)
SMALLEST = 100_000
STORES = 1_000
DATABASES = ("sqlite", "postgres")
# Bundles reach to tomorrow, which must not lie ahead of the pages' clock.
DAYS_BACK = 2


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, nargs="+", default=SIZES, help="sizes, in orders")
    parser.add_argument("--database", nargs="+", default=DATABASES, choices=DATABASES)
    parser.add_argument("--only", type=_stages, default=STAGES, metavar="STAGE,…", help=", ".join(STAGES))
    parser.add_argument("--stores", type=int, help="stores of every size (default: 1,000, or one per 1,000 orders)")
    parser.add_argument("--load", choices=("import", "direct"), default="import", help="how rows come in")
    parser.add_argument("--folder", type=Path, help="keep everything there, or go on with what is there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured there too")
    options = parser.parse_args()
    if min(options.orders) < SMALLEST:
        parser.error(f"fewer than {SMALLEST:,} orders have too few open ones for a night of changes")
    if options.folder and len(options.orders) > 1:
        parser.error("a folder has one size: give one with --orders")
    if options.load == "direct" and options.database != ["postgres"]:
        parser.error("--load direct is PostgreSQL's: add --database postgres")
    return options


def _stages(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := [name for name in names if name not in STAGES]:
        raise argparse.ArgumentTypeError(f"no stage is called {unknown[0]}: choose from {', '.join(STAGES)}")
    return names


def main() -> int:
    """Measure, print two Markdown tables; 0 even where a target is missed."""
    options = parse_arguments()
    # So that a terminated run still leaves its `with` blocks, which stop the server and remove the folders.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results, today = Results(), datetime.now(UTC).date() - timedelta(days=DAYS_BACK)
    print(machine(), flush=True)
    print("| " + " | ".join(COLUMNS) + " |", flush=True)
    for orders in options.orders:
        with ExitStack() as stack:
            folder = options.folder or stack.enter_context(TemporaryDirectory(prefix="dianwei-bench-bundles-"))
            measure(Path(folder), orders, today, options, results)
    add_ratios(results)
    print(f"\n{markdown(results)}")
    if options.json:
        options.json.write_text(json.dumps(results.data() | {"machine": machine()}, indent=1) + "\n", encoding="utf-8")
    return 0


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
