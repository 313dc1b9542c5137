"""Companies read that images look like one complained about, and that a further complaint was upheld (PN-24)."""

from collections.abc import Sequence

from core.models import Event
from notifications.models import InboxMessage, Notice
from notifications.rules import MessageGroup
from notifications.services.messages import post_messages
from stores.models import Store

FLAGGED, NAMED = "listing.image_flagged", "notice.complaint_named"
COPYRIGHT_EVENTS = (FLAGGED, NAMED)


def tell_of_copyright(events: Sequence[Event]) -> None:
    """One message per event: images are flagged once, so a store hears of each once."""
    stores = Store.objects.select_related("company").in_bulk(
        {event.store_no for event in events}, field_name="store_no"
    )
    notices = Notice.objects.in_bulk({one.subject_key for one in events if one.kind == NAMED}, field_name="number")
    post_messages(
        [
            InboxMessage(
                company=stores[event.store_no].company,
                store=stores[event.store_no],
                notice=notices.get(event.subject_key) if event.kind == NAMED else None,
                kind=event.kind,
                group=MessageGroup.CASE if event.kind == NAMED else MessageGroup.RISK,
                event=f"{event.kind} {event.store_no} #{event.pk}",
                parameters={"number": event.subject_key, **event.after},
                at=event.at,
            )
            for event in events
            if event.store_no in stores
        ]
    )
