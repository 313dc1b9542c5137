"""Companies are told of team chats that messages don't reach, by the other channels (PN-37, BX-08)."""

from collections.abc import Sequence

from core.models import Event
from notifications.models import Connection, InboxMessage
from notifications.rules import MessageGroup
from notifications.services.messages import post_messages
from stores.models import Store

FAILED = "connection.failed"


def tell_of_channels(events: Sequence[Event]) -> None:
    """One message per chat and failure that lasts. Messages belong to stores: that of a company's oldest one."""
    connections = Connection.objects.in_bulk([int(event.subject_key) for event in events])
    messages = []
    for event in events:
        connection = connections.get(int(event.subject_key))
        store = Store.objects.filter(company__company_no=event.company_no).order_by("pk").first()
        if connection is None or store is None:
            continue
        messages.append(
            InboxMessage(
                company_id=connection.company_id,
                store=store,
                kind=FAILED,
                group=MessageGroup.SYSTEM,
                event=f"{FAILED} {connection.pk} #{event.pk}",
                parameters={**event.after, "connection": connection.pk},
                at=event.at,
            )
        )
    post_messages(messages)
