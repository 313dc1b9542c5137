"""The memory of a night's processes over a great many stores, on PostgreSQL.

    python -m benchmarks.crowd                  1,000,000 stores
    python -m benchmarks.crowd --stores 200000

The stores are rows of the database; those of the first shard have feeds and facts, so that its stages work on what they
would find. Of the other shards stand the rows that their pools leave, made of random counts. Each stage then runs in a
process of its own (`benchmarks.crowd_stage`), and its peak memory is printed, with that of a process that has started
and done nothing.
"""

import argparse
import sys

from benchmarks.deployment import deployment

PREPARING = ("fill", "fill_pools")
STAGES = (
    "nothing", "fill", "cut", "pools", "fill_pools", "benchmarks", "publish", "notices", "advice", "carriers", "levels",
    "penalties",
)  # fmt: skip


def main() -> int:
    """Every stage in turn; a Markdown table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.crowd", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stores", type=int, default=1_000_000)
    options = parser.parse_args()
    print("| stage | rows | seconds | CPU s | peak MB |\n| --- | --- | --- | --- | --- |", flush=True)
    with deployment("postgres") as place:
        for name in STAGES:
            ended = place.module("benchmarks.crowd_stage", name, str(options.stores))
            found = ended.json()
            if name not in PREPARING:
                figures = f"{found['rows']:,} | {found['seconds']:.1f} | {ended.cpu_seconds:.1f} | {ended.peak_mb:.0f}"
                print(f"| {name} | {figures} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
