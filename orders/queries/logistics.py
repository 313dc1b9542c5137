"""Pickup proofs and logistics claims, and the parcels that they are about (TM-11, AF-08)."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from orders.holds import holds_of
from orders.models import LogisticsClaim, Order, OrderState, TrackingEvent
from orders.queries.parcels import parcels_of
from orders.rules.holds import ABNORMAL
from orders.rules.logistics import ClaimedParcel, ClaimKind, ClaimState, refusal_of
from orders.rules.parcels import Parcel

SUBJECT = "logistics_claim"
# Operations decide by then.
PROOF_REVIEW, CLAIM_REVIEW = "logistics_proof_review", "logistics_claim_review"
OPEN = Q(state=ClaimState.OPEN)
# In these states an order's trace still means something.
TRACED = frozenset({OrderState.SHIPPED, OrderState.DELIVERED, OrderState.SUCCESS})


def clock_of(claim: LogisticsClaim) -> str:
    """The kind of its deadline."""
    return PROOF_REVIEW if claim.kind == ClaimKind.PICKUP else CLAIM_REVIEW


def claims_of(order: Order) -> list[LogisticsClaim]:
    """Everything that was handed in about an order, the latest first, each with its ``files``."""
    rows = LogisticsClaim.objects.filter(order=order).select_related("decided_by", "scan")
    return list(rows.prefetch_related("files__file").order_by("-pk"))


def parcel_of(order: Order, tracking_no: str, at: datetime) -> ClaimedParcel | None:
    """The order's parcel with a number, as of an instant; None where it has none."""
    parcels = parcels_of([order]).get(order.pk, [])
    parcel = next((one for one in parcels if one.tracking_no == tracking_no), None)
    scans = list(TrackingEvent.objects.filter(order=order).order_by("at", "pk"))
    return None if parcel is None else _claimed(order, parcel, scans, abnormal=is_abnormal(order, at))


def kinds_open_to(
    order: Order, parcels: Sequence[Parcel], scans: Sequence[TrackingEvent], at: datetime
) -> list[ClaimKind]:
    """What can be handed in about one of the order's parcels now; nothing about orders that ended otherwise."""
    if order.state not in TRACED:
        return []
    abnormal = is_abnormal(order, at)
    claimed = [_claimed(order, parcel, scans, abnormal=abnormal) for parcel in parcels if parcel.tracking_no]
    return [kind for kind in ClaimKind if any(refusal_of(kind, parcel) is None for parcel in claimed)]


def _claimed(order: Order, parcel: Parcel, scans: Sequence[TrackingEvent], *, abnormal: bool) -> ClaimedParcel:
    delivered = [scan.at for scan in scans if scan.kind == TrackingEvent.Kind.DELIVERED]
    return ClaimedParcel(
        created_at=order.created_at,
        shipped_at=parcel.shipped_at or order.shipped_at,
        delivered_at=order.delivered_at or min(delivered, default=None),
        abnormal=abnormal,
    )


def is_abnormal(order: Order, at: datetime) -> bool:
    """Whether an order is in the abnormal pool, or held because its trace was not valid at delivery (AF-06)."""
    return any(one.code == ABNORMAL for one in holds_of([order], at)[order.pk])
