"""Companies are told of negative reviews and of messages that they have to answer soon (AF-07, PN-23)."""

from collections.abc import Sequence

from core.models import Event
from notifications.models import InboxMessage
from notifications.rules import MessageGroup
from notifications.services.messages import post_messages
from stores.models import Store

REVIEWS, UNANSWERED = "review.negative", "message.unanswered"
FEEDBACK_EVENTS = (REVIEWS, UNANSWERED)
GROUPS = {REVIEWS: MessageGroup.NEWS, UNANSWERED: MessageGroup.DEADLINE}


def tell_feedback(*, events: Sequence[Event]) -> None:
    """Write a message per event; of stores that are gone none."""
    rows = Store.objects.select_related("company").filter(store_no__in={event.store_no for event in events})
    stores = {store.store_no: store for store in rows}
    post_messages([_message(event, stores[event.store_no]) for event in events if event.store_no in stores])


def _message(event: Event, store: Store) -> InboxMessage:
    return InboxMessage(
        company=store.company,
        store=store,
        kind=event.kind,
        group=GROUPS[event.kind],
        event=f"{event.kind} #{event.pk}",
        parameters=event.after,
        at=event.at,
    )
