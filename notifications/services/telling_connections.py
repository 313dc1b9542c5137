"""Companies are told that a store's connection to its platform ends soon, or needs a person (IX-25)."""

from collections.abc import Sequence

from core.models import Event
from notifications.models import InboxMessage
from notifications.rules import MessageGroup
from notifications.services.messages import post_messages
from stores.models import Store

ENDING, STOPPED = "connector.ending", "connector.stopped"
CONNECTOR_EVENTS = (ENDING, STOPPED)


def tell_connections(events: Sequence[Event]) -> None:
    """One message per event."""
    numbers = {event.store_no for event in events}
    stores = Store.objects.select_related("company").in_bulk(numbers, field_name="store_no")
    post_messages([_message(event, stores[event.store_no]) for event in events if event.store_no in stores])


def _message(event: Event, store: Store) -> InboxMessage:
    return InboxMessage(
        company=store.company,
        store=store,
        kind=event.kind,
        group=MessageGroup.SYSTEM,
        event=f"{event.kind} {store.store_no} #{event.pk}",
        parameters=event.after,
        at=event.at,
    )
