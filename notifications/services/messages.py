"""Messages follow from events (PG-19, RL-02): the outbox brings them here. Reading is kept per person."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from core.models import Event
from metrics.models import RatingFreeze
from notifications.models import InboxMessage, MessageRead, Notice
from notifications.queries.messages import unread_messages
from stores.models import Company, Store
from stores.principals import Person

ROWS_AT_ONCE = 1_000
Kind = InboxMessage.Kind


def write_messages(events: Sequence[Event]) -> None:
    """Write companies' messages about events, one per company and event; skip subjects removed meanwhile."""
    told = _Told(events)
    rows = [message for event in events if (message := _message(event, told)) is not None]
    InboxMessage.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)


class _Told:
    """The subjects of some events, read at once."""

    def __init__(self, events: Iterable[Event]) -> None:
        subjects = {event.subject_key for event in events}
        store_nos, company_nos = ({getattr(event, name) for event in events} for name in ("store_no", "company_no"))
        self.stores = {store.store_no: store for store in Store.objects.filter(store_no__in=store_nos)}
        self.companies = {one.company_no: one for one in Company.objects.filter(company_no__in=company_nos)}
        notices = Notice.objects.select_related("replaces").filter(number__in=subjects)
        self.notices = {notice.number: notice for notice in notices}
        self.ended = _ended_freezes(event for event in events if event.kind == Kind.UNFROZEN)


def _ended_freezes(events: Iterable[Event]) -> dict[str, RatingFreeze]:
    """Freezes that were ended, by the key of their events."""
    days = {event.store_no: date.fromisoformat(event.subject_key.rpartition("/")[2]) for event in events}
    if not days:
        return {}
    freezes = RatingFreeze.objects.select_related("store").filter(
        store__store_no__in=days, start_day__in=days.values(), predicted=False
    )
    return {f"{freeze.store.store_no}/{freeze.start_day.isoformat()}": freeze for freeze in freezes}


def _message(event: Event, told: _Told) -> InboxMessage | None:
    store, company = told.stores.get(event.store_no), told.companies.get(event.company_no)
    if store is None or company is None:
        return None
    message = _WRITERS[event.kind](event, told)
    if message is not None:
        message.company, message.store, message.at = company, store, event.at
    return message


def _about_notice(event: Event, told: _Told) -> InboxMessage | None:
    notice = told.notices.get(event.subject_key)
    if notice is None:
        return None
    kind = Kind(event.kind)
    if kind == Kind.ISSUED and "replaces" in event.after:
        kind = Kind.ESCALATED
    return InboxMessage(
        notice=notice,
        kind=kind,
        event=f"{kind.value} {notice.number}",
        parameters={
            "number": notice.number,
            "metric": notice.metric,
            "level": notice.level,
            "day": notice.day.isoformat(),
            "value": str(notice.value),
            "line": str(notice.threshold),
            "unit": notice.snapshot.get("unit", ""),
            "replaces": notice.replaces.number if notice.replaces else "",
        },
    )


def _about_advice(event: Event, _told: _Told) -> InboxMessage:
    return InboxMessage(
        kind=Kind.ADVICE,
        event=f"{Kind.ADVICE.value} {event.store_no} {event.after['metric']} {event.after['day']}",
        parameters=event.after,
    )


def _about_begun_freeze(event: Event, _told: _Told) -> InboxMessage:
    return _about_freeze(
        event,
        first=event.after["start_day"],
        held=event.after["held"],
        causes=event.after["causes"],
        opened_at=event.at,
    )


def _about_ended_freeze(event: Event, told: _Told) -> InboxMessage | None:
    freeze = told.ended.get(event.subject_key)
    if freeze is None:
        return None
    return _about_freeze(
        event,
        first=freeze.start_day.isoformat(),
        last=event.after["end_day"],
        held=None if freeze.held is None else str(freeze.held),
        causes=freeze.causes,
        opened_at=freeze.opened_at,
        reason=freeze.reason,
    )


def _about_freeze(
    event: Event, *, first: str, held: str | None, causes: Any, opened_at: datetime, last: str = "", reason: str = ""
) -> InboxMessage:
    return InboxMessage(
        kind=event.kind,
        event=f"{event.kind} {event.store_no} {first}",
        parameters={
            "first": first,
            "last": last,
            "held": held,
            "causes": causes,
            "opened_at": opened_at.isoformat(),
            "reason": reason,
        },
    )


_WRITERS: Mapping[str, Callable[[Event, _Told], InboxMessage | None]] = {
    Kind.ISSUED.value: _about_notice,
    Kind.PREDICTED.value: _about_notice,
    Kind.WAIVED.value: _about_notice,
    "advice.given": _about_advice,
    Kind.FROZEN.value: _about_begun_freeze,
    Kind.FREEZE_PREDICTED.value: _about_begun_freeze,
    Kind.UNFROZEN.value: _about_ended_freeze,
}
TOLD_KINDS = frozenset(_WRITERS)


def read_messages(*, person: Person, at: datetime, notice: Notice | None = None) -> int:
    """Mark a person's messages as read, all or those about a notice; returns how many were new."""
    waiting = unread_messages(person)
    if notice is not None:
        waiting = waiting.filter(notice=notice)
    rows = [MessageRead(message_id=pk, user=person.user, read_at=at) for pk in waiting.values_list("pk", flat=True)]
    MessageRead.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return len(rows)
