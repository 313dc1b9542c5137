"""One turn of a run: keeps the lease, hands rows to the pipeline, notes what could not be read (IX-25, RL-03)."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.leases import Leases
from core.maintenance import pauses_work
from intake.models import ConnectionRun, StoreConnection
from intake.pipeline.batch import COUNTED, Verdict
from intake.pipeline.rows import RowResult
from intake.pushing import push_rows
from metrics.services.runs import Clock
from stores.principals import System

CONNECTIONS = Leases(duration=timedelta(minutes=3), max_attempts=5, first_retry=timedelta(minutes=1))
# A run's history holds so many; the rest is counted.
MOST_DOUBTS = 50
KEEP_SECONDS = 5.0

Row = Mapping[str, Any]


class TurnOverError(Exception):
    """The turn has had its time: the run goes on in the next one."""


class StoppedError(Exception):
    """Somebody paused or disconnected, or another worker has the connection."""


@dataclass
class Pull:
    """A turn. ``until``: the reading of the monotonic clock at which it ends; ``requests`` are counted by who asks."""

    connection: StoreConnection
    run: ConnectionRun
    clock: Clock
    until: float
    requests: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    doubts: list[dict[str, str]] = field(default_factory=list)
    further_doubts: int = 0
    _kept: float = field(default=0.0, repr=False)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def before_request(self) -> None:
        """Keep the lease. Raises StoppedError, TurnOverError."""
        if time.monotonic() >= self.until or pauses_work():
            raise TurnOverError
        self.requests += 1
        if time.monotonic() >= self._kept + KEEP_SECONDS:
            self.keep()

    def keep(self) -> None:
        """Renew the lease and show how far the run is. Raises StoppedError."""
        self._kept = time.monotonic()
        is_active = StoreConnection.objects.filter(pk=self.connection.pk, state=StoreConnection.State.ACTIVE).exists()
        if not is_active or not CONNECTIONS.renew(self.connection, at=self.now):
            raise StoppedError
        self.save()

    def save(self, **changes: Any) -> None:
        """Add what this turn did to the run's row."""
        counts = {name: dict(found) for name, found in self.counts.items()}
        run = self.run
        run.requests += self.requests
        run.counts = _sum(run.counts, counts)
        run.doubts = _first([*run.doubts, *self.doubts], self.further_doubts)
        self.requests, self.counts, self.doubts, self.further_doubts = 0, {}, [], 0
        for name, value in changes.items():
            setattr(run, name, value)
        run.save(update_fields=["requests", "counts", "doubts", *changes])

    def take(self, file: str, rows: Sequence[Row], *, at: datetime | None = None) -> list[RowResult]:
        """Take rows of the connection's store in. ``at``: when the platform was asked, by which they are newer than
        others (IX-03)."""
        if not rows:
            return []
        now = self.now
        results = push_rows(
            store=self.connection.store, file=file, rows=rows, principal=System(), at=now, exported_at=at or now
        )
        found = self.counts.setdefault(file, Counter())
        for row, result in zip(rows, results, strict=True):
            found[COUNTED[result.verdict]] += 1
            if result.verdict is Verdict.REJECTED:
                self.doubt(f"{file}.{result.column}", result.reason, str(row.get("order_no", "")))
        return results

    def doubt(self, what: str, value: str, where: str) -> None:
        """Note something that could not be read: a data issue of the run. ``value`` is a code, never free text."""
        said = {"what": what, "value": value[:120], "where": where[:64]}
        if len(self.doubts) < MOST_DOUBTS and said not in self.doubts:
            self.doubts.append(said)
        else:
            self.further_doubts += 1


def _sum(old: Mapping[str, Mapping[str, int]], new: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    names = dict.fromkeys((*old, *new))
    return {name: dict(Counter(old.get(name, {})) + Counter(new.get(name, {}))) for name in names}


def _first(doubts: Sequence[dict[str, str]], further: int) -> list[dict[str, str]]:
    """The first doubts, each once, and how many are left out as the last."""
    listed = [doubt for doubt in doubts if "further" not in doubt]
    left_out = further + sum(int(doubt["further"]) for doubt in doubts if "further" in doubt)
    unique = [doubt for place, doubt in enumerate(listed) if doubt not in listed[:place]]
    left_out += max(len(unique) - MOST_DOUBTS, 0)
    return [*unique[:MOST_DOUBTS], *([{"further": str(left_out)}] if left_out else [])]
