"""Stages of the night that apps above metrics add: they run per calendar, after a day's scorecards are published."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Protocol

from metrics.catalogue import Calendar
from stores.shards import Shard


class LaterStage(Protocol):
    """The work of a stage: idempotent, killed anywhere it is completed by its next run (MX-03). Returns rows made."""

    def __call__(self, *, day: date, at: datetime, calendar: Calendar, shard: Shard) -> int: ...


_stages: dict[str, LaterStage] = {}


def register_stage(name: str, work: LaterStage) -> None:
    """Have ``work`` run after publishing, in order of registration; ``name`` is the stage's in run records (≤ 11
    characters, as a run for some stores adds to it)."""
    if _stages.setdefault(name, work) is not work:
        raise ValueError(f"two stages of the name {name!r}")


def later_stages() -> Iterator[tuple[str, LaterStage]]:
    """The registered stages in order."""
    yield from _stages.items()
