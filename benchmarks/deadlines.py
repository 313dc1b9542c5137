"""How fast a sweep fires deadlines that lapsed at once, each with an effect of one row (DM-27).

    python -m benchmarks.deadlines                     10,000 deadlines of 100 stores, on SQLite and PostgreSQL
    python -m benchmarks.deadlines --count 100000 --stores 5000

One process sweeps. The handler inserts a row per deadline; the sweep adds the event of each. Half the deadlines of the
last line are of a second kind, in turn with the first, so that batches are as short as they get. Prints a Markdown
table; docs/performance.md has what came out.
"""

import argparse
import sys

from benchmarks.deployment import deployment

CASES = ("one kind", "two kinds in turn")


def main() -> None:
    """Measure both databases and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.deadlines", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--stores", type=int, default=100)
    parser.add_argument("--database", action="append", choices=("sqlite", "postgres"))
    options = parser.parse_args()
    heads = ("database", "deadlines", "seconds", "per second", "CPU s of the sweep")
    sys.stdout.write(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}\n")
    for kind in options.database or ("sqlite", "postgres"):
        with deployment(kind) as place:
            for case in CASES:
                ended = place.module("benchmarks.sweeping", case, str(options.count), str(options.stores))
                seconds, cpu = (ended.json()[name] for name in ("seconds", "cpu"))
                figures = f"{seconds:.1f} | {options.count / seconds:,.0f} | {cpu:.1f}"
                sys.stdout.write(f"| {kind} | {options.count:,}, {case} | {figures} |\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
