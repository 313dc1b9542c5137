"""Runs the whole suite three ways: `python -m tests.run [--only sqlite|postgres|browser] [pytest arguments]`.

1. sqlite: SQLite with the file-system broker, as `make run` starts it.
2. postgres: throw-away PostgreSQL and Redis, as production runs.
3. browser: a real Chromium against the first.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.services import postgres, redis_server

WORKERS = ["-n", os.environ.get("TEST_WORKERS", "2"), "--dist", "worksteal"]


@contextmanager
def embedded() -> Iterator[dict[str, str]]:
    """Yield the environment of the embedded deployment."""
    yield {"DATABASE_URL": "", "REDIS_URL": ""}


@contextmanager
def production() -> Iterator[dict[str, str]]:
    """Yield the environment of the production deployment, its servers running."""
    with postgres() as database_url, redis_server() as redis_url:
        yield {"DATABASE_URL": database_url, "REDIS_URL": redis_url}


STAGES = {
    "sqlite": (embedded, ["-m", "not browser"]),
    "postgres": (production, ["-m", "not browser and not sqlite_only"]),
    "browser": (embedded, ["-m", "browser"]),
}


def main() -> int:
    """Run the stages, print a summary and return the exit status: 0 only when every stage passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=STAGES, action="append", help="run this stage (may be repeated)")
    arguments, to_pytest = parser.parse_known_args()
    # So that a terminated run still leaves its `with` blocks, which stop the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results = {}
    for name in arguments.only or STAGES:
        started = time.monotonic()
        print(f"\n== {name} ==", flush=True)
        status = run_stage(name, to_pytest)
        results[name] = (status, time.monotonic() - started)
    print()
    for name, (status, seconds) in results.items():
        print(f"{name:10} {'passed' if status == 0 else f'FAILED (pytest exit status {status})'} in {seconds:.0f} s")
    return int(any(status for status, _ in results.values()))


def run_stage(name: str, to_pytest: list[str]) -> int:
    """Run pytest once in the deployment of a stage and return its exit status."""
    deployment, selection = STAGES[name]
    with deployment() as environment:
        command = [sys.executable, "-m", "pytest", "-q", *WORKERS, *selection, *to_pytest]
        return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
