"""Facts: every counter of metrics.md, per store and day, row by row (MX-01 … MX-04).

`compute_facts` sums what each subject adds. Exclusions (DM-34) are triples (kind, key, metric): kind ``order``,
``review`` or ``dispute``; key (store_no, order_no), (store_no, order_no of the review) or (store_no, dispute_no);
metric a code, or ``*`` for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from .bundle import Row, tables_of
from .instants import earliest, instant, performance_day, rating_day
from .parse import cents, truth
from .policy import SHIPPED, PolicyHistory
from .subjects import (
    Dispute,
    Order,
    counting_orders,
    counts_at,
    eligible_at,
    first_reviews,
    logistics_rated,
    outcome,
    pool_entry,
    replaces_auto,
    waits,
)

Exclusion = tuple[str, tuple[str, str], str]
Facts = dict[tuple[str, date], dict[str, int]]
Addition = tuple[str, date, int]

PERFORMANCE_COUNTERS = [
    "orders_paid",
    "gmv_cents_usd",
    "dispatch_due",
    "dispatch_late",
    "shipped",
    "shipped_over_72h",
    "handling_seconds",
    "cancelled_by_seller",
    "delivery_due",
    "delivery_late",
    "outcomes",
    "undelivered",
    "trace_incomplete",
    "transit_seconds",
    "logistics_abnormal",
    "disputes_opened_orders",
    "settled",
    "disputes_closed",
    "disputes_seller_liable",
    "refunded_orders",
    "defect_orders",
    "copyright_upheld",
    "messages_due",
    "messages_missed",
    "reviews_positive",
    "reviews_neutral",
    "reviews_negative",
    "reviews_text",
    "reviews_photo",
    "reviews_auto",
    "successes",
    "unconfirmed",
    "collected_orders",
    "collection_seconds",
]
RATING_COUNTERS = [
    "described_n",
    "described_sum",
    "communication_n",
    "communication_sum",
    "r_dispatch_n",
    "r_dispatch_ontime",
    "r_delivery_n",
    "r_delivery_ontime",
    "r_value_cents_usd",
    "r_value_n",
    "u_reviews",
    "u_negative",
    "u_delivery_due",
    "u_delivery_late",
]
COUNTERS = tuple(PERFORMANCE_COUNTERS + RATING_COUNTERS)


def compute_facts(
    bundle: dict[str, list[Row]], *, policy: PolicyHistory = SHIPPED, exclusions: Iterable[Exclusion] = ()
) -> Facts:
    """All facts of a bundle: (store_no, day) → counter → integer; no zero counters, no all-zero rows (MX-01).

    Performance counters lie on Asia/Shanghai days, rating counters on UTC days.
    """
    tables, excluded = tables_of(bundle), set(exclusions)
    orders = counting_orders(tables, policy)
    first = first_reviews(orders)
    facts: Facts = {}
    for order in orders:
        for counter, day, amount in contributions(order, first, excluded):
            add(facts, order.store_no, day, counter, amount)
    for complaint in tables.get("copyright_complaints", []):
        resolved = instant(complaint.get("resolved_at"))
        if resolved is not None and truth(complaint.get("upheld")):
            add(facts, complaint["store_no"], performance_day(resolved), "copyright_upheld", 1)
    return {key: kept for key, row in facts.items() if (kept := {name: n for name, n in row.items() if n})}


def add(facts: Facts, store_no: str, day: date, counter: str, amount: int) -> None:
    """Add to one counter."""
    row = facts.setdefault((store_no, day), {})
    row[counter] = row.get(counter, 0) + amount


def contributions(order: Order, first: dict[tuple[str, str], int], excluded: set[Exclusion]) -> Iterator[Addition]:
    """What one order adds: (counter, day, amount). Certified orders add to the rating calendar only (MX-04)."""
    if order.source == "platform":
        for part in (
            payment_and_dispatch(order, excluded),
            logistics(order, excluded),
            disputes_and_refunds(order, excluded),
            defects(order, first, excluded),
            conversations(order, excluded),
            reviews(order, first, excluded),
            confirmations_and_funds(order),
        ):
            for counter, at, amount in part:
                yield counter, performance_day(at), amount
    for counter, at, amount in rating(order, first, excluded):
        yield counter, rating_day(at), amount


Timed = Iterator[tuple[str, int, int]]


def failure(order: Order, excluded: set[Exclusion], *metrics: str) -> bool:
    """Whether a failure of the order counts: not when the order is excluded from a metric of that counter (MX)."""
    # reading: one counter serves several metrics (dispute_rate, sla_dispute_rate); excluded from one is from both.
    return not any(("order", order.key, metric) in excluded for metric in (*metrics, "*"))


def payment_and_dispatch(order: Order, excluded: set[Exclusion]) -> Timed:
    """orders_paid, gmv, dispatch_*, shipped*, handling, cancelled_by_seller, unconfirmed: all need paid_at."""
    if order.paid is None:
        return
    yield "orders_paid", order.paid, 1
    yield "gmv_cents_usd", order.paid, cents(order.total_usd)
    if order.ship_by is not None and not order.by_platform and not ended_by(order, order.ship_by):
        yield "dispatch_due", order.ship_by, 1
        late = order.shipped is None or order.shipped > order.ship_by
        if late and failure(order, excluded, "late_dispatch"):
            yield "dispatch_late", order.ship_by, 1
    if order.shipped is not None and not order.by_platform:
        handling = order.shipped - order.paid
        yield "shipped", order.shipped, 1
        # reading: contradictory times (shipped before paid) are summed as they are, negative.
        yield "handling_seconds", order.shipped, handling
        if handling > order.policy.slow_handling and failure(order, excluded, "slow_fulfilment"):
            yield "shipped_over_72h", order.shipped, 1
    if order.cancelled is not None and order.cancelled_by_the_seller and failure(order, excluded, "cancel_rate"):
        yield "cancelled_by_seller", order.cancelled, 1
    limit = order.paid + order.policy.confirm_within
    # reading: an order cancelled before the limit still counts; a confirmation before payment is one.
    done = earliest(order.dispatch_confirmed, order.shipped)
    # reading: a warning is a failure of the rating, a mark being one, so that an excluded order has none.
    asked = not order.presale and not order.by_platform
    if asked and (done is None or done > limit) and failure(order, excluded, "dsr"):
        yield "unconfirmed", limit, 1


def ended_by(order: Order, limit: int) -> bool:
    """Cancelled or (fully) refunded at or before the limit."""
    end = earliest(order.cancelled, order.refunded)
    return end is not None and end <= limit


def estimate(order: Order) -> tuple[int, bool] | None:
    """The estimate of an order whose delivery is due, and whether delivery was late; None when none is due."""
    if order.by_platform or order.shipped is None or order.estimated is None or order.shipped > order.estimated:
        return None
    if ended_by(order, order.estimated):
        return None
    return order.estimated, order.delivered is None or order.delivered > order.estimated


def logistics(order: Order, excluded: set[Exclusion]) -> Timed:
    """delivery_*, outcomes, undelivered, trace_incomplete, transit_seconds, logistics_abnormal."""
    if order.by_platform:
        return
    due = estimate(order)
    if due is not None:
        yield "delivery_due", due[0], 1
        if due[1] and failure(order, excluded, "delivery_late"):
            yield "delivery_late", due[0], 1
    entry = pool_entry(order)
    if entry is not None and failure(order, excluded, "logistics_abnormal"):
        yield "logistics_abnormal", entry, 1
    end = outcome(order)
    if end is None:
        return
    at, is_delivery = end
    yield "outcomes", at, 1
    if is_delivery:
        assert order.shipped is not None
        yield "transit_seconds", at, at - order.shipped
    elif failure(order, excluded, "delivered"):
        yield "undelivered", at, 1
    if (not is_delivery or entry is not None) and failure(order, excluded, "trace_complete"):
        # An entry is never at or after delivery (TM-03), so that any entry is one before delivered_at.
        yield "trace_incomplete", at, 1


def kept_disputes(order: Order, excluded: set[Exclusion], *metrics: str) -> list[Dispute]:
    """The order's disputes without those excluded from the metrics."""
    # reading: an excluded dispute leaves both sides of the metrics that its exclusion names, and no others.
    return [
        dispute
        for dispute in order.disputes
        if not any(("dispute", (order.store_no, dispute.dispute_no), metric) in excluded for metric in (*metrics, "*"))
    ]


def disputes_and_refunds(order: Order, excluded: set[Exclusion]) -> Timed:
    """disputes_*, settled, refunded_orders."""
    opened = earliest(
        *(dispute.opened for dispute in kept_disputes(order, excluded, "dispute_rate", "sla_dispute_rate"))
    )
    if opened is not None and failure(order, excluded, "dispute_rate", "sla_dispute_rate"):
        yield "disputes_opened_orders", opened, 1
    settled = earliest(order.confirmed, opened)
    if settled is not None:
        yield "settled", settled, 1
    for dispute in kept_disputes(order, excluded, "liability_rate"):
        # reading: closed_at alone says that a dispute is closed, and liability alone whose it is, whatever the state.
        if dispute.closed is not None:
            yield "disputes_closed", dispute.closed, 1
            if dispute.liability == "seller" and failure(order, excluded, "liability_rate"):
                yield "disputes_seller_liable", dispute.closed, 1
    if order.first_refund is not None and failure(order, excluded, "refund_rate"):
        yield "refunded_orders", order.first_refund, 1


def review_kept(order: Order, excluded: set[Exclusion]) -> bool:
    """Whether the buyer's review may count: an excluded one leaves every counter, whatever metric was named (MX)."""
    return not any(kind == "review" and key == order.key for kind, key, _ in excluded)


def defects(order: Order, first: dict[tuple[str, str], int], excluded: set[Exclusion]) -> Timed:
    """defect_orders: once per order, at the first of dispute, negative buyer review, cancellation by the seller."""
    opened = earliest(*(dispute.opened for dispute in kept_disputes(order, excluded, "odr")))
    negative = None
    if order.review is not None and order.review.described <= 2 and review_kept(order, excluded):
        negative = counts_at(order, first)
    cancelled = order.cancelled if order.cancelled_by_the_seller else None
    at = earliest(opened, negative, cancelled)
    if at is not None and failure(order, excluded, "odr"):
        yield "defect_orders", at, 1


def conversations(order: Order, excluded: set[Exclusion]) -> Timed:
    """messages_due, messages_missed, both at begin + 24 h."""
    for begin, reply in waits(order):
        limit = begin + order.policy.reply_within
        yield "messages_due", limit, 1
        if (reply is None or reply > limit) and failure(order, excluded, "reply_missed"):
            yield "messages_missed", limit, 1


def reviews(order: Order, first: dict[tuple[str, str], int], excluded: set[Exclusion]) -> Timed:
    """reviews_positive / _neutral / _negative, _text, _photo at counts_at; reviews_auto at created_at."""
    if order.auto_review is not None and not replaces_auto(order):
        yield "reviews_auto", order.auto_review, 1
    at = counts_at(order, first)
    if at is None or order.review is None or not review_kept(order, excluded):
        return
    if order.review.described >= 4:
        yield "reviews_positive", at, 1
    elif order.review.described == 3:
        yield "reviews_neutral", at, 1
    elif failure(order, excluded, "positive_rate"):
        yield "reviews_negative", at, 1
    if order.review.text:
        yield "reviews_text", at, 1
    if order.review.photo:
        yield "reviews_photo", at, 1


def confirmations_and_funds(order: Order) -> Timed:
    """successes; collected_orders and collection_seconds (our own names, for avg_collection_days)."""
    if order.confirmed is not None:
        yield "successes", order.confirmed, 1
    if order.paid is not None and order.released is not None:
        yield "collected_orders", order.released, 1
        yield "collection_seconds", order.released, order.released - order.paid


def rating(order: Order, first: dict[tuple[str, str], int], excluded: set[Exclusion]) -> Timed:
    """The counters of the rating calendar."""
    at = counts_at(order, first)
    if at is not None and order.review is not None and review_kept(order, excluded):
        yield "u_reviews", at, 1
        if order.review.described <= 2:
            yield "u_negative", at, 1
    due = estimate(order)
    if due is not None:
        yield "u_delivery_due", due[0], 1
        # reading: "as delivery_late", so that an exclusion from delivery_late holds here too.
        if due[1] and failure(order, excluded, "delivery_late"):
            yield "u_delivery_late", due[0], 1
    eligible = eligible_at(order)
    if eligible is None:
        return
    yield "r_value_n", eligible, 1
    yield "r_value_cents_usd", eligible, cents(order.total_usd)
    yield from rating_stars(order, at, excluded)
    if logistics_rated(order) and not order.by_platform:
        yield from rating_shipping(order, eligible, excluded)


def rating_stars(order: Order, at: int | None, excluded: set[Exclusion]) -> Timed:
    """described_*, communication_* at max(counts_at, confirmed_at)."""
    if at is None or order.review is None or order.confirmed is None or not review_kept(order, excluded):
        return
    at = max(at, order.confirmed)
    yield "described_n", at, 1
    yield "described_sum", at, order.review.described
    if order.review.communication is not None:
        yield "communication_n", at, 1
        yield "communication_sum", at, order.review.communication


def rating_shipping(order: Order, eligible: int, excluded: set[Exclusion]) -> Timed:
    """r_dispatch_*, r_delivery_* at eligible_at."""
    # reading: an order excluded from dsr stays in n and is no failure, i.e. counts as on time.
    forgiven = not failure(order, excluded, "dsr")
    if order.ship_by is not None and order.shipped is not None:
        yield "r_dispatch_n", eligible, 1
        if order.shipped <= order.ship_by or forgiven:
            yield "r_dispatch_ontime", eligible, 1
    if order.estimated is not None and order.delivered is not None:
        yield "r_delivery_n", eligible, 1
        if order.delivered <= order.estimated or forgiven:
            yield "r_delivery_ontime", eligible, 1
