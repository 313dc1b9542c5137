"""Companies are told what was corrected of their stores (BX-03, PG-19)."""

from collections.abc import Mapping, Sequence

from appeals.models import ProtectedEvent
from appeals.rules import CauseKind
from core.models import Event
from notifications.models import InboxMessage
from notifications.rules import MessageGroup
from notifications.services.messages import post_messages
from stores.models import Store


def tell_corrections(*, events: Sequence[Event]) -> None:
    """Write the messages about corrections. Further orders of a protected event are no news, unless a notice or a
    freeze ended with them."""
    rows = Store.objects.select_related("company").filter(store_no__in={event.store_no for event in events})
    stores = {store.store_no: store for store in rows}
    numbers = {event.subject_key for event in events if event.after["cause_kind"] == CauseKind.EVENT}
    titles = dict(ProtectedEvent.objects.filter(number__in=numbers).values_list("number", "title"))
    told = [event for event in events if event.store_no in stores and _is_news(event)]
    post_messages([_message(event, stores[event.store_no], titles) for event in told])


def _is_news(event: Event) -> bool:
    given = event.after
    first = given["place"] == 1 or event.kind == "correction.withdrawn"
    return bool(first or given["notices"] or given["freezes"])


def _message(event: Event, store: Store, titles: Mapping[str, str]) -> InboxMessage:
    given = event.after
    return InboxMessage(
        company=store.company,
        store=store,
        kind=event.kind,
        group=MessageGroup.CASE if given["cause_kind"] == CauseKind.APPEAL else MessageGroup.NEWS,
        event=f"{event.kind} {store.store_no} {given['cause_no']} {given['place']}",
        parameters={**given, "title": titles.get(given["cause_no"], "")},
        at=event.at,
    )
