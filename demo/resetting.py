"""When the demo was built, when it is built anew, and that one process at a time does (IX-15)."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings

from core.events import record_event
from core.models import Event
from demo.rules import Schedule
from stores.actors import DEMO

KIND = "demo.built"
LOCK = "demo.lock"


class BusyError(RuntimeError):
    """Another process is building the demo."""


def is_reset_due(*, at: datetime) -> bool:
    """Whether the demo was built last before the latest turn of its schedule."""
    schedule: Schedule | None = settings.DEMO_RESET
    return schedule is not None and not Event.objects.filter(kind=KIND, at__gte=schedule.last(at)).exists()


def next_reset(*, at: datetime) -> datetime | None:
    """When the demo is built anew; None where it never is."""
    schedule: Schedule | None = settings.DEMO_RESET
    return None if schedule is None else schedule.next(at)


def note_built(*, at: datetime) -> None:
    """Keep that the demo is whole, as of the instant that it shows."""
    record_event(kind=KIND, subject_kind="installation", subject_key="demo", actor=DEMO, at=at, cause="IX-15")


@contextmanager
def building_alone() -> Iterator[None]:
    """Keep other processes from building the demo meanwhile. The lock ends with its process. Raises BusyError."""
    with (settings.DATA_DIR / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError from error
        yield
