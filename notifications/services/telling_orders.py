"""Companies read what the clocks of their orders brought about (TM-02, AF-10). Negative reviews are told as such."""

from collections.abc import Sequence

from core.models import Event
from core.timebase import performance_day
from notifications.models import InboxMessage
from notifications.rules import MessageGroup
from notifications.services.messages import post_messages
from stores.models import Store

UNCONFIRMED, BLOCKED = "order.dispatch_unconfirmed", "order.kyc_blocked"
TOLD_KINDS = (UNCONFIRMED, BLOCKED)
GROUPS = {UNCONFIRMED: MessageGroup.YELLOW, BLOCKED: MessageGroup.CASE}


def tell_of_orders(events: Sequence[Event]) -> None:
    """One message per warning, one per store and day about held orders."""
    stores = Store.objects.select_related("company").in_bulk(
        {event.store_no for event in events}, field_name="store_no"
    )
    told = [event for event in events if event.store_no in stores]
    messages: dict[str, InboxMessage] = {}
    for event in told:
        message = _message(event, stores[event.store_no])
        # The first of a day is the one that is told.
        messages.setdefault(message.event, message)
    post_messages(list(messages.values()))


def _message(event: Event, store: Store) -> InboxMessage:
    about = performance_day(event.at).isoformat() if event.kind == BLOCKED else event.subject_key
    return InboxMessage(
        company=store.company,
        store=store,
        kind=event.kind,
        group=GROUPS[event.kind],
        event=f"{event.kind} {store.store_no} {about}",
        parameters={"order_no": event.subject_key, **event.after},
        at=event.at,
    )
