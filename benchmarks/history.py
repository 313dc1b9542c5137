"""The course of the targets over versions: a line of JSON for each recorded run, and a page made from them.

python -m benchmarks --record              measure, then add the run to docs/benchmarks/history.jsonl
python -m benchmarks.history               write docs/benchmarks/README.md anew
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.deployment import ROOT
from benchmarks.report import table
from benchmarks.targets import TARGETS, Target, Verdict

HISTORY = ROOT / "docs" / "benchmarks" / "history.jsonl"
PAGE = HISTORY.with_name("README.md")
# Older runs stay in the file.
RUNS_SHOWN = 8
HEAD = """# The course of the targets

Made by `python -m benchmarks.history` from [history.jsonl](history.jsonl); `python -m benchmarks --record` adds a run.
Each cell is what a version measured, with the number of orders, and ✓ where it meets the target of today. Ratios of
different machines can be compared, plain figures hardly. What each is made of: [performance.md](../performance.md).
"""


@dataclass(frozen=True)
class Recorded:
    """A run: the day, the version (commit), the machine, and for each target and database the orders and the value."""

    day: str
    version: str
    machine: str
    found: list[dict[str, Any]]

    def cell(self, target: Target, database: str) -> str:
        """What the run measured of a target; a dash where it didn't."""
        for one in self.found:
            if (one["target"], one["database"]) == (target.key, database):
                met = " ✓" if target.holds(one["value"]) else ""
                return f"{one['value']:.2f} ({_short(one['orders'])}){met}"
        return "–"


def _short(orders: int) -> str:
    return f"{orders // 1_000_000} M" if orders >= 1_000_000 else f"{orders // 1000} k"


def recorded(day: date, version: str, machine: str, verdicts: Iterable[Verdict]) -> Recorded:
    """A run as it is kept: what it couldn't measure is left out."""
    found = [
        {"target": one.target.key, "database": one.database, "orders": one.orders, "value": round(one.value, 3)}
        for one in verdicts
        if one.value is not None
    ]
    return Recorded(day.isoformat(), version, machine, found)


def read(path: Path = HISTORY) -> list[Recorded]:
    """The recorded runs, oldest first."""
    return [Recorded(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def append(run: Recorded, path: Path = HISTORY) -> None:
    """Add a run, and write the page anew."""
    with path.open("a", encoding="utf-8") as out:
        out.write(json.dumps(asdict(run), ensure_ascii=False) + "\n")
    path.with_name(PAGE.name).write_text(page(read(path)), encoding="utf-8")


def page(runs: Sequence[Recorded]) -> str:
    """The page: per database the targets and the last runs side by side, then what the runs ran on."""
    shown = runs[-RUNS_SHOWN:]
    parts = [HEAD]
    for database, name in (("postgres", "PostgreSQL"), ("sqlite", "SQLite")):
        having = [run for run in shown if any(one["database"] == database for one in run.found)]
        if having:
            heads = ("ratio", "target", *(f"{run.day}, {run.version}" for run in having))
            rows = [(target.what, target.bound, *(run.cell(target, database) for run in having)) for target in TARGETS]
            parts.append(f"## {name}\n\n{table(heads, rows)}\n")
    parts.append("## Machines\n\n" + "".join(f"- {run.day}, {run.version}: {run.machine}\n" for run in shown))
    return "\n".join(parts)


def version() -> str:
    """The commit that is checked out; with a plus where files differ from it."""
    try:
        said = subprocess.run(
            ["git", "describe", "--always", "--dirty=+"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return said.stdout.strip()


if __name__ == "__main__":
    PAGE.write_text(page(read()), encoding="utf-8")
    sys.exit(0)
