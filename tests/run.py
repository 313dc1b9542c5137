"""Runs the whole suite: `python -m tests.run [--only STAGE] [--at INSTANT | --hours] [pytest arguments]`.

1. sqlite: SQLite with the file-system broker, as `make run` starts it.
2. postgres: throw-away PostgreSQL and Redis, as production runs.
3. browser: a real Chromium against the first.
4. clock: the tests that depend on the time it is, on SQLite, at each of the hours and dates of RL-20.

`--only quick` leaves out what is slow: SQLite, no browser, few random examples.
`--at 2028-02-29T15:59Z` runs the first three with the clock there, in child processes too; `--hours` at all of RL-20's.
"""

import argparse
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.clock import INSTANTS, clock_at
from tests.services import postgres, redis_server

AT_ONCE = int(os.environ.get("TEST_WORKERS", "2"))
WORKERS = ["-n", str(AT_ONCE), "--dist", "worksteal"]


@contextmanager
def embedded() -> Iterator[dict[str, str]]:
    """Yield the environment of the embedded deployment."""
    yield {"DATABASE_URL": "", "REDIS_URL": ""}


@contextmanager
def production() -> Iterator[dict[str, str]]:
    """Yield the environment of the production deployment, its servers running. Properties were tried on many examples
    on SQLite; what may differ here shows on few."""
    with postgres() as database_url, redis_server() as redis_url:
        yield {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "HYPOTHESIS_PROFILE": "quick"}


@contextmanager
def few_examples() -> Iterator[dict[str, str]]:
    """Yield the environment of the embedded deployment, properties tried on few examples."""
    yield {"DATABASE_URL": "", "REDIS_URL": "", "HYPOTHESIS_PROFILE": "quick"}


STAGES = {
    "sqlite": (embedded, ["-m", "not browser"]),
    "postgres": (production, ["-m", "not browser and not sqlite_only"]),
    "browser": (embedded, ["-m", "browser"]),
    "quick": (few_examples, ["-m", "not browser and not slow"]),
}
ALL = ("sqlite", "postgres", "browser")
CLOCK = "clock"
# What is left out of a stage by its file isn't even loaded: every process would load all tests otherwise.
ONLY_SQLITE = re.compile(r"^pytestmark = .*\bsqlite_only\b", re.MULTILINE)
FILES: dict[str, Callable[[str], bool]] = {
    "postgres": lambda source: not ONLY_SQLITE.search(source),
    "browser": lambda source: "mark.browser" in source,
    CLOCK: lambda source: "mark.clock" in source,
}


class Outcome(NamedTuple):
    """How a stage went: exit status, seconds it took, seconds of processor time."""

    stage: str
    status: int
    seconds: float
    cpu: float

    def __str__(self) -> str:
        said = "passed" if self.status == 0 else f"FAILED (pytest exit status {self.status})"
        return f"{self.stage:30} {said} in {self.seconds:.0f} s, {self.cpu / 60:.1f} min of processor time"


def instant_argument(text: str) -> datetime:
    """An instant of the command line, as 2028-02-29T15:59Z."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def main() -> int:
    """Run the stages, print a summary and return the exit status: 0 only when every stage passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=[*STAGES, CLOCK], action="append", help="run this stage (may be repeated)")
    when = parser.add_mutually_exclusive_group()
    when.add_argument("--at", type=instant_argument, action="append", help="with the clock there (may be repeated)")
    when.add_argument("--hours", dest="at", action="store_const", const=INSTANTS, help="at each instant of RL-20")
    arguments, to_pytest = parser.parse_known_args()
    # So that a terminated run still leaves its `with` blocks, which stop the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    outcomes = []
    for stage in arguments.only or [*ALL, *([] if arguments.at else [CLOCK])]:
        if stage == CLOCK:
            outcomes.append(measured(stage, partial(run_clock, arguments.at or INSTANTS, to_pytest)))
            continue
        for at in arguments.at or [None]:
            name = f"{stage} at {at:%Y-%m-%dT%H:%MZ}" if at else stage
            outcomes.append(measured(name, partial(run_stage, stage, at, to_pytest)))
    print("", *outcomes, sep="\n")
    return int(any(outcome.status for outcome in outcomes))


def run_stage(stage: str, at: datetime | None, to_pytest: Sequence[str]) -> int:
    """Run pytest in the deployment of a stage."""
    deployment, selection = STAGES[stage]
    files = [] if any(not argument.startswith("-") for argument in to_pytest) else files_of(stage)
    with deployment() as environment:
        return run_pytest([*WORKERS, *selection, *to_pytest, *files], environment, at).returncode


def files_of(stage: str) -> list[str]:
    """The test files of a stage, none for all."""
    if (belongs := FILES.get(stage)) is None:
        return []
    return sorted(str(path) for path in Path("tests").glob("**/test_*.py") if belongs(path.read_text()))


def run_clock(instants: Sequence[datetime], to_pytest: Sequence[str]) -> int:
    """Run what depends on the time it is at every instant, some of them side by side; print what fails."""
    files = to_pytest or files_of(CLOCK)

    def run(at: datetime) -> int:
        # What is slow, such as a whole demo, sees each date once, at another hour each.
        slow = "" if at in INSTANTS[::4] or at not in INSTANTS else " and not slow"
        with embedded() as environment:
            done = run_pytest(["-m", f"clock and not browser{slow}", *files], environment, at, capture_output=True)
        said = f"{done.stdout}{done.stderr}".strip()
        print(f"{at:%Y-%m-%dT%H:%MZ}  {said if done.returncode else said.splitlines()[-1]}", flush=True)
        return done.returncode

    with ThreadPoolExecutor(AT_ONCE) as side_by_side:
        return max(side_by_side.map(run, instants))


def run_pytest(
    arguments: Sequence[str], environment: dict[str, str], at: datetime | None, *, capture_output: bool = False
) -> "subprocess.CompletedProcess[str]":
    """Run pytest, with its clock at an instant where one is given."""
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    environment = {**os.environ, **environment, **(clock_at(at) if at else {})}
    # Compiling everything anew in each of hundreds of processes would cost more than many a stage.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(command, env=environment, check=False, capture_output=capture_output, text=True)


def measured(stage: str, run: Callable[[], int]) -> Outcome:
    """Say which stage begins, run it and measure it."""
    print(f"\n== {stage} ==", flush=True)
    started, before = time.monotonic(), spent()
    status = run()
    return Outcome(stage, status, time.monotonic() - started, spent() - before)


def spent() -> float:
    """Seconds of processor time of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    sys.exit(main())
