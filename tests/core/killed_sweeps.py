"""Four processes that sweep, killed with -9 at random and begun again:
`python -m tests.core.killed_sweeps DATABASE [INSTANT]`.

The deadlines are those of the test that starts it: of a kind of its own, or with an instant the real ones that are due
by then. Each handler says in which process it runs, and now and then that process is killed: in the middle of its
transaction.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import django

KIND, WORKERS, KILLS = "test.killed", 4, 8
AT = datetime(2026, 5, 2, 12, tzinfo=UTC)
PID_LENGTH = 8


def prepare() -> None:
    """A deadline may be in hand of many that are killed; none waits for a person, nor for the clock."""
    from core import sweeping
    from core.leases import Leases

    sweeping.DEADLINES = Leases(duration=timedelta(minutes=5), max_attempts=60)
    sweeping.BATCH = 3


def wrap_handlers(said: int) -> None:
    """Have every handler say when its effects are written, and wait before they are committed."""
    from core import deadlines

    def slowed(handler: deadlines.Handler) -> deadlines.Handler:
        def handle(rows: Sequence[deadlines.Deadline]) -> None:
            handler(rows)
            os.write(said, b"%0*d" % (PID_LENGTH, os.getpid()))
            time.sleep(0.02)

        return handle

    for name, kind in deadlines._kinds.items():
        deadlines._kinds[name] = replace(kind, handler=slowed(kind.handler))


def register(said: int) -> None:
    """Have the handler insert a row per deadline and say so."""
    from core.deadlines import on_lapse
    from core.models import Deadline, DirtySubject

    @on_lapse(KIND)
    def insert_rows(rows: Sequence[Deadline]) -> None:
        for row in rows:
            DirtySubject.objects.create(kind="order", store_id=row.store_id, subject_id=row.pk)
            os.write(said, b"%0*d" % (PID_LENGTH, os.getpid()))
            time.sleep(0.02)


def begin(at: datetime) -> int:
    """Fork a process that sweeps until no deadline is due."""
    pid = os.fork()
    if pid:
        return pid
    from core.sweeping import due_deadlines, sweep

    while due_deadlines(at=at).exists():
        sweep(at=at)
        time.sleep(0.01)
    os._exit(0)


def main(at: datetime | None) -> None:
    """Kill one after the other, then let the last ones end."""
    heard, said = os.pipe()
    prepare()
    if at is None:
        register(said)
    else:
        wrap_handlers(said)
    until = at or AT
    workers = {begin(until) for _ in range(WORKERS)}
    for _ in range(KILLS):
        for _ in range(random.randint(1, 5)):
            victim = int(os.read(heard, PID_LENGTH))
        if victim in workers:
            os.kill(victim, signal.SIGKILL)
            os.waitpid(victim, 0)
            workers ^= {victim, begin(until)}
    for worker in workers:
        assert os.waitpid(worker, 0)[1] == 0


if __name__ == "__main__":
    django.setup()
    from django.db import connection

    connection.settings_dict["NAME"] = sys.argv[1]
    main(datetime.fromisoformat(sys.argv[2]) if sys.argv[2:] else None)
