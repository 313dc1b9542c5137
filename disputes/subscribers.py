"""What disputes make of events."""

from collections.abc import Sequence

from core.models import Event
from core.outbox.subscribers import subscriber
from disputes.services.images import flag_complained
from stores.models import Store


@subscriber("image_flags", kinds=("complaint.decided",))
def flag_pictures_complained_about(events: Sequence[Event]) -> None:
    """Pictures like one that an upheld complaint was about are flagged before the next complaint (PN-24)."""
    ids = Store.objects.filter(store_no__in={event.store_no for event in events}).values_list("pk", flat=True)
    flag_complained(store_ids=list(ids), at=max(event.at for event in events))
