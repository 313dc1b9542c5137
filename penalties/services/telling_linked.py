"""Companies are told that a store of theirs was re-examined (DP-05)."""

from collections.abc import Sequence

from core.models import Event
from notifications.models import InboxMessage
from notifications.rules import MessageGroup
from notifications.services.messages import post_messages
from stores.models import Store


def tell_examined(*, events: Sequence[Event]) -> None:
    """Write the messages; one per store, level and day, however many linked stores reached it."""
    rows = Store.objects.select_related("company").filter(store_no__in={event.store_no for event in events})
    stores = {store.store_no: store for store in rows}
    post_messages(
        [
            InboxMessage(
                company=stores[event.store_no].company,
                store=stores[event.store_no],
                kind=event.kind,
                group=MessageGroup.CASE,
                event=f"{event.kind} {event.store_no} {event.after['level']} {event.after['day']}",
                parameters=event.after,
                at=event.at,
            )
            for event in events
            if event.store_no in stores
        ]
    )
