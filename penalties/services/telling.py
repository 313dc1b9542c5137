"""Companies are told of penalties that begin and end (PN-42)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from core.models import Event
from notifications.models import InboxMessage
from notifications.rules import MessageGroup
from notifications.services.messages import post_messages
from penalties.models import Penalty
from penalties.rules import Ending

APPLIED, PREDICTED, ENDED = "penalty.applied", "penalty.predicted", "penalty.ended"
TOLD_KINDS = (APPLIED, PREDICTED, ENDED)
GROUPS = {APPLIED: MessageGroup.RED, PREDICTED: MessageGroup.NEWS, ENDED: MessageGroup.CASE}


def tell_penalties(*, events: Sequence[Event]) -> None:
    """Write the messages: one for all penalties that a cause brings or that end with it at an instant."""
    keys = [int(event.subject_key) for event in events]
    rows = Penalty.objects.select_related("store__company").in_bulk(keys)
    told: dict[tuple[object, ...], list[tuple[Event, Penalty]]] = defaultdict(list)
    for event in events:
        row = rows.get(int(event.subject_key))
        if row is not None and _is_news(event, row):
            told[event.kind, row.store_id, row.source, row.cause, event.at].append((event, row))
    post_messages([_message(some) for some in told.values()])


def _is_news(event: Event, row: Penalty) -> bool:
    """What a notice restricts from its trigger to its end its own messages tell; a penalty that was over when it was
    found, after an outage, is for the record."""
    if row.facts.get("hours") == 0:
        return False
    was_over = row.ended_at is not None and event.kind != ENDED and row.ending != Ending.LIFTED
    return not was_over


def _message(told: Sequence[tuple[Event, Penalty]]) -> InboxMessage:
    event, row = told[0]
    return InboxMessage(
        company=row.store.company,
        store=row.store,
        kind=event.kind,
        group=GROUPS[event.kind],
        event=f"{event.kind} {row.store.store_no} {row.source} {row.cause} {int(event.at.timestamp())}"[:200],
        parameters=dict(_parameters([one for _event, one in told], row)),
        at=event.at,
    )


def _parameters(rows: Sequence[Penalty], first: Penalty) -> Iterator[tuple[str, Any]]:
    """What the words need of the penalties, which have one cause."""
    yield "penalties", [[row.kind, row.subject] for row in rows]
    yield "source", first.source
    yield "cause", first.cause
    yield "facts", first.facts
    yield "ends_at", first.ends_at.isoformat() if first.ends_at is not None else ""
    yield "ending", first.ending
