"""What notices and messages make of events."""

from collections.abc import Sequence

from core.models import Event
from core.outbox.subscribers import subscriber
from disputes.events import COMPLAINT_EVENTS
from notifications.services import telling_disputes, telling_exports, telling_money, telling_orders
from notifications.services.complaints import judge_complaints
from notifications.services.messages import TOLD_KINDS, write_messages
from notifications.services.telling_channels import FAILED, tell_of_channels
from notifications.services.telling_connections import CONNECTOR_EVENTS, tell_connections
from notifications.services.telling_copyright import COPYRIGHT_EVENTS, tell_of_copyright
from notifications.services.telling_feedback import FEEDBACK_EVENTS, tell_feedback
from notifications.services.telling_logistics import ADVICE_EVENTS, CASE_EVENTS, CLAIM_EVENTS, tell_verdicts
from notifications.services.telling_risks import KIND as FLAGGED
from notifications.services.telling_risks import tell_risks
from notifications.services.telling_sources import SOURCE_EVENTS, tell_sources
from stores.models import Store


@subscriber("messages", kinds=TOLD_KINDS)
def tell_companies(events: Sequence[Event]) -> None:
    """Notices, advice and freezes are told to the companies that they concern (PG-19)."""
    write_messages(events)


@subscriber("verdict_messages", kinds=(*CLAIM_EVENTS, *CASE_EVENTS, *ADVICE_EVENTS))
def tell_companies_of_verdicts(events: Sequence[Event]) -> None:
    """What operations decided on proofs, claims and risk cases is told to the company, and which carriers scan
    too seldom (TM-11, TM-07, AF-13)."""
    tell_verdicts(events=events)


@subscriber("risk_messages", kinds=(FLAGGED,))
def tell_companies_of_risks(events: Sequence[Event]) -> None:
    """New red flags of orders are told, all those of a store and check in one message (TM-14)."""
    tell_risks(events)


@subscriber("feedback_messages", kinds=FEEDBACK_EVENTS)
def tell_companies_of_feedback(events: Sequence[Event]) -> None:
    """Negative reviews and messages to answer soon (AF-07, PN-23)."""
    tell_feedback(events=events)


@subscriber("order_messages", kinds=telling_orders.TOLD_KINDS)
def tell_companies_of_orders(events: Sequence[Event]) -> None:
    """What the clocks of orders brought about is told where somebody can act on it."""
    telling_orders.tell_of_orders(events)


@subscriber("dispute_messages", kinds=telling_disputes.TOLD_KINDS)
def tell_companies_of_disputes(events: Sequence[Event]) -> None:
    """Companies read what became of their disputes, and why."""
    telling_disputes.tell_disputes(events=events)


@subscriber("money_messages", kinds=telling_money.TOLD_KINDS)
def tell_of_money(events: Sequence[Event]) -> None:
    """Refunds to answer, defaults, held and released funds are told to the store's company."""
    telling_money.tell_money(events=events)


@subscriber("channel_messages", kinds=(FAILED,))
def tell_companies_of_channels(events: Sequence[Event]) -> None:
    """A team chat that gets no messages is told by the other channels (PN-37)."""
    tell_of_channels(events)


@subscriber("connection_messages", kinds=CONNECTOR_EVENTS)
def tell_companies_of_connections(events: Sequence[Event]) -> None:
    """A store's connection that ends soon, or needs a person, is told (IX-25)."""
    tell_connections(events)


@subscriber("source_messages", kinds=SOURCE_EVENTS)
def tell_companies_of_sources(events: Sequence[Event]) -> None:
    """A silence is told once, and its end too (PN-20)."""
    tell_sources(events)


@subscriber("export_messages", kinds=telling_exports.TOLD_KINDS)
def tell_people_of_exports(events: Sequence[Event]) -> None:
    """Whoever had a long list prepared is told that it is ready (IX-13)."""
    telling_exports.tell_of_exports(events)


@subscriber("copyright_messages", kinds=COPYRIGHT_EVENTS)
def tell_companies_of_copyright(events: Sequence[Event]) -> None:
    """Flagged images and further complaints are told (PN-24)."""
    tell_of_copyright(events)


@subscriber("complaints", kinds=COMPLAINT_EVENTS)
def judge_copyright_complaints(events: Sequence[Event]) -> None:
    """Upheld copyright complaints bring their notices at once, and listings that show other images end them (PN-24)."""
    ids = dict(Store.objects.filter(store_no__in={one.store_no for one in events}).values_list("store_no", "pk"))
    for event in events:
        if event.store_no in ids:
            judge_complaints(store_ids=[ids[event.store_no]], at=event.at)
