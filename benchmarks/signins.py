"""How long people wait to sign in while an import of many rows is tried, or goes in all or nothing (RL-18).

    python -m benchmarks.signins                       300,000 rows on SQLite, in a throw-away folder
    python -m benchmarks.signins --rows 1000000 --database postgres

Each way of importing runs as a command of its own; meanwhile another process signs one person in after the other,
through every middleware, as the web process does. Prints a Markdown table; docs/performance.md has what came out. What
a sign-in takes is mostly the check of the password, so the wait for the write lock stands beside it.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import quantiles

from benchmarks.deployment import ROOT, Deployment, deployment

HEADER = "store_no,order_no,created_at,paid_at,total_amount,currency\n"
WAYS = {"nothing": None, "a dry run": ["--dry-run"], "all or nothing": ["--strict"], "a plain import, again": []}
QUIET_SECONDS = 20


def main() -> None:
    """Measure every way and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.signins", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--database", default="sqlite", choices=("sqlite", "postgres"))
    options = parser.parse_args()
    heads = (
        "meanwhile",
        "seconds",
        "sign-ins",
        "median ms",
        "p95 ms",
        "lock: median ms",
        "p95 ms",
        "longest ms",
        "failed",
    )
    sys.stdout.write(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}\n")
    with deployment(options.database) as place:
        bundle = write_bundle(place.folder / "bundle", options.rows)
        for name, arguments in WAYS.items():
            command = None if arguments is None else ["import_bundle", str(bundle), "--company", "C", *arguments]
            sys.stdout.write(row(name, *measured(place, command)))
            sys.stdout.flush()


def write_bundle(folder: Path, rows: int) -> Path:
    """One store with so many orders."""
    folder.mkdir()
    (folder / "stores.csv").write_text("store_no,name\nS1,First\n")
    with (folder / "orders.csv").open("w") as stream:
        stream.write(HEADER)
        for number in range(rows):
            stream.write(f"S1,{number:08},2026-05-01T10:00:{number % 60:02}Z,2026-05-01T11:00:00Z,12.50,USD\n")
    return folder


def measured(place: Deployment, command: list[str] | None) -> tuple[float, list[float], list[float], int]:
    """Seconds of the command, of each sign-in and each wait for the write lock meanwhile, and failed sign-ins."""
    flag = place.folder / "over"
    flag.unlink(missing_ok=True)
    door = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.door", str(flag)],
        env=place.environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert door.stdout is not None
    door.stdout.readline()
    ended = (
        place.python("-c", f"import time; time.sleep({QUIET_SECONDS})") if command is None else place.manage(*command)
    )
    flag.touch()
    said = json.loads(door.communicate()[0])
    return ended.seconds, said["seconds"], said["locks"], said["failures"]


def row(name: str, seconds: float, waits: list[float], locks: list[float], failures: int) -> str:
    """A line of the table."""
    figures = [*shares(waits), *shares(locks), max(locks)]
    shown = " | ".join(f"{1000 * value:,.0f}" for value in figures)
    return f"| {name} | {seconds:.1f} | {len(waits)} | {shown} | {failures} |\n"


def shares(values: list[float]) -> tuple[float, float]:
    """The median and the 95th hundredth."""
    hundredths = quantiles(values, n=100, method="inclusive") if len(values) > 1 else values * 99
    return hundredths[49], hundredths[94]


if __name__ == "__main__":
    main()
