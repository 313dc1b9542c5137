"""Companies are told what operations decided on their pickup proofs and claims, and on risk cases (TM-11, TM-07)."""

from collections.abc import Sequence

from core.models import Event
from notifications.models import InboxMessage
from notifications.rules import MessageGroup
from notifications.services.messages import post_messages
from stores.models import Store

CLAIM_EVENTS = ("logistics_claim.accepted", "logistics_claim.refused")
ADVICE_EVENTS = ("carrier.scans_seldom",)
CASE_EVENTS = ("risk_case.confirmed", "risk_case.dismissed")

GROUPS = {"risk_case.confirmed": MessageGroup.RED, "carrier.scans_seldom": MessageGroup.NEWS}


def tell_verdicts(*, events: Sequence[Event]) -> None:
    """Write a message per verdict; of stores that are gone none."""
    rows = Store.objects.select_related("company").filter(store_no__in={event.store_no for event in events})
    stores = {store.store_no: store for store in rows}
    post_messages([_message(event, stores[event.store_no]) for event in events if event.store_no in stores])


def _message(event: Event, store: Store) -> InboxMessage:
    return InboxMessage(
        company=store.company,
        store=store,
        kind=event.kind,
        group=GROUPS.get(event.kind, MessageGroup.CASE),
        event=f"{event.kind} {store.store_no} {event.subject_key}",
        parameters=event.after,
        at=event.at,
    )
