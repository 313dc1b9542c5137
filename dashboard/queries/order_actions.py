"""Who changed orders last: what somebody reads whose action came too late (RL-06)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.events import event_label, kinds_for_company
from core.models import Event
from stores.actors import names_of_actors
from stores.models import Store


@dataclass(frozen=True, slots=True)
class LastChange:
    """The latest event of an order that its company may see."""

    at: datetime
    who: str
    what: str


def last_changes(store: Store, order_nos: Iterable[str]) -> dict[str, LastChange]:
    """The latest change of each order by its number; nothing for those that only imports changed."""
    events = Event.objects.filter(
        store_no=store.store_no, subject_kind="order", subject_key__in=list(order_nos), kind__in=kinds_for_company()
    )
    latest = {event.subject_key: event for event in events.order_by("at", "pk")}
    names = names_of_actors(event.actor for event in latest.values())
    return {
        number: LastChange(event.at, names[event.actor], str(event_label(event))) for number, event in latest.items()
    }
