"""Four processes that sweep, killed with -9 at random and begun again: `python -m tests.core.killed_sweeps DATABASE`.

The deadlines are those of the test that starts it. Each handler says in which process it runs, and now and then that
process is killed: in the middle of its transaction.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import django

KIND, WORKERS, KILLS = "test.killed", 4, 8
AT = datetime(2026, 5, 2, 12, tzinfo=UTC)
PID_LENGTH = 8


def register(said: int) -> None:
    """Have the handler insert a row per deadline and say so."""
    from core import sweeping
    from core.deadlines import on_lapse
    from core.leases import Leases
    from core.models import Deadline, DirtySubject

    # A deadline may be in hand of many that are killed; none waits for a person, nor for the clock.
    sweeping.DEADLINES = Leases(duration=timedelta(minutes=5), max_attempts=60)
    sweeping.BATCH = 3

    @on_lapse(KIND)
    def insert_rows(rows: Sequence[Deadline]) -> None:
        for row in rows:
            DirtySubject.objects.create(kind="order", store_id=row.store_id, subject_id=row.pk)
            os.write(said, b"%0*d" % (PID_LENGTH, os.getpid()))
            time.sleep(0.02)


def begin() -> int:
    """Fork a process that sweeps until no deadline is open."""
    pid = os.fork()
    if pid:
        return pid
    from core.models import Deadline
    from core.sweeping import sweep

    while Deadline.objects.filter(state=Deadline.State.OPEN).exists():
        sweep(at=AT)
        time.sleep(0.01)
    os._exit(0)


def main() -> None:
    """Kill one after the other, then let the last ones end."""
    heard, said = os.pipe()
    register(said)
    workers = {begin() for _ in range(WORKERS)}
    for _ in range(KILLS):
        for _ in range(random.randint(1, 5)):
            victim = int(os.read(heard, PID_LENGTH))
        if victim in workers:
            os.kill(victim, signal.SIGKILL)
            os.waitpid(victim, 0)
            workers ^= {victim, begin()}
    for worker in workers:
        assert os.waitpid(worker, 0)[1] == 0


if __name__ == "__main__":
    django.setup()
    from django.db import connection

    connection.settings_dict["NAME"] = sys.argv[1]
    main()
