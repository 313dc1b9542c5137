"""How long real timers take to make up for an outage of three days, and how pages fare meanwhile (DM-27, RL-04).

    python -m benchmarks.outage                     10,000 deadlines of 50 stores, on SQLite and PostgreSQL

Four processes sweep, eight are killed with -9 and begun again. Refunds are paid by default, returns taken as described,
funds released. Fails unless each effect is there once and in order per store. Prints a Markdown table.
"""

import argparse
import sys

from benchmarks.deployment import deployment


def main() -> None:
    """Measure both databases and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.outage", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--stores", type=int, default=50)
    parser.add_argument("--database", action="append", choices=("sqlite", "postgres"))
    options = parser.parse_args()
    heads = ("database", "deadlines", "killed", "seconds", "per second", "page: median ms", "p95 ms", "longest ms")
    sys.stdout.write(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}\n")
    for kind in options.database or ("sqlite", "postgres"):
        with deployment(kind) as place:
            found = place.module("benchmarks.outage_run", str(options.count), str(options.stores)).json()
            rate = options.count / found["seconds"]
            pages = " | ".join(f"{1000 * found[name]:,.0f}" for name in ("median", "p95", "longest"))
            sys.stdout.write(
                f"| {kind} | {options.count:,} | {found['kills']} | {found['seconds']:.0f} | {rate:,.0f} | {pages} |\n"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    main()
