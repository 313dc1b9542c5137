"""What the order desk costs in a large store: counts and pages of its tabs, and searches (PG-06).

    python -m benchmarks --orders 1000000 --stores 1 --database postgres --load direct --folder /tmp/large --only load
    python -m benchmarks.desk --database postgres --folder /tmp/large [--explain]

Takes the store with most orders of a folder that a load left. Prints a Markdown table: the number shown,
the median of the count and of the tab's first page, and of searches. ``--explain`` adds the plans of the counts.
docs/performance.md has what came out.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.deployment import deployment


def main() -> None:
    """Measure one database."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.desk", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", choices=("sqlite", "postgres"), required=True)
    parser.add_argument("--folder", type=Path, required=True, help="where a load left everything")
    parser.add_argument("--explain", action="store_true", help="show the plans of the counts too")
    options = parser.parse_args()
    with deployment(options.database, kept=options.folder) as place:
        explain = ["--explain"] if options.explain else []
        sys.stdout.write(place.module("benchmarks.tabs", *explain).output)


if __name__ == "__main__":
    main()
