"""Orders whose buyer waits, asks for money back, or gives reason to look twice (TM-14)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from orders.models import OrderState, Refund
from orders.queries.buyers import buyer_records, crowded_connections
from orders.queries.flags.declaring import Condition, Finder, Flag, FlagGroup, Scope, columns_of
from orders.queries.low_star import OPEN, low_star_orders
from orders.queries.tabs import SELLER_SHIPS
from orders.rules.addresses import address_doubts
from orders.rules.refunds import UNANSWERED
from rulebook.queries import policies, policy_at, policy_in

REFUND_ANSWER_DUE = Flag("refund_answer_due", FlagGroup.BUYER, _("Refund to be answered"), "TM-12", own_clock=True)
ADDRESS_DOUBTFUL = Flag("address_doubtful", FlagGroup.BUYER, _("Doubtful address"), "TM-14")
BUYER_ANOMALY = Flag("buyer_anomaly", FlagGroup.BUYER, _("Buyer's returns or payment unusual"), "TM-14")
MESSAGE_UNANSWERED = Flag("message_unanswered", FlagGroup.BUYER, _("Message unanswered"), "PN-23")
LOW_STAR_TENDENCY = Flag("low_star_tendency", FlagGroup.BUYER, _("Low rating likely"), "TM-14")


def refund_answer_due(scope: Scope, at: datetime) -> Iterator[Condition]:
    """Orders with a refund that waits for the seller's answer; the first one's clock (TM-12)."""
    periods, seen = policies(), set()
    asked = scope.narrow(Refund.objects.filter(completed_at=None, requested_at__lte=at))
    waiting = asked.filter(state__in=UNANSWERED).order_by("requested_at", "pk")
    for order_id, store_id, requested_at in columns_of(waiting, "order_id", "store_id", "requested_at"):
        if order_id not in seen:
            seen.add(order_id)
            due_at = requested_at + timedelta(days=policy_in(periods, requested_at).transactions.refund_answer_days)
            yield Condition(REFUND_ANSWER_DUE.code, order_id, store_id, requested_at, due_at)


def message_unanswered(scope: Scope, at: datetime) -> Iterator[Condition]:
    """Open orders whose buyer waits for a reply (PN-23)."""
    waiting = scope.orders().filter(state__in=OPEN, thread__waiting_since__lte=at)
    for order_id, store_id, since in columns_of(waiting, "pk", "store_id", "thread__waiting_since"):
        yield Condition(MESSAGE_UNANSWERED.code, order_id, store_id, since)


def low_star_tendency(scope: Scope, at: datetime) -> Iterator[Condition]:
    """Open orders whose buyers have cause to rate low and did not review yet."""
    rows = columns_of(
        low_star_orders(scope.orders(), at), "pk", "store_id", "delivered_at", "thread__last_at", "paid_at"
    )
    for order_id, store_id, delivered_at, last_at, paid_at in rows:
        yield Condition(LOW_STAR_TENDENCY.code, order_id, store_id, delivered_at or last_at or paid_at)


def address_doubtful(scope: Scope, at: datetime) -> Iterator[Condition]:
    """Orders to be shipped to an address that a parcel may not reach."""
    rows = scope.orders().filter(SELLER_SHIPS, ship_address__gt="", paid_at__lte=at)
    for order_id, store_id, paid_at, address, site in columns_of(
        rows, "pk", "store_id", "paid_at", "ship_address", "site"
    ):
        if address_doubts(address, site):
            yield Condition(ADDRESS_DOUBTFUL.code, order_id, store_id, paid_at)


def buyer_anomaly(scope: Scope, at: datetime) -> Iterator[Condition]:
    """Orders to be shipped whose buyer sends back or is refunded too often, or that several buyers made from one
    connection in a short time."""
    terms, watched = policy_at(at).transactions, policy_at(at).notices
    to_ship = scope.orders().filter(state=OrderState.PAID, paid_at__lte=at)
    rows = list(columns_of(to_ship, "pk", "store_id", "store__company_id", "buyer_ref", "buyer_ip_hash", "paid_at"))
    records = buyer_records({(company, buyer) for _pk, _store, company, buyer, _ip, _paid in rows}, at)
    crowded = crowded_connections(
        {company for _pk, _store, company, *_rest in rows},
        buyers=watched.manipulation_burst,
        within=timedelta(hours=watched.manipulation_burst_hours),
        at=at,
    )
    for order_id, store_id, company_id, buyer_ref, connection, paid_at in rows:
        record = records.get((company_id, buyer_ref))
        often = (
            record is not None
            and record.orders >= terms.buyer_return_min_orders
            and record.returned >= terms.buyer_return_share * record.orders
        )
        if often or (company_id, connection) in crowded:
            yield Condition(BUYER_ANOMALY.code, order_id, store_id, paid_at)


FINDERS = (
    Finder((REFUND_ANSWER_DUE,), refund_answer_due),
    Finder((MESSAGE_UNANSWERED,), message_unanswered),
    Finder((LOW_STAR_TENDENCY,), low_star_tendency),
    Finder((ADDRESS_DOUBTFUL,), address_doubtful),
    Finder((BUYER_ANOMALY,), buyer_anomaly),
)
