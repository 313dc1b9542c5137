"""Messages are rows in the transaction of what they tell (PG-19, RL-02); reading is kept per person."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from metrics.models import RatingFreeze
from notifications.models import Advice, Message, MessageRead, Notice
from notifications.queries.messages import unread_messages
from stores.principals import Person

ROWS_AT_ONCE = 1_000


def tell_company(*, kind: Message.Kind, notice: Notice, at: datetime) -> None:
    """Tell the store's company of what happened to a notice; telling it twice is telling it once."""
    tell_companies([(kind, notice)], at=at)


def tell_companies(news: Iterable[tuple[Message.Kind, Notice]], *, at: datetime) -> None:
    """`tell_company` of many notices."""
    rows = [_about(kind, notice, at) for kind, notice in news]
    Message.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)


def _about(kind: Message.Kind, notice: Notice, at: datetime) -> Message:
    return Message(
        company_id=notice.store.company_id,
        store=notice.store,
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
            "unit": notice.frozen.get("unit", ""),
            "replaces": notice.replaces.number if notice.replaces else "",
        },
        at=at,
    )


def tell_of_advice(news: Iterable[tuple[Advice, Mapping[str, str]]], *, at: datetime) -> None:
    """Tell companies what to do about dimensions; each advice comes with the published card (SR-07)."""
    rows = [_about_advice(advice, card, at) for advice, card in news]
    Message.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)


def _about_advice(advice: Advice, card: Mapping[str, str], at: datetime) -> Message:
    store, day = advice.store, advice.opened_on.isoformat()
    return Message(
        company_id=store.company_id,
        store=store,
        kind=Message.Kind.ADVICE,
        event=f"{Message.Kind.ADVICE.value} {store.store_no} {advice.subject} {day}",
        parameters={
            "metric": advice.subject,
            "day": day,
            "value": card["value"],
            "benchmark": card["benchmark"],
            "deviation": card["deviation"],
        },
        at=at,
    )


def tell_of_freeze(freeze: RatingFreeze, at: datetime) -> None:
    """Tell the store's company that a freeze of its rating began, was predicted or ended, as it is now (SR-06)."""
    if freeze.predicted:
        kind = Message.Kind.FREEZE_PREDICTED
    else:
        kind = Message.Kind.FROZEN if freeze.is_open else Message.Kind.UNFROZEN
    store, first = freeze.store, freeze.start_day.isoformat()
    message = Message(
        company_id=store.company_id,
        store=store,
        kind=kind,
        event=f"{kind.value} {store.store_no} {first}",
        parameters={
            "first": first,
            "last": freeze.end_day.isoformat() if freeze.end_day else "",
            "held": None if freeze.held is None else str(freeze.held),
            "causes": freeze.causes,
            "opened_at": freeze.opened_at.isoformat(),
            "reason": freeze.reason,
        },
        at=at,
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)


def read_messages(*, person: Person, at: datetime, notice: Notice | None = None) -> int:
    """Note that a person has read their messages, or those about a notice; returns how many were new."""
    waiting = unread_messages(person)
    if notice is not None:
        waiting = waiting.filter(notice=notice)
    rows = [MessageRead(message_id=pk, user=person.user, read_at=at) for pk in waiting.values_list("pk", flat=True)]
    MessageRead.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return len(rows)
