"""Messages are rows in the transaction of what they tell (PG-19, RL-02); reading is kept per person."""

from collections.abc import Mapping
from datetime import datetime

from notifications.models import Advice, Message, MessageRead, Notice
from notifications.queries.messages import unread_messages
from stores.models import User


def tell_company(*, kind: Message.Kind, notice: Notice, at: datetime) -> None:
    """Tell the store's company of what happened to a notice; telling it twice is telling it once."""
    message = Message(
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
    Message.objects.bulk_create([message], ignore_conflicts=True)


def tell_of_advice(*, advice: Advice, card: Mapping[str, str], at: datetime) -> None:
    """Tell the store's company what to do about a dimension; ``card`` is the published one (SR-07)."""
    store, day = advice.store, advice.opened_on.isoformat()
    message = Message(
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
    Message.objects.bulk_create([message], ignore_conflicts=True)


def read_messages(*, user: User, at: datetime, notice: Notice | None = None) -> int:
    """Note that a person has read their messages, or those about a notice; returns how many were new."""
    waiting = unread_messages(user)
    if notice is not None:
        waiting = waiting.filter(notice=notice)
    rows = [MessageRead(message_id=pk, user=user, read_at=at) for pk in waiting.values_list("pk", flat=True)]
    MessageRead.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return len(rows)
