"""Companies are told that a source has fallen silent, and that it is back (PN-20)."""

from collections.abc import Sequence

from core.models import Event
from notifications.models import InboxMessage
from notifications.rules import MessageGroup
from notifications.services.messages import post_messages
from stores.models import Store

SILENT, SPOKE = "source.silent", "source.spoke"
SOURCE_EVENTS = (SILENT, SPOKE)
GROUPS = {SILENT: MessageGroup.SYSTEM, SPOKE: MessageGroup.NEWS}
# Stores that a message names; the page has them all.
NAMED = 5


def tell_sources(events: Sequence[Event]) -> None:
    """One message for all stores of a company where the same source fell silent, or spoke again, at once: an ERP that
    stops is one cause."""
    stores = Store.objects.select_related("company").in_bulk(
        {event.store_no for event in events}, field_name="store_no"
    )
    together: dict[tuple[object, ...], list[Event]] = {}
    for event in events:
        if event.store_no in stores:
            key = (event.kind, stores[event.store_no].company_id, event.after["source"], event.after["name"])
            together.setdefault(key, []).append(event)
    post_messages([_message(group, stores[group[0].store_no]) for group in together.values()])


def _message(events: Sequence[Event], store: Store) -> InboxMessage:
    first = events[0]
    return InboxMessage(
        company=store.company,
        store=store,
        kind=first.kind,
        group=GROUPS[first.kind],
        event=f"{first.kind} {store.store_no} #{first.pk}",
        parameters={
            **first.after,
            "stores": [event.store_no for event in events[:NAMED]],
            "count": len(events),
        },
        at=first.at,
    )
