"""What penalties make of events."""

from collections.abc import Sequence

from core.models import Event
from core.outbox.subscribers import subscriber
from penalties.services.effects import follow_penalties
from penalties.services.following import follow_freezes
from penalties.services.linked import EXAMINED
from penalties.services.listings import follow_delistings
from penalties.services.telling import TOLD_KINDS, tell_penalties
from penalties.services.telling_linked import tell_examined


@subscriber("penalties_of_freezes", kinds=("rating.frozen", "rating.unfrozen"))
def suspend_search_bonus(events: Sequence[Event]) -> None:
    """A freeze ends at any time of the day, its penalty with it (SR-06)."""
    follow_freezes(events=events)


@subscriber("penalty_effects", kinds=("penalty.applied", "penalty.ended"))
def carry_out_penalties(events: Sequence[Event]) -> None:
    """Funds are released again when settlements are resumed; a store is closed or restricted, and opened again."""
    follow_penalties(events=events)


@subscriber("penalty_messages", kinds=TOLD_KINDS)
def tell_companies_of_penalties(events: Sequence[Event]) -> None:
    """Companies learn what begins and ends, with its cause and what lifts it (PN-42)."""
    tell_penalties(events=events)


@subscriber("delisted_listings", kinds=("penalty.applied", "penalty.ended"))
def take_listings_down(events: Sequence[Event]) -> None:
    """Delisted listings go down, and come back if the penalty is lifted (DP-04)."""
    follow_delistings(events=events)


@subscriber("linked_store_messages", kinds=(EXAMINED,))
def tell_companies_of_linked_stores(events: Sequence[Event]) -> None:
    """Companies learn that a store of theirs was re-examined, and nothing of the store that it is linked to (DP-05)."""
    tell_examined(events=events)
