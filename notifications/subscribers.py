"""What notices and messages make of events."""

from collections.abc import Sequence

from core.models import Event
from core.outbox.subscribers import subscriber
from notifications.services.messages import TOLD_KINDS, write_messages


@subscriber("messages", kinds=TOLD_KINDS)
def tell_companies(events: Sequence[Event]) -> None:
    """Notices, advice and freezes are told to the companies that they concern (PG-19)."""
    write_messages(events)
