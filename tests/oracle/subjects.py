"""Orders with all that hangs on them, resolved to the effective instants of DM-20."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from .bundle import Row, Tables
from .instants import earliest, instant, needed_instant
from .parse import category_flags, cents, order_category, order_sku, total_usd, truth
from .policy import SITE_LANGUAGES, Policy, PolicyHistory, policy_at

OrderKey = tuple[str, str]
BY_ORDER = (
    "shipments",
    "tracking_events",
    "reviews",
    "disputes",
    "refunds",
    "settlements",
    "messages",
)


@dataclass
class BuyerReview:
    """The one buyer's review of an order, merged from its rows (MX, "counts_at")."""

    created: int
    described: int
    communication: int | None
    text: bool
    photo: bool


@dataclass
class Dispute:
    """A dispute row (DP-01)."""

    dispute_no: str
    kind: str
    opened: int
    closed: int | None
    liability: str


@dataclass
class Parcel:
    """A parcel of an order (DM-17): when it was dispatched, and its events (instant, kind)."""

    shipped: int | None
    events: list[tuple[int, str]]

    def first(self, *kinds: str) -> int | None:
        """Its first event of one of the kinds."""
        return earliest(*(at for at, kind in self.events if kind in kinds))


@dataclass
class Order:
    """An order that counts (not external), with effective instants in epoch seconds (DM-20) and its policy."""

    store_no: str
    order_no: str
    policy: Policy
    source: str
    site: str
    sku: str
    flags: set[str]
    presale: bool
    by_platform: bool
    total_usd: Decimal
    created: int
    paid: int | None
    dispatch_confirmed: int | None
    ship_by: int | None
    shipped: int | None
    estimated: int | None
    delivered: int | None
    confirmed: int | None
    confirmed_by: str
    cancelled: int | None
    cancelled_by: str
    refunded: int | None
    first_refund: int | None
    released: int | None
    events: list[tuple[int, str]] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    review: BuyerReview | None = None
    auto_review: int | None = None
    disputes: list[Dispute] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)

    @property
    def key(self) -> OrderKey:
        """store_no and order_no."""
        return self.store_no, self.order_no

    @property
    def cancelled_by_the_seller(self) -> bool:
        """Where the counter cancelled_by_seller holds: a paid order that the seller cancelled."""
        return self.paid is not None and self.cancelled is not None and self.cancelled_by == "seller"

    def first_event(self, *kinds: str) -> int | None:
        """The first tracking event of one of the kinds."""
        # reading: all events of an order count, whatever their tracking number.
        return earliest(*(at for at, kind in self.events if kind in kinds))


def counting_orders(tables: Tables, policy: PolicyHistory) -> list[Order]:
    """All orders but external ones (MX-04), with what hangs on them.

    Children whose order is not there wait (IX-03) and so count nowhere.
    """
    children = {stem: group_by_order(tables.get(stem, [])) for stem in BY_ORDER}
    orders = []
    for row in tables.get("orders", []):
        source = row.get("source") or "platform"
        if source != "external":
            own = {stem: children[stem].get((row["store_no"], row["order_no"]), []) for stem in BY_ORDER}
            orders.append(resolve(row, source, own, tables, policy))
    return orders


def group_by_order(rows: Iterable[Row]) -> dict[OrderKey, list[Row]]:
    """Rows by store_no and order_no."""
    groups: dict[OrderKey, list[Row]] = {}
    for row in rows:
        groups.setdefault((row["store_no"], row["order_no"]), []).append(row)
    return groups


def resolve(row: Row, source: str, own: dict[str, list[Row]], tables: Tables, history: PolicyHistory) -> Order:
    """One order with effective instants."""
    created = needed_instant(row["created_at"])
    policy = policy_at(history, created)
    paid, presale = instant(row.get("paid_at")), truth(row.get("is_presale"))
    events = sorted((needed_instant(event["at"]), event["kind"]) for event in own["tracking_events"])
    parcels = read_parcels(row, own["shipments"], own["tracking_events"])
    completed = [(needed_instant(refund["completed_at"]), refund) for refund in own["refunds"] if completed_at(refund)]
    given_refund = instant(row.get("refunded_at"))
    sku = order_sku(row, tables)
    return Order(
        store_no=row["store_no"],
        order_no=row["order_no"],
        policy=policy,
        source=source,
        site=row.get("site", ""),
        sku=sku,
        flags=category_flags(tables, order_category(row, sku, tables)),
        presale=presale,
        # MX-04a: shipped by the platform itself; absent is the seller.
        by_platform=row.get("fulfilled_by") == "platform",
        total_usd=total_usd(row, tables),
        created=created,
        paid=paid,
        dispatch_confirmed=instant(row.get("dispatch_confirmed_at")),
        ship_by=effective_ship_by(instant(row.get("ship_by")), paid, presale, policy),
        shipped=instant(row.get("shipped_at")),
        estimated=instant(row.get("estimated_delivery_at")),
        delivered=last_delivery(instant(row.get("delivered_at")), parcels),
        confirmed=instant(row.get("confirmed_at")),
        confirmed_by=row.get("confirmed_by", ""),
        cancelled=instant(row.get("cancelled_at")),
        cancelled_by=row.get("cancelled_by", ""),
        refunded=given_refund if given_refund is not None else all_returned(completed, total_usd(row, tables)),
        # "first completed refund (full or partial), else refunded_at": a completed refund row wins over the cell.
        first_refund=min((at for at, _ in completed), default=given_refund),
        released=earliest(*(instant(line.get("released_at")) for line in own["settlements"])),
        events=events,
        parcels=parcels,
        review=merged_review([line for line in own["reviews"] if (line.get("kind") or "buyer") == "buyer"]),
        auto_review=earliest(
            *(needed_instant(line["created_at"]) for line in own["reviews"] if line.get("kind") == "auto")
        ),
        disputes=[read_dispute(line) for line in own["disputes"]],
        messages=own["messages"],
    )


def read_parcels(row: Row, shipments: list[Row], tracking: list[Row]) -> list[Parcel]:
    """The order's own parcel and its further ones (DM-17)."""
    shipped, own = instant(row.get("shipped_at")), row.get("tracking_no", "")
    left = {line["tracking_no"]: instant(line.get("shipped_at")) for line in shipments}
    if not own and left:
        # reading: without a number of its own an order's first parcel is the one that left first.
        own = min(left, key=lambda number: (left[number] or shipped or 0, number))
    further = {number: Parcel(shipped if at is None else at, []) for number, at in left.items() if number != own}
    # reading: an event without a number, or with one that is no further parcel's, is of the order's own parcel.
    first = Parcel(shipped, [])
    for event in tracking:
        further.get(event.get("tracking_no", ""), first).events.append((needed_instant(event["at"]), event["kind"]))
    return [first, *further.values()]


def last_delivery(given: int | None, parcels: list[Parcel]) -> int | None:
    """The given delivery, else the last parcel's once all are delivered (DM-17, DM-20)."""
    if given is not None:
        return given
    delivered = [parcel.first("delivered") for parcel in parcels]
    known = [at for at in delivered if at is not None]
    return max(known) if len(known) == len(delivered) else None


def completed_at(refund: Row) -> int | None:
    """When a refund was completed."""
    # reading: a refund is completed when completed_at is set, whatever its state.
    return instant(refund.get("completed_at"))


def all_returned(completed: list[tuple[int, Row]], total: Decimal) -> int | None:
    """The first completed refund that is flagged full, or with which the amounts reach the order's total (DM-20)."""
    for at, refund in sorted(completed, key=lambda pair: pair[0]):
        # reading: refunds completed in one second count together; one without an amount adds nothing and reaches
        # nothing; the sum and the total are each rounded half up to the cent.
        amounts = [Decimal(other["amount_usd"]) for when, other in completed if when <= at and other.get("amount_usd")]
        reached = bool(refund.get("amount_usd")) and cents(sum(amounts, Decimal(0))) >= cents(total)
        if reached or truth(refund.get("full")):
            return at
    return None


def effective(given: int | None, others: Iterable[int]) -> int | None:
    """A given instant wins, else the first of the others (DM-20)."""
    return given if given is not None else min(others, default=None)


def effective_ship_by(given: int | None, paid: int | None, presale: bool, policy: Policy) -> int | None:
    """The given value, else paid_at + 72 h; for a presale order only a given one (DM-20)."""
    if given is not None:
        return given
    if presale or paid is None:
        return None
    return paid + policy.ship_by_after


def merged_review(rows: list[Row]) -> BuyerReview | None:
    """Several rows for one order merge: the earliest created_at stays; the rest is of the latest created or revised."""
    if not rows:
        return None
    # reading: of two rows last touched in the same second the one created later speaks; an absent kind is a buyer's.
    speaks = max(rows, key=lambda row: (last_touched(row), needed_instant(row["created_at"])))
    return BuyerReview(
        created=min(needed_instant(row["created_at"]) for row in rows),
        described=int(speaks["described"]),
        communication=int(speaks["communication"]) if speaks.get("communication") else None,
        text=bool(speaks.get("text", "").strip()),
        photo=truth(speaks.get("has_photo")),
    )


def last_touched(row: Row) -> int:
    """The later of created_at and revised_at."""
    created = needed_instant(row["created_at"])
    revised = instant(row.get("revised_at"))
    return created if revised is None else max(created, revised)


def read_dispute(row: Row) -> Dispute:
    """A dispute as counted."""
    return Dispute(
        dispute_no=row["dispute_no"],
        kind=row["kind"],
        opened=needed_instant(row["opened_at"]),
        closed=instant(row.get("closed_at")),
        liability=row.get("liability", ""),
    )


def first_reviews(orders: Iterable[Order]) -> dict[tuple[str, str], int]:
    """First buyer review of each listing (store + sku) over counting, i.e. non-external, orders (SR-03)."""
    first: dict[tuple[str, str], int] = {}
    for order in orders:
        if order.sku and order.review is not None:
            listing = order.store_no, order.sku
            first[listing] = min(first.get(listing, order.review.created), order.review.created)
    return first


def replaces_auto(order: Order) -> bool:
    """Whether the buyer's review came within 30 days after the auto review and so replaces it (AF-07)."""
    # reading: both ends inclusive; a buyer's review that is older than the auto review, or younger than it by more than
    # 30 days, replaces nothing: both count, and the buyer's waits like any other.
    if order.review is None or order.auto_review is None:
        return False
    return 0 <= order.review.created - order.auto_review <= order.policy.auto_review_open


def counts_at(order: Order, first: dict[tuple[str, str], int]) -> int | None:
    """From when the order's buyer review counts (SR-03, AF-07)."""
    if order.review is None:
        return None
    created = order.review.created
    if not order.sku or replaces_auto(order):
        return created
    return max(created, first[order.store_no, order.sku] + order.policy.review_wait)


def outcome(order: Order) -> tuple[int, bool] | None:
    """Instant of the outcome of a shipped order, and whether it is a delivery.

    A parcel that arrived by then was delivered, even after it was reported returned or lost.
    """
    if order.shipped is None:
        return None
    latest = order.shipped + order.policy.outcome_after
    if order.delivered is not None and order.delivered <= latest:
        return order.delivered, True
    ends = [at for at, kind in order.events if kind in ("returned", "lost") and at <= latest]
    return min(ends, default=latest), False


def pool_entry(order: Order) -> int | None:
    """First entry of one of the order's parcels into the abnormal pool (TM-03, DM-17), or None."""
    return earliest(*(parcel_entry(order, parcel) for parcel in order.parcels))


def parcel_entry(order: Order, parcel: Parcel) -> int | None:
    """First entry of a parcel.

    Candidates: eᵢ + 48 h when no event lies in (eᵢ, eᵢ + 48 h]; shipped_at + 24 h when no event lies at or before that.
    """
    # reading: a candidate before shipped_at is dropped, not moved; while the order isn't shipped there is no entry.
    if order.shipped is None or parcel.shipped is None:
        return None
    # reading: every kind but `label` is "pickup or later".
    seen = sorted({at for at, kind in parcel.events if kind != "label"})
    candidates = []
    for at in seen:
        limit = at + order.policy.pool_silence
        if not any(at < other <= limit for other in seen):
            candidates.append(limit)
    no_scan = parcel.shipped + order.policy.pool_first_scan
    if not any(at <= no_scan for at in seen):
        candidates.append(no_scan)
    # reading: an order of one parcel is delivered when the source says so, whatever the scan says.
    arrived = parcel.first("delivered") if len(order.parcels) > 1 else None
    ends = earliest(order.delivered, arrived, parcel.first("returned", "lost"), order.cancelled, order.refunded)
    allowed = [at for at in candidates if at >= parcel.shipped and (ends is None or at < ends)]
    return min(allowed, default=None)


def waits(order: Order) -> list[tuple[int, int | None]]:
    """The waits of an order's thread: (begin, instant of the valid reply that ended it or None) (PN-23)."""
    thread = sorted(
        (needed_instant(row["sent_at"]), 0 if row["sender"] == "seller" else 1, row["message_no"], row)
        for row in order.messages
    )
    result: list[tuple[int, int | None]] = []
    running: int | None = None
    for at, _, _, row in thread:
        if row["sender"] == "buyer" and running is None:
            running = at
        elif running is not None and valid_reply(row, order.site):
            result.append((running, at))
            running = None
    if running is not None:
        result.append((running, None))
    return result


def valid_reply(row: Row, site: str) -> bool:
    """A seller's message, not automatic, in a language of the site, in English, or in an unknown language (PN-23)."""
    if row["sender"] != "seller" or truth(row.get("automatic")):
        return False
    # reading: only the primary subtag of a language matters ("pt-BR" is "pt"); an unknown site accepts any language.
    language = row.get("language", "").strip().lower().split("-")[0]
    languages = SITE_LANGUAGES.get(site.upper())
    return not language or languages is None or language == "en" or language in languages


def eligible_at(order: Order) -> int | None:
    """When the order became eligible for the rating, or None (SR-02)."""
    if order.confirmed is None or order.cancelled is not None or order.refunded is not None:
        return None
    # reading: the unrounded total_usd is compared.
    if order.total_usd < order.policy.eligible_min_usd:
        return None
    # reading: withdrawn or excluded platform disputes disqualify too.
    if any(dispute.kind in {"platform_claim", "chargeback"} for dispute in order.disputes):
        return None
    # reading: an absent confirmed_by is not the system; an excluded review still makes an order reviewed.
    by_system = order.confirmed + order.policy.system_confirm_wait if order.confirmed_by == "system" else None
    judged = earliest(order.review.created if order.review is not None else None, by_system)
    return None if judged is None else max(order.confirmed, judged)


def logistics_rated(order: Order) -> bool:
    """Whether the category's flags leave the order in the shipping dimension (SR-08)."""
    return not order.flags & {"virtual", "custom_made", "export_controlled"}
