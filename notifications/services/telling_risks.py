"""Tells companies of new red flags on their orders: one message per store and check (TM-14)."""

from collections.abc import Sequence

from core.models import Event
from notifications.models import InboxMessage
from notifications.rules import MessageGroup
from notifications.services.messages import post_messages
from stores.models import Store

KIND = "risk.flagged"


def tell_risks(events: Sequence[Event]) -> None:
    """Mailed as people choose, by default in the daily digest."""
    stores = Store.objects.select_related("company").filter(store_no__in={event.store_no for event in events})
    known = {store.store_no: store for store in stores}
    post_messages([_message(event, known[event.store_no]) for event in events if event.store_no in known])


def _message(event: Event, store: Store) -> InboxMessage:
    return InboxMessage(
        company=store.company,
        store=store,
        kind=KIND,
        group=MessageGroup.RISK,
        event=f"{KIND} {store.store_no} #{event.pk}",
        parameters=event.after,
        at=event.at,
    )
