"""What orders make of events (DM-33)."""

from collections.abc import Sequence

from core.models import Event
from core.outbox.subscribers import subscriber
from orders.services.clocks import follow_store
from orders.services.releasing import release_accounts
from stores.models import Store


@subscriber("orders_of_changed_stores", kinds={"store.changed"})
def follow_changed_stores(events: Sequence[Event]) -> None:
    """Staff changed a store: orders that waited for its identity check or payout account go on (AF-10), and those of a
    store that Dianwei governs from now on are followed (DM-11a)."""
    for event in events:
        for store in Store.objects.filter(pk=int(event.subject_key)):
            release_accounts(store_ids=[store.pk], at=event.at)
            if "mode" in event.after:
                follow_store(store=store, at=event.at)
