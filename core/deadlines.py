"""Durable timers (DM-27): open, meet and void deadlines; fire what lapses exactly once, in order, whoever sweeps.

A service opens a `Deadline`; the app that owns its kind registers in its ``timers.py`` what happens when it lapses::

    @on_lapse("order.confirm_receipt")
    def confirm_receipt(deadline: Deadline) -> None: ...

The handler runs in the transaction that marks the deadline lapsed. Its effect carries ``deadline.due_at``, not the
instant of the sweep (DM-11a), and it may open further deadlines: the same sweep fires those that are due already.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.db.models import F, Model, Q, QuerySet

from core.events import SYSTEM, record_event
from core.models import Deadline
from core.rules import has_lapsed

__all__ = [
    "MAX_ATTEMPTS",
    "SweepResult",
    "UnknownDeadlineKindError",
    "due_deadlines",
    "has_lapsed",
    "meet_deadline",
    "on_lapse",
    "open_deadline",
    "open_deadlines",
    "registered_kinds",
    "sweep",
    "void_deadline",
    "void_deadlines",
]

log = structlog.get_logger("dianwei.deadlines")

Handler = Callable[[Deadline], None]
_handlers: dict[str, Handler] = {}

# A handler that fails, or kills its worker, is tried this often and then left open for a person (RL-03).
MAX_ATTEMPTS = 8
FIRST_RETRY = timedelta(seconds=30)
# Any number that nothing else in the product locks.
SWEEP_LOCK = 0x0DEAD11E


class UnknownDeadlineKindError(LookupError):
    """A deadline of a kind for which no app has registered a handler."""


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


def on_lapse(kind: str) -> Callable[[Handler], Handler]:
    """Register what happens when a deadline of ``kind`` lapses. One kind has one handler."""

    def register(handler: Handler) -> Handler:
        if _handlers.setdefault(kind, handler) is not handler:
            raise ValueError(f"two handlers for deadlines of kind {kind!r}")
        return handler

    return register


# ── Open, meet, void ───────────────────────────────────────────────────────────────────────────────────────────────


def open_deadline(
    *, store: Model, kind: str, subject_kind: str, subject_key: str, due_at: datetime, at: datetime
) -> Deadline:
    """Open the countdown of a subject, or move the open one to ``due_at``; opening it twice is opening it once.

    Raises UnknownDeadlineKindError when nobody would act on it.
    """
    open_deadlines(kind=kind, subject_kind=subject_kind, due={(store.pk, subject_key): due_at}, at=at)
    return _open(store, kind, subject_kind, subject_key).get()


def open_deadlines(*, kind: str, subject_kind: str, due: dict[tuple[int, str], datetime], at: datetime) -> None:
    """`open_deadline` for many subjects at once: ``due`` maps (store id, subject key) to the due instant."""
    if kind not in _handlers:
        raise UnknownDeadlineKindError(kind)
    rows = [
        Deadline(store_id=store_id, kind=kind, subject_kind=subject_kind, subject_key=key, due_at=due_at, opened_at=at)
        # In one order everywhere: two imports at once then can't wait for each other's rows.
        for (store_id, key), due_at in sorted(due.items())
    ]
    with transaction.atomic():
        Deadline.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
        _move(kind, subject_kind, due)


def meet_deadline(*, store: Model, kind: str, subject_kind: str, subject_key: str, at: datetime) -> bool:
    """Settle the countdown because what it waited for happened at ``at``.

    Returns False when there is no open deadline or ``at`` is too late, though no sweep came by yet (RL-05): the
    caller then treats the deadline as lapsed.
    """
    in_time = _open(store, kind, subject_kind, subject_key).filter(due_at__gte=at)
    return in_time.update(state=Deadline.State.MET, settled_at=at) == 1


def void_deadline(*, store: Model, kind: str, subject_kind: str, subject_key: str, at: datetime) -> bool:
    """Drop the countdown because its reason is gone, however late it is. Returns whether one was open."""
    rows = _open(store, kind, subject_kind, subject_key)
    return rows.update(state=Deadline.State.VOID, settled_at=at) == 1


def void_deadlines(*, kind: str, subject_kind: str, subjects: Collection[tuple[int, str]], at: datetime) -> int:
    """`void_deadline` for many subjects at once, each a store's id and a key; returns how many were open."""
    wanted, voided = sorted(subjects), 0
    for start in range(0, len(wanted), 1000):
        part = set(wanted[start : start + 1000])
        standing = Deadline.objects.filter(
            kind=kind,
            subject_kind=subject_kind,
            state=Deadline.State.OPEN,
            store__in={store_id for store_id, _ in part},
            subject_key__in={key for _, key in part},
        ).values_list("pk", "store_id", "subject_key")
        keys = [pk for pk, store_id, key in standing if (store_id, key) in part]
        rows = Deadline.objects.filter(pk__in=keys, state=Deadline.State.OPEN)
        voided += rows.update(state=Deadline.State.VOID, settled_at=at)
    return voided


def _open(store: Model, kind: str, subject_kind: str, subject_key: str) -> QuerySet[Deadline]:
    return Deadline.objects.filter(
        store_id=store.pk, kind=kind, subject_kind=subject_kind, subject_key=subject_key, state=Deadline.State.OPEN
    )


def _move(kind: str, subject_kind: str, due: dict[tuple[int, str], datetime]) -> None:
    """Give open deadlines that stood already the new due instant, and a fresh count of attempts."""
    keys = list(due)
    for start in range(0, len(keys), 1000):
        part = keys[start : start + 1000]
        standing = Deadline.objects.filter(
            kind=kind,
            subject_kind=subject_kind,
            state=Deadline.State.OPEN,
            store__in={store_id for store_id, _ in part},
            subject_key__in={key for _, key in part},
        )
        for deadline in standing:
            due_at = due.get((deadline.store_id, deadline.subject_key))
            if due_at is not None and due_at != deadline.due_at:
                Deadline.objects.filter(pk=deadline.pk, state=Deadline.State.OPEN).update(
                    due_at=due_at, attempts=0, retry_at=None
                )


# ── Sweep ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def due_deadlines(*, at: datetime) -> QuerySet[Deadline]:
    """Open deadlines that have lapsed at ``at``, first due first; the SQL form of `has_lapsed`."""
    return Deadline.objects.filter(state=Deadline.State.OPEN, due_at__lt=at).order_by("due_at", "id")


def sweep(*, at: datetime) -> SweepResult:
    """Fire every deadline that has lapsed at ``at``, in order of due_at, until none is left.

    Any number of sweeps may run at once or die half-way: each deadline is fired by the one that turns it from open
    to lapsed, in the transaction of its effect. One that fails stays open, is tried again later and holds up no other.
    """
    lapsed: Counter[str] = Counter()
    failed = 0
    while (deadline := _start_attempt(at)) is not None:
        try:
            if _fire(deadline):
                lapsed[deadline.kind] += 1
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            failed += 1
            _put_off(deadline, at)
            log.exception("deadline failed", kind=deadline.kind, deadline=deadline.pk, attempts=deadline.attempts)
    stuck = due_deadlines(at=at).filter(attempts__gte=MAX_ATTEMPTS).count()
    if stuck:
        log.error("deadlines given up", count=stuck)
    return SweepResult(lapsed, failed, stuck)


def _start_attempt(at: datetime) -> Deadline | None:
    """Choose the first due deadline and count the attempt in a transaction of its own: it survives a killed worker.

    From the second attempt on the deadline also waits before its next turn, so that one whose handler kills its
    worker doesn't hold up those behind it.
    """
    with transaction.atomic():
        _take_turn()
        ready = Q(retry_at__isnull=True) | Q(retry_at__lte=at)
        deadline = due_deadlines(at=at).filter(ready, attempts__lt=MAX_ATTEMPTS).select_related("store").first()
        if deadline is not None:
            deadline.retry_at = _next_turn(deadline.attempts, at) if deadline.attempts else None
            deadline.attempts += 1
            deadline.save(update_fields=["attempts", "retry_at"])
    return deadline


def _fire(deadline: Deadline) -> bool:
    """Turn the deadline from open to lapsed and run its handler, or neither. False when another sweep was first."""
    with transaction.atomic():
        _take_turn()
        claimed = Deadline.objects.filter(pk=deadline.pk, state=Deadline.State.OPEN, due_at=deadline.due_at)
        if claimed.update(state=Deadline.State.LAPSED, settled_at=F("due_at")) != 1:
            return False
        deadline.state = Deadline.State.LAPSED
        deadline.settled_at = deadline.due_at
        handler = _handlers.get(deadline.kind)
        if handler is None:
            raise UnknownDeadlineKindError(deadline.kind)
        record_event(
            kind="deadline.lapsed",
            subject_kind=deadline.subject_kind,
            subject_key=deadline.subject_key,
            actor=SYSTEM,
            at=deadline.due_at,
            store_no=deadline.store.store_no,
            cause="DM-27",
            after={"deadline": deadline.kind, "due_at": deadline.due_at.isoformat()},
        )
        handler(deadline)
        return True


def _put_off(deadline: Deadline, at: datetime) -> None:
    Deadline.objects.filter(pk=deadline.pk, state=Deadline.State.OPEN).update(
        retry_at=_next_turn(deadline.attempts, at)
    )


def _next_turn(attempts: int, at: datetime) -> datetime:
    return at + FIRST_RETRY * (1 << max(attempts - 1, 0))


def _take_turn() -> None:
    """Let sweeps of several workers take turns, so that effects come in order of due_at whoever fires them.

    On SQLite a transaction is the turn: there is one writer at a time (RL-07).
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SWEEP_LOCK])


def registered_kinds() -> Iterable[str]:
    """The kinds of deadlines that some app acts on."""
    return _handlers.keys()
