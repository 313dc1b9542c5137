"""A night in this process, and what each of its stages costs: `python -m benchmarks.timed_night SERVER ARGUMENT…`.

SERVER is the process id of the PostgreSQL server on this machine, or 0; the arguments are those of `nightly`. Prints
JSON: seconds and CPU seconds (of this process and of the server) of the whole and of each stage of both calendars, and
which stages belong to the way from facts to scorecards. The start of Python and Django is not in them.
"""

import json
import sys
import time
from collections import Counter
from io import StringIO
from typing import Any

from django.core.management import call_command

from benchmarks import ready  # noqa: F401
from benchmarks.deployment import server_cpu
from metrics.services import night
from metrics.services.stages import later_stages


class Meter:
    """Clock and CPU time of this process and, if there is one, of a server."""

    def __init__(self, server: int | None) -> None:
        self.server = server
        self.began, self.spent = self._read()

    def _read(self) -> tuple[float, float]:
        return time.perf_counter(), time.process_time() + server_cpu(self.server)

    def lap(self) -> tuple[float, float]:
        """Seconds and CPU seconds since the beginning."""
        now, spent = self._read()
        return now - self.began, spent - self.spent


def timed_night(arguments: list[str], server: int | None = None) -> dict[str, Any]:
    """Run `nightly` with the arguments and measure it."""
    seconds: Counter[str] = Counter()
    cpu: Counter[str] = Counter()
    do_shard = night.do_shard

    def measured(*, run: Any, **rest: Any) -> Any:
        meter = Meter(server)
        done = do_shard(run=run, **rest)
        took, spent = meter.lap()
        seconds[run.stage] += took
        cpu[run.stage] += spent
        return done

    night.do_shard = measured
    out = StringIO()
    try:
        whole = Meter(server)
        call_command("nightly", *arguments, "--json", stdout=out)
        took, spent = whole.lap()
    finally:
        night.do_shard = do_shard
    runs = json.loads(out.getvalue())["runs"]
    rows = sum(stage["rows"] for run in runs for stage in run["stages"] if stage["stage"] == night.FACTS)
    later = [name for name, _work in later_stages()]
    return {
        "seconds": took,
        "cpu_seconds": spent,
        "rows": rows,
        "to_cards_seconds": took - sum(seconds[name] for name in later),
        "to_cards_cpu_seconds": spent - sum(cpu[name] for name in later),
        "stages": {name: {"seconds": seconds[name], "cpu_seconds": cpu[name]} for name in seconds},
    }


if __name__ == "__main__":
    print(json.dumps(timed_night(sys.argv[2:], int(sys.argv[1]) or None)))
