"""Orders in answers of the API: what pages show, no addresses, the beginning of the buyer's pseudonym (RL-14)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from ninja import Schema
from pydantic import BeforeValidator, Field

from api.queries.orders import OrderDetails
from disputes.models import Dispute
from insights.presenters.reasons import reason_text
from insights.queries.order_counts import Count, Outcome
from metrics.queries.problems import ProblemRow
from metrics.reasons.lookup import Reason
from orders.data_issues import data_issue_texts
from orders.models import Fulfilment, Order, OrderState, Review, Source
from orders.models import TrackingEvent as Scan
from orders.rules.buyers import shown_buyer
from orders.rules.parcels import Parcel

_CENT = Decimal("0.01")


def _amount(value: Any) -> str | None:
    """A decimal with its own places, two at least."""
    if value is None:
        return None
    found = Decimal(value).normalize()
    return format(found if found != (cents := found.quantize(_CENT)) else cents, "f")


Amount = Annotated[str | None, BeforeValidator(_amount), Field(examples=["12.50"])]
Text = Annotated[str | None, BeforeValidator(lambda value: value or None)]
Instant = datetime | None


class OrderSummary(Schema):
    """An order as lists show it. Instants that are not known are null."""

    order_no: str = Field(examples=["8199633578334501"])
    state: OrderState
    source: Source
    fulfilled_by: Fulfilment
    sku: Text
    category: Text
    site: Text = Field(examples=["BR"])
    buyer: Text = Field(description="The beginning of the buyer's pseudonym")
    is_presale: bool
    created_at: datetime
    paid_at: Instant
    dispatch_confirmed_at: Instant
    ship_by: Instant
    shipped_at: Instant
    carrier: Text
    tracking_no: Text
    first_scan_at: Instant
    estimated_delivery_at: Instant
    delivered_at: Instant
    confirmed_at: Instant
    confirmed_by: Text
    cancelled_at: Instant
    cancelled_by: Text
    refunded_at: Instant
    closed_at: Instant
    updated_at: Instant = Field(
        description="When it, or anything in its document but `counts_in`, changed here; null: not since this is kept"
    )
    total_amount: Amount
    currency: str
    total_usd: Amount
    data_issues: list[str] = Field(description="Contradictions that the source told, in words")


class Line(Schema):
    line_no: int
    sku: str
    quantity: int | None
    amount: Amount


class ParcelDocument(Schema):
    """A parcel of the order; ``former_numbers`` are those that it had before."""

    number: int
    carrier: Text
    tracking_no: Text
    shipped_at: Instant
    former_numbers: list[str]


class TrackingEventDocument(Schema):
    at: datetime
    kind: Scan.Kind
    tracking_no: Text
    place: Text
    text: Text


class ReviewDocument(Schema):
    kind: Review.Kind
    created_at: datetime
    revised_at: Instant
    described: int | None
    communication: int | None
    shipping: int | None
    text: Text
    has_photo: bool


class DisputeDocument(Schema):
    dispute_no: str
    kind: Dispute.Kind
    state: Dispute.State
    opened_at: datetime
    responded_at: Instant
    closed_at: Instant
    liability: Text
    claimed_usd: Amount
    outcome_usd: Amount


class RefundDocument(Schema):
    refund_no: str
    state: Text
    requested_at: datetime
    completed_at: Instant
    amount_usd: Amount
    full: bool


class ReturnDocument(Schema):
    return_no: str
    shipped_back_at: Instant
    received_at: Instant
    inspected_at: Instant
    result: Text


class ReasonDocument(Schema):
    """Why it fails. ``since`` and ``until`` are what is measured; without ``until`` it is still open."""

    code: Text = Field(examples=["shipped_late"])
    text: str = Field(description="In the language of Accept-Language", examples=["shipped 5 h late"])
    at: Instant
    since: Instant
    until: Instant
    also: list[str] = Field(description="Codes of what else would have made it fail")


class CountDocument(Schema):
    """How the order stands in one metric, from ``day`` up to the day before ``leaves``."""

    metric: str = Field(examples=["late_dispatch"])
    outcome: str = Field(json_schema_extra={"enum": [outcome.value for outcome in Outcome]})
    day: date
    leaves: date
    reason: ReasonDocument | None = Field(description="Of one that fails")
    left_out_because: Text = Field(description="Of one that is left out, in words")


class OrderDocument(OrderSummary):
    """An order with what belongs to it, in order of time, and where it counts."""

    payment_method: Text
    cancel_reason: Text
    shipping_amount: Amount
    lines: list[Line]
    parcels: list[ParcelDocument]
    tracking_events: list[TrackingEventDocument]
    reviews: list[ReviewDocument]
    disputes: list[DisputeDocument]
    refunds: list[RefundDocument]
    returns: list[ReturnDocument]
    counts_in: list[CountDocument]


class ProblemOrder(Schema):
    """An order that fails a metric on a day, or a copyright complaint that does."""

    order_no: str | None
    complaint_no: str | None
    day: date
    counter: str = Field(examples=["dispatch_late"])
    reason: ReasonDocument


def order_summary(order: Order) -> OrderSummary:
    """An order as lists show it."""
    return OrderSummary(**_own(order, OrderSummary))


def _own(order: Order, schema: type[Schema]) -> dict[str, Any]:
    """The fields of an order's own columns, and those that are made of them."""
    columns = {name: getattr(order, name) for name in schema.model_fields if name in _COLUMNS}
    return columns | {
        "buyer": shown_buyer(order.buyer_ref),
        "data_issues": data_issue_texts(order.data_issues),
    }


_COLUMNS = {column.name for column in Order._meta.concrete_fields} - {"data_issues"}


def order_document(details: OrderDetails, at: datetime) -> OrderDocument:
    """The document of one order."""
    file = details.file
    return OrderDocument(
        **_own(file.order, OrderDocument),
        lines=[Line.from_orm(line) for line in file.lines],
        parcels=[parcel_document(parcel) for parcel in file.parcels],
        tracking_events=[TrackingEventDocument.from_orm(scan) for scan in file.scans],
        reviews=[ReviewDocument.from_orm(review) for review in file.reviews],
        disputes=[DisputeDocument.from_orm(dispute) for dispute in details.disputes],
        refunds=[RefundDocument.from_orm(refund) for refund in file.refunds],
        returns=[ReturnDocument.from_orm(parcel) for parcel in file.returns],
        counts_in=[count_document(count, at) for count in details.counts],
    )


def parcel_document(parcel: Parcel) -> ParcelDocument:
    return ParcelDocument(
        number=parcel.number,
        carrier=parcel.carrier,
        tracking_no=parcel.tracking_no,
        shipped_at=parcel.shipped_at,
        former_numbers=list(parcel.former),
    )


def count_document(count: Count, at: datetime) -> CountDocument:
    return CountDocument(
        metric=count.metric.code,
        outcome=count.outcome.value,
        day=count.day,
        leaves=count.leaves,
        reason=reason_document(count.reason, count.counter, at) if count.outcome is Outcome.FAILS else None,
        left_out_because=str(count.condition.text) if count.condition else None,
    )


def problem_document(row: ProblemRow, at: datetime) -> ProblemOrder:
    return ProblemOrder(
        order_no=row.order.order_no if row.order else None,
        complaint_no=row.complaint.complaint_no if row.complaint else None,
        day=row.problem.day,
        counter=row.problem.counter,
        reason=reason_document(row.reason, row.problem.counter, at),
    )


def reason_document(reason: Reason, counter: str, at: datetime) -> ReasonDocument:
    return ReasonDocument(
        code=reason.code,
        text=reason_text(reason, counter, at),
        at=reason.at,
        since=reason.since,
        until=reason.until,
        also=list(reason.also),
    )
