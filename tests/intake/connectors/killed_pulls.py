"""Workers that pull a store and are killed with -9, one after the other:
`python -m tests.intake.connectors.killed_pulls DATABASE PORT NAME:COUNT …`.

Each argument says at which point a worker dies: at the COUNT-th time that it comes there, or earlier if it is done.
The last worker, without such a point, goes on until all is in step.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django
import time_machine

# Where a worker may die: with an answer in hand, before and after a transaction is committed, before tokens are asked
# for, and with new tokens in hand that are not stored yet.
ANSWERED, COMMITTING, COMMITTED = "answered", "committing", "committed"
REFRESHING, REFRESHED = "refreshing", "refreshed"
# Workers begin so long after one another: longer than the lease of a refresh, and than the pause after several deaths.
APART = timedelta(minutes=10)


class Death:
    """Kills the process at the last of so many calls."""

    def __init__(self, count: int) -> None:
        self.left = count

    def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def around(function: Callable[..., Any], *, before: Death | None = None, after: Death | None = None) -> Any:
    def wrapped(*arguments: Any, **more: Any) -> Any:
        if before:
            before()
        result = function(*arguments, **more)
        if after:
            after()
        return result

    return wrapped


def plan(point: str) -> None:
    """Have this process die at a point."""
    from django.db import connection

    from intake.connectors.aliexpress import authorization, client

    name, _colon, count = point.partition(":")
    death = Death(int(count))
    database: Any = connection
    if name == ANSWERED:
        client.send = around(client.send, after=death)
    elif name == COMMITTING:
        database._commit = around(database._commit, before=death)
    elif name == COMMITTED:
        database._commit = around(database._commit, after=death)
    elif name == REFRESHING:
        authorization.refresh = around(authorization.refresh, before=death)
    elif name == REFRESHED:
        authorization.refresh = around(authorization.refresh, after=death)
    else:
        raise ValueError(name)


def work(point: str, place: int) -> None:
    """Run the task that the schedule sends."""
    from intake.tasks import run_connections_task
    from tests.intake.connectors.shop import NOW

    if point:
        plan(point)
    with time_machine.travel(NOW + place * APART, tick=False):
        run_connections_task()
    os._exit(0)


def main(database: str, port: int, points: list[str]) -> list[str]:
    """The points at which workers died, in order."""
    from django.conf import settings
    from django.db import connection

    from tests.httpserver import allow_loopback

    connection.settings_dict["NAME"] = database
    allow_loopback(settings, port)
    settings.ALIEXPRESS_GATEWAYS = {"sg": f"http://127.0.0.1:{port}"}
    died = []
    for place, point in enumerate([*points, ""]):
        pid = os.fork()
        if not pid:
            work(point, place)
        status = os.waitpid(pid, 0)[1]
        if os.WIFSIGNALED(status):
            died.append(point)
        elif status:
            raise SystemExit(f"{point}: {status}")
    return died


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(" ".join(main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])))
