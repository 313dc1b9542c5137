"""Messages follow from events (PG-19, RL-02): the outbox brings them here. Reading is kept per person."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from core.models import Deadline, Event
from metrics.models import RatingFreeze
from notifications.models import InboxMessage, MessageRead, Notice
from notifications.queries.messages import unread_messages
from notifications.queries.notices import APPEAL, PLAN_DUE, PLAN_VERIFY, SUBJECT, VIEW
from notifications.rules import MessageGroup, NoticeLevel, State
from notifications.services.deliveries import queue_deliveries
from stores.actors import PERSON
from stores.models import Company, Store
from stores.principals import Person

ROWS_AT_ONCE = 1_000
Kind = InboxMessage.Kind
# Which deadlines a message names, and how.
CLOCKS = {VIEW: "open_by", APPEAL: "appeal_by", PLAN_DUE: "plan_by", PLAN_VERIFY: "verify_at"}
# What can happen to a notice once only; of other kinds each event is told.
_ONCE = frozenset({Kind.ISSUED, Kind.ESCALATED, Kind.WAIVED, Kind.PREDICTED})
NAMED_CLOCKS = {
    Kind.ISSUED: (VIEW, APPEAL),
    Kind.ESCALATED: (VIEW, APPEAL),
    Kind.ASSIGNED: (VIEW, APPEAL),
    Kind.PLAN: (PLAN_DUE, PLAN_VERIFY),
    Kind.PLAN_SUBMITTED: (PLAN_VERIFY,),
}
# What happens to a case that goes on; all else about a notice is of its level.
CASES = frozenset({Kind.PLAN, Kind.PLAN_SUBMITTED, Kind.FAILED, Kind.RESOLVED, Kind.RECTIFIED, Kind.CLEARED})


def write_messages(events: Sequence[Event]) -> None:
    """Write companies' messages about events, one per company and event; skip subjects removed meanwhile."""
    told = _Told(events)
    post_messages([message for event in events if (message := _message(event, told)) is not None])


@transaction.atomic
def post_messages(messages: Sequence[InboxMessage]) -> list[InboxMessage]:
    """Store unsaved messages that were not told yet, and queue their e-mails; returns them (RL-02)."""
    told = _stored(messages)
    new = list({_key(message): message for message in messages if _key(message) not in told}.values())
    InboxMessage.objects.bulk_create(new, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)
    stored = _stored(new)
    for message in new:
        message.pk = stored[_key(message)]
    queue_deliveries(new)
    return new


def _stored(messages: Sequence[InboxMessage]) -> dict[tuple[int, str], int]:
    rows = InboxMessage.objects.filter(
        company__in={message.company_id for message in messages}, event__in={message.event for message in messages}
    )
    return {(company_id, event): pk for pk, company_id, event in rows.values_list("pk", "company_id", "event")}


def _key(message: InboxMessage) -> tuple[int, str]:
    return message.company_id, message.event


class _Told:
    """The subjects of some events, read at once."""

    def __init__(self, events: Iterable[Event]) -> None:
        subjects = {event.subject_key for event in events}
        store_nos, company_nos = ({getattr(event, name) for event in events} for name in ("store_no", "company_no"))
        self.stores = {store.store_no: store for store in Store.objects.filter(store_no__in=store_nos)}
        self.companies = {one.company_no: one for one in Company.objects.filter(company_no__in=company_nos)}
        notices = Notice.objects.select_related("replaces").filter(number__in=subjects)
        self.notices = {notice.number: notice for notice in notices}
        clocks = Deadline.objects.filter(subject_kind=SUBJECT, subject_key__in=self.notices, kind__in=CLOCKS)
        self.clocks = {(row.subject_key, row.kind): row.due_at for row in clocks.order_by("id")}
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
        group=_group(kind, notice),
        event=f"{kind.value} {notice.number}" if kind in _ONCE else f"{kind.value} {notice.number} #{event.pk}",
        parameters={
            "number": notice.number,
            "metric": notice.metric,
            "level": notice.level,
            "day": notice.day.isoformat(),
            "value": str(notice.value),
            "line": str(notice.threshold),
            "unit": notice.snapshot.get("unit", ""),
            "replaces": notice.replaces.number if notice.replaces else "",
            **_due(kind, notice, told),
            **({"reviewed": True} if kind == Kind.RESOLVED and event.before["state"] == State.FAILED else {}),
        },
    )


def _due(kind: Kind, notice: Notice, told: _Told) -> dict[str, str]:
    found = {clock: told.clocks.get((notice.number, clock)) for clock in NAMED_CLOCKS.get(kind, ())}
    return {CLOCKS[clock]: due_at.isoformat() for clock, due_at in found.items() if due_at is not None}


def _group(kind: Kind, notice: Notice) -> MessageGroup:
    if kind == Kind.PREDICTED:
        return MessageGroup.NEWS
    if kind == Kind.PLAN:
        return MessageGroup.DEADLINE
    if kind in CASES:
        return MessageGroup.CASE
    return MessageGroup.RED if notice.level == NoticeLevel.RED else MessageGroup.YELLOW


def _about_assignment(event: Event, told: _Told) -> InboxMessage | None:
    """A message to the member who is now responsible; None if they assigned it to themselves."""
    message = _about_notice(event, told)
    assignee = str(event.after.get("assignee") or "")
    if message is None or not assignee.startswith(PERSON) or assignee == event.actor:
        return None
    message.recipient_id = int(assignee.removeprefix(PERSON))
    message.group = MessageGroup.ASSIGNED
    return message


def _about_advice(event: Event, _told: _Told) -> InboxMessage:
    return InboxMessage(
        kind=Kind.ADVICE,
        event=f"{Kind.ADVICE.value} {event.store_no} {event.after['metric']} {event.after['day']}",
        parameters=event.after,
    )


def _about_dependence(event: Event, _told: _Told) -> InboxMessage:
    return InboxMessage(
        kind=event.kind, event=f"{event.kind} {event.store_no} {event.after['day']}", parameters=event.after
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
    Kind.ASSIGNED.value: _about_assignment,
    Kind.PLAN.value: _about_notice,
    Kind.PLAN_SUBMITTED.value: _about_notice,
    Kind.FAILED.value: _about_notice,
    Kind.RESOLVED.value: _about_notice,
    Kind.RECTIFIED.value: _about_notice,
    Kind.CLEARED.value: _about_notice,
    "advice.given": _about_advice,
    "advice.dependence": _about_dependence,
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


def mark_message(*, person: Person, message: InboxMessage, read: bool, at: datetime) -> None:
    """Mark one message as read by a person, or as unread."""
    if read:
        MessageRead.objects.get_or_create(message=message, user=person.user, defaults={"read_at": at})
    else:
        MessageRead.objects.filter(message=message, user=person.user).delete()
