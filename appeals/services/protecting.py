"""Protected events: drafted, applied to all stores and withdrawn as background work (BX-01, RL-03).

The stores are split into shards, which workers lease. A worker brings one store after the other in line with the event,
each in one transaction together with its place, so that a shard goes on where a dead worker stopped. An event in force
is looked at again every hour: orders that came in meanwhile are protected too.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from appeals.events import PROTECTED_EVENT
from appeals.models import CorrectionReport, EventShard, ProtectedEvent
from appeals.queries.protected_orders import (
    MetOrders,
    met_orders,
    protected_orders,
    stores_met,
    stores_protected,
)
from appeals.rules import EVENT_TRANSITIONS, CauseKind, EventState, event_number
from appeals.services.correcting import CorrectionCause, correct_store
from core.events import SYSTEM, record_event
from core.leases import Leases, take_turn
from core.timebase import performance_day
from metrics.services.runs import Clock
from orders.services.exclusions import (
    ExcludedSubject,
    exclude_subjects,
    protect_orders,
    withdraw_exclusions,
    withdraw_protections,
)
from rulebook.queries import policy_at
from stores.models import Store, User
from stores.principals import Person
from stores.services.holding import hold_stores
from stores.shards import shards_of_stores

log = structlog.get_logger("dianwei.appeals")

LEASES = Leases(duration=timedelta(minutes=15), max_attempts=5, first_retry=timedelta(minutes=1))
RULE = "BX-01"
TASK = "appeals.work_protected_events"
LOOK_AGAIN = timedelta(hours=1)
MOST_SHARDS = 64
ERROR_LENGTH = 2_000
# Turns for the numbers of events: a number that nothing else in the product locks.
NUMBER_TURN = 0x0E0E << 32

Columns = Mapping[str, Any]
"""What an event says: the columns of `ProtectedEvent` that a form has."""


class LostShardError(RuntimeError):
    """Another worker has the shard, or the event was withdrawn meanwhile."""


@transaction.atomic
def draft_event(*, columns: Columns, user: User, at: datetime) -> ProtectedEvent:
    """Draft a protected event, which does nothing until it is applied."""
    take_turn(NUMBER_TURN)
    day = performance_day(at)
    mark = settings.CELL_MARK
    place = ProtectedEvent.objects.filter(number__startswith=event_number(day, 0, mark)[:-4]).count() + 1
    event = ProtectedEvent.objects.create(
        number=event_number(day, place, mark), created_at=at, created_by=user, **columns
    )
    _record("protected_event.added", event, Person(user).actor, at)
    return event


@transaction.atomic
def change_event(*, event: ProtectedEvent, columns: Columns, actor: str, at: datetime) -> bool:
    """Change a draft; False where it was applied meanwhile."""
    if ProtectedEvent.objects.filter(pk=event.pk, state=EventState.DRAFT).update(**columns) != 1:
        return False
    event.refresh_from_db()
    _record("protected_event.changed", event, actor, at)
    return True


@transaction.atomic
def apply_event(*, event: ProtectedEvent, actor: str, at: datetime) -> bool:
    """Put an event in force; workers protect the orders that it meets. False where somebody was faster."""
    if not _move(event, EventState.APPLIED, applied_at=at, looked_at=at):
        return False
    _record("protected_event.applied", event, actor, at, after={"state": EventState.APPLIED})
    _open_shards(event)
    return True


@transaction.atomic
def withdraw_event(*, event: ProtectedEvent, reason: str, actor: str, at: datetime) -> bool:
    """Take an event back; workers have the orders that it protected count as before. False where it is not in force."""
    if not _move(event, EventState.WITHDRAWN, withdrawn_at=at):
        return False
    after = {"state": EventState.WITHDRAWN, "reason": reason}
    _record("protected_event.withdrawn", event, actor, at, after=after)
    _open_shards(event)
    return True


@transaction.atomic
def restart_event(*, event: ProtectedEvent, actor: str, at: datetime) -> bool:
    """Begin an event's work anew, after the cause of what failed was mended: what is done stays done. False for a
    draft, which has no work: it is not in force."""
    rows = ProtectedEvent.objects.select_for_update(no_key=True).exclude(state=EventState.DRAFT)
    if rows.filter(pk=event.pk).first() is None:
        return False
    _record("protected_event.restarted", event, actor, at)
    _open_shards(event)
    return True


def look_again(*, at: datetime) -> int:
    """Open the work of events in force once more that were last looked at an hour ago and may meet further orders;
    returns how many."""
    rows = ProtectedEvent.objects.filter(state=EventState.APPLIED, looked_at__lte=at - LOOK_AGAIN)
    rows = rows.exclude(shards__in=EventShard.objects.exclude(state=EventShard.State.DONE))
    outcome = timedelta(days=policy_at(at).counting.outcome_days)
    opened = 0
    for event in rows.filter(ends_at__gte=at - outcome):
        with transaction.atomic():
            mine = ProtectedEvent.objects.filter(pk=event.pk, state=EventState.APPLIED, looked_at=event.looked_at)
            if mine.update(looked_at=at) == 1:
                _open_shards(event)
                opened += 1
    return opened


def work_events(*, at: datetime, seconds: float | None = None) -> int:
    """Do shards of protected events until none is left or ``seconds`` have passed; returns the stores corrected."""
    clock, corrected = Clock(at), 0
    waiting = EventShard.objects.exclude(state=EventShard.State.DONE).order_by("event_id", "shard")
    while claimed := LEASES.claim(waiting, at=clock.now(), limit=1, state=EventShard.State.RUNNING, error=""):
        corrected += _do_shard(claimed[0], clock)
        if seconds is not None and clock.elapsed() > seconds:
            wake_worker()
            break
    return corrected


def align_store(*, event: ProtectedEvent, store: Store, at: datetime) -> CorrectionReport | None:
    """Bring a store in line with an event: what it meets is protected while it is in force, and nothing once it is
    withdrawn. None where that is so already. Call it in a transaction with the store's row held."""
    withdrawn = event.state == EventState.WITHDRAWN
    there = protected_orders(event.number, store)
    missing = MetOrders() if withdrawn else _without(met_orders(event, store), there)
    if not (there if withdrawn else missing).orders:
        return None

    def change() -> frozenset[int]:
        if withdrawn:
            back = withdraw_protections(store=store, event_no=event.number)
            return back | withdraw_exclusions(store=store, cause_no=event.number)
        subjects = [
            ExcludedSubject(order_id, metric) for metric, ids in missing.excluded.items() for order_id in sorted(ids)
        ]
        longer = protect_orders(
            store=store, order_ids=missing.extended, event_no=event.number, hours=event.extend_hours
        )
        return longer | exclude_subjects(store=store, subjects=subjects, cause_no=event.number, at=at)

    cause = CorrectionCause(CauseKind.EVENT, event.number, withdrawn)
    return correct_store(store=store, cause=cause, change=change, at=at, actor=SYSTEM)


def wake_worker() -> None:
    """Send the hint; should the broker be down, the schedule finds the work (RL-01)."""
    try:
        current_app.send_task(TASK)
    except Exception:
        log.warning("no worker woken", exc_info=True)


def _without(met: MetOrders, there: MetOrders) -> MetOrders:
    excluded = {code: ids - there.excluded.get(code, frozenset()) for code, ids in met.excluded.items()}
    return MetOrders(met.extended - there.extended, excluded)


def _move(event: ProtectedEvent, to: EventState, **columns: datetime) -> bool:
    leaving = [state for state, allowed in EVENT_TRANSITIONS.items() if to in allowed]
    moved = ProtectedEvent.objects.filter(pk=event.pk, state__in=leaving).update(state=to, **columns)
    event.refresh_from_db()
    return moved == 1


def _open_shards(event: ProtectedEvent) -> None:
    """Write the work anew. A worker that is at an older shard finds it gone, and what it has not committed undone."""
    EventShard.objects.filter(event=event).delete()
    shards = shards_of_stores(least=settings.NIGHT_SHARD_STORES, most_shards=MOST_SHARDS)
    EventShard.objects.bulk_create(
        EventShard(event=event, shard=place, after=shard.after, last=shard.last, position=shard.after)
        for place, shard in enumerate(shards)
    )
    transaction.on_commit(wake_worker)


def _do_shard(shard: EventShard, clock: Clock) -> int:
    corrected = 0
    try:
        for store_id in _stores_of(shard):
            corrected += _do_store(shard, store_id, clock)
        LEASES.settle(shard, state=EventShard.State.DONE)
    except LostShardError:
        pass
    except Exception as error:
        log.exception("part of a protected event failed", event=shard.event.number, shard=shard.shard)
        text = f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
        LEASES.put_off(shard, at=clock.now(), state=EventShard.State.FAILED, error=text)
    return corrected


def _stores_of(shard: EventShard) -> list[int]:
    """The stores of a shard that are not done and that the event concerns."""
    last = Q() if shard.last is None else Q(pk__lte=shard.last)
    ids = list(Store.objects.filter(last, pk__gt=shard.position).order_by("pk").values_list("pk", flat=True))
    if shard.event.state == EventState.WITHDRAWN:
        return stores_protected(shard.event.number, ids)
    return stores_met(shard.event, ids)


@transaction.atomic
def _do_store(shard: EventShard, store_id: int, clock: Clock) -> int:
    """Returns 1 where the store was corrected. Raises LostShardError."""
    hold_stores([store_id])
    store = Store.objects.select_related("company").filter(pk=store_id).first()
    report = None if store is None else align_store(event=shard.event, store=store, at=clock.now())
    orders = 0 if report is None else report.orders
    done = {"position": store_id, "stores": F("stores") + int(report is not None), "orders": F("orders") + orders}
    if not LEASES.renew(shard, at=clock.now(), **done):
        raise LostShardError
    return int(report is not None)


def _record(kind: str, event: ProtectedEvent, actor: str, at: datetime, after: dict[str, Any] | None = None) -> None:
    record_event(
        kind=kind, subject_kind=PROTECTED_EVENT, subject_key=event.number, actor=actor, at=at, cause=RULE, after=after
    )
