"""Fires deadlines that have lapsed: each once and in order, also if workers die (DM-27, RL-04, RL-05).

A sweep claims a batch of due deadlines of one kind, counts the attempt, and calls the kind's handler with one portion
after the other, each in the transaction that marks them lapsed. The faster the handler, the larger its portions: no
transaction keeps other writers waiting for long. While a batch is claimed no other sweep takes deadlines of the same
stores and companies, so the effects of one owner come in order of ``due_at``, and those of different owners side by
side.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.db.models import F, QuerySet

from core.deadlines import Owner, hold_owners, kind_named, owner_numbers
from core.events import SYSTEM, record_events
from core.leases import Leases, held, take_turn
from core.models import Deadline, Event
from core.sql import dialect_of

log = structlog.get_logger("dianwei.deadlines")

# A handler that fails, or kills its worker, is tried so often; then the deadline waits for a person (RL-03).
DEADLINES = Leases(duration=timedelta(minutes=5), max_attempts=8, first_retry=timedelta(seconds=30))
BATCH = 1000
# What is fired in one transaction: so many deadlines of a kind at first, then as many as took about this long.
FIRST_PORTION, PORTION_SECONDS = 10, 0.25
# On SQLite a sweep that has written for so long pauses, longer than a waiting writer sleeps between two looks.
TURN_SECONDS, PAUSE_SECONDS = 0.5, 0.12
# Any number that nothing else in the product locks.
CHOOSING = 0x0DEAD11E


@dataclass(frozen=True)
class SweepResult:
    """What one sweep did: fired deadlines per kind, failed attempts, and those given up until a person looks."""

    lapsed: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    stuck: int = 0

    @property
    def total(self) -> int:
        """Deadlines fired by this sweep."""
        return self.lapsed.total()


def due_deadlines(*, at: datetime) -> QuerySet[Deadline]:
    """Open deadlines that have lapsed at ``at``, first due first; the SQL form of `core.rules.has_lapsed`."""
    return Deadline.objects.filter(state=Deadline.State.OPEN, due_at__lt=at).order_by("due_at", "id")


def sweep(*, at: datetime) -> SweepResult:
    """Fire every deadline that has lapsed at ``at`` until none is left that no other sweep is at.

    Any number of sweeps may run at once or die half-way. A deadline whose handler fails stays open, is tried again
    later and holds up no other.
    """
    lapsed: Counter[str] = Counter()
    failed, pace = 0, Pace()
    while batch := _claim(at):
        try:
            for portion in pace.portions(batch):
                fired, broken = _fire(portion, at)
                lapsed[batch[0].kind] += fired
                failed += broken
        except BaseException:
            DEADLINES.release(batch)
            raise
    stuck = DEADLINES.given_up(due_deadlines(at=at), at=at).count()
    if stuck:
        log.error("deadlines given up", count=stuck)
    return SweepResult(+lapsed, failed, stuck)


# ── Pace ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Pace:
    """How many deadlines of a kind a sweep fires at once, from how long those before took, and when it pauses."""

    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}
        self._turn_began = time.monotonic()

    def portions(self, batch: Sequence[Deadline]) -> Iterator[Sequence[Deadline]]:
        """The deadlines of a batch, which are of one kind, in order and as many at once as fit."""
        kind, done = batch[0].kind, 0
        while done < len(batch):
            size = self._sizes.get(kind, FIRST_PORTION)
            portion, began = batch[done : done + size], time.monotonic()
            yield portion
            seconds = time.monotonic() - began
            # A last portion is small and says little, unless it was slow.
            if len(portion) == size or seconds > PORTION_SECONDS:
                self._sizes[kind] = _next_size(len(portion), seconds)
            done += len(portion)
            self._pass_turn_on()

    def _pass_turn_on(self) -> None:
        """Let another writer of SQLite in now and then: one that waits only looks every tenth of a second, and between
        two transactions there is hardly a moment."""
        if connection.in_atomic_block or not dialect_of(connection).one_writer:
            return
        if time.monotonic() - self._turn_began > TURN_SECONDS:
            time.sleep(PAUSE_SECONDS)
            self._turn_began = time.monotonic()


def _next_size(fired: int, seconds: float) -> int:
    """As many as take about as long as a portion may, but not far more than were fired: what small ones took says
    little about large ones."""
    fitting = int(fired * PORTION_SECONDS / max(seconds, 0.001))
    return max(1, min(fitting, 4 * fired, BATCH))


# ── Choosing ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _claim(at: datetime) -> list[Deadline]:
    """Claim the next batch. The attempt is counted in a transaction of its own: it survives a killed worker."""
    with transaction.atomic():
        take_turn(CHOOSING)
        # Who is busy comes first: a sweep that dies after it was asked for is still believed to be at its stores.
        due = _without_busy_owners(due_deadlines(at=at), at)
        keys = _first_batch(DEADLINES.ready(due, at=at)[:BATCH])
        claimed = DEADLINES.claim(Deadline.objects.filter(pk__in=keys).order_by("due_at", "id"), at=at)
    for deadline in claimed:
        deadline.swept_at = at
    return claimed


def _without_busy_owners(rows: QuerySet[Deadline], at: datetime) -> QuerySet[Deadline]:
    """Deadlines of stores and companies of which no other sweep has any in hand."""
    busy = list(held(due_deadlines(at=at), at=at).order_by().values_list(*Owner).distinct())
    for owner, ids in zip(Owner, zip(*busy, strict=True), strict=False):
        rows = rows.exclude(**{f"{owner}__in": [one for one in ids if one is not None]})
    return rows


def _first_batch(rows: QuerySet[Deadline]) -> list[int]:
    """The keys of deadlines of the first one's kind that no other deadline of their owner has to precede.

    One that was tried before is taken alone, so that a crash affects no others.
    """
    keys: list[int] = []
    first, blocked = "", set()
    for key, kind, attempts, *owner in rows.values_list("pk", "kind", "attempts", *Owner):
        if not first and attempts:
            return [key]
        first = first or kind
        if tuple(owner) in blocked:
            continue
        if kind == first and not attempts:
            keys.append(key)
        else:
            blocked.add(tuple(owner))
    return keys


# ── Firing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _fire(batch: Sequence[Deadline], at: datetime) -> tuple[int, int]:
    """Fire a claimed batch, one by one where it fails as a whole; returns how many lapsed and how many failed."""
    try:
        return _lapse(batch), 0
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        if len(batch) == 1:
            return 0, _put_off(batch[0], at)
        log.warning("deadlines are fired one by one", kind=batch[0].kind, count=len(batch), exc_info=True)
    alone = [_fire([deadline], at) for deadline in batch]
    return sum(lapsed for lapsed, _failed in alone), sum(failed for _lapsed, failed in alone)


def _put_off(deadline: Deadline, at: datetime) -> int:
    DEADLINES.put_off(deadline, at=at)
    log.exception("deadline failed", kind=deadline.kind, deadline=deadline.pk, attempts=deadline.attempts)
    return 1


@transaction.atomic
def _lapse(batch: Sequence[Deadline]) -> int:
    """Turn deadlines from open to lapsed and run their handler, or neither; returns how many were still open."""
    kind = kind_named(batch[0].kind)
    if kind.holds_owner:
        hold_owners(kind.owner, {deadline.subject[0] for deadline in batch})
    mine = _take(batch)
    if mine:
        if kind.is_recorded:
            record_events(_events(mine, kind.owner))
        kind.handler(mine)
    return len(mine)


def _take(batch: Sequence[Deadline]) -> list[Deadline]:
    """Those of a claimed batch that are still open and in hand, as lapsed: compare and swap (RL-06)."""
    rows = Deadline.objects.filter(pk__in=[deadline.pk for deadline in batch], lease=batch[0].lease)
    open_rows = rows.filter(state=Deadline.State.OPEN, lease_until__isnull=False)
    changed = open_rows.update(state=Deadline.State.LAPSED, settled_at=F("due_at"), lease_until=None)
    if changed == len(batch):
        mine = list(batch)
    else:
        lapsed = set(rows.filter(state=Deadline.State.LAPSED).values_list("pk", flat=True))
        mine = [deadline for deadline in batch if deadline.pk in lapsed]
    for deadline in mine:
        deadline.state, deadline.settled_at = Deadline.State.LAPSED, deadline.due_at
    return mine


def _events(deadlines: Sequence[Deadline], owner: Owner) -> list[Event]:
    """The event of each lapse, named by the owner's number."""
    numbers = owner_numbers(owner, {deadline.subject[0] for deadline in deadlines})
    return [
        Event(
            kind="deadline.lapsed",
            subject_kind=deadline.subject_kind,
            subject_key=deadline.subject_key,
            actor=SYSTEM,
            at=deadline.due_at,
            cause="DM-27",
            after={"deadline": deadline.kind, "due_at": deadline.due_at.isoformat()},
            **{f"{owner.removesuffix('_id')}_no": numbers.get(deadline.subject[0], "")},
        )
        for deadline in deadlines
    ]
