"""Companies are told of refunds that wait for an answer, of defaults, and of held and released funds (TM-04, TM-12)."""

from collections.abc import Sequence
from datetime import datetime

from core.models import Event
from core.timebase import performance_day
from notifications.models import InboxMessage
from notifications.rules import MessageGroup
from notifications.services.messages import post_messages
from orders.models import Refund
from orders.queries.refunds import answer_due_at
from stores.models import Store

ASKED, DEFAULTED, HELD, RELEASED = "refund.asked", "refund.defaulted", "funds.held", "funds.released"
TOLD_KINDS = frozenset({ASKED, DEFAULTED, HELD, RELEASED})
GROUPS = {
    ASKED: MessageGroup.DEADLINE,
    DEFAULTED: MessageGroup.RED,
    HELD: MessageGroup.YELLOW,
    RELEASED: MessageGroup.NEWS,
}


def tell_money(*, events: Sequence[Event]) -> None:
    """Write the messages; of the releases of a day a store gets one."""
    known = Store.objects.filter(store_no__in={event.store_no for event in events}).select_related("company")
    stores = {store.store_no: store for store in known}
    due = _due([event for event in events if event.kind == ASKED])
    post_messages([_message(event, stores[event.store_no], due) for event in events if event.store_no in stores])


def _due(asked: Sequence[Event]) -> dict[tuple[str, str], datetime]:
    if not asked:
        return {}
    rows = Refund.objects.filter(
        store__store_no__in={event.store_no for event in asked}, refund_no__in={event.subject_key for event in asked}
    )
    return {(row.store.store_no, row.refund_no): answer_due_at(row) for row in rows.select_related("store")}


def _message(event: Event, store: Store, due: dict[tuple[str, str], datetime]) -> InboxMessage:
    day = performance_day(event.at).isoformat()
    due_at = due.get((event.store_no, event.subject_key))
    once = f"{event.kind} {store.store_no} {day}"
    return InboxMessage(
        company=store.company,
        store=store,
        kind=event.kind,
        group=GROUPS[event.kind],
        event=once if event.kind == RELEASED else f"{event.kind} {event.subject_key} #{event.pk}",
        parameters={
            "number": event.subject_key,
            "day": day,
            "due_at": due_at.isoformat() if due_at else "",
            "reason": event.after.get("held_reason", ""),
        },
        at=event.at,
    )
