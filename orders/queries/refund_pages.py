"""Everything that the page of a refund or a return is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from evidence.queries import evidence_limits
from evidence.rules import Limits
from orders.models import Message, Order, Refund, RefundFile, ReturnFile, ReturnParcel
from orders.queries.refund_desk import refunds_of, returns_of, thread_of
from orders.queries.refunds import (
    Clocked,
    R,
    clocked_refunds,
    clocked_returns,
    left_usd,
    requested_usd,
)


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """A refund with its clock; ``asked`` and ``left`` to pay back are US dollars."""

    refund: Refund
    due: datetime | None
    asked: Decimal
    left: Decimal
    files: Sequence[RefundFile]
    returns: Sequence[Clocked[ReturnParcel]]
    thread: Sequence[Message]
    limits: Limits


@dataclass(frozen=True, slots=True)
class ReturnFacts:
    """A return with its clock, proofs and the refunds of its order."""

    parcel: ReturnParcel
    due: datetime | None
    files: Sequence[ReturnFile]
    refunds: Sequence[Clocked[Refund]]
    limits: Limits


@dataclass(frozen=True, slots=True)
class OrderMoney:
    """The refunds and returns of an order."""

    order: Order
    refunds: Sequence[Clocked[Refund]]
    returns: Sequence[Clocked[ReturnParcel]]


def refund_facts(refund: Refund, at: datetime) -> RefundFacts:
    """What the page of a refund shows."""
    return RefundFacts(
        refund=refund,
        due=clocked_refunds([refund], at)[0].due,
        asked=requested_usd(refund),
        left=left_usd(refund),
        files=list(RefundFile.objects.filter(refund=refund).select_related("file").order_by("pk")),
        returns=clocked_returns(_with_order(returns_of(refund.order), refund.order), at),
        thread=thread_of(refund.order),
        limits=evidence_limits(at),
    )


def return_facts(parcel: ReturnParcel, at: datetime) -> ReturnFacts:
    """What the page of a return shows."""
    return ReturnFacts(
        parcel=parcel,
        due=clocked_returns([parcel], at)[0].due,
        files=list(ReturnFile.objects.filter(parcel=parcel).select_related("file").order_by("pk")),
        refunds=clocked_refunds(_with_order(refunds_of(parcel.order), parcel.order), at),
        limits=evidence_limits(at),
    )


def order_money(order: Order, at: datetime) -> OrderMoney:
    """The refunds and returns of an order with their clocks."""
    return OrderMoney(
        order,
        clocked_refunds(_with_order(refunds_of(order), order), at),
        clocked_returns(_with_order(returns_of(order), order), at),
    )


def _with_order(rows: Sequence[R], order: Order) -> Sequence[R]:
    for row in rows:
        row.order = order
    return rows
