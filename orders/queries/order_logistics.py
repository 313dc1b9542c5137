"""Everything that the logistics page of one order shows: parcels, traces, stays in the pool, what was handed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from orders.models import LogisticsClaim, Order, TrackingEvent
from orders.queries.logistics import claims_of, kinds_open_to
from orders.queries.number_checks import NumberRow, check_numbers
from orders.queries.parcels import parcels_of
from orders.queries.pool import pool_stays
from orders.queries.traces import trace_faults_of
from orders.rules.logistics import ClaimKind
from orders.rules.parcels import Parcel
from orders.rules.pool import PoolPeriod
from orders.rules.traces import TraceFault
from orders.rules.tracking_numbers import Finding
from stores.models import Carrier


@dataclass(frozen=True, slots=True)
class TracedParcel:
    """A parcel with its scans, what is wrong with its number, and what breaks its trace so far (AF-06)."""

    parcel: Parcel
    carrier: Carrier | None
    scans: Sequence[TrackingEvent]
    findings: Sequence[Finding]
    faults: Sequence[TraceFault]


@dataclass(frozen=True, slots=True)
class OrderLogistics:
    """``kinds``: what can be handed in now."""

    order: Order
    parcels: Sequence[TracedParcel]
    stays: Sequence[PoolPeriod]
    claims: Sequence[LogisticsClaim]
    kinds: Sequence[ClaimKind]


def order_logistics(order: Order, at: datetime) -> OrderLogistics:
    """The order's parcels and their traces, as of an instant."""
    parcels = parcels_of([order]).get(order.pk, [])
    scans = list(TrackingEvent.objects.filter(order=order, at__lte=at).order_by("at", "pk"))
    rows = [NumberRow(parcel.carrier, parcel.tracking_no, order.order_no) for parcel in parcels]
    findings = check_numbers(order.store, rows) if rows else []
    carriers = Carrier.objects.in_bulk({parcel.carrier for parcel in parcels})
    faults = trace_faults_of([order], at)[order.pk]
    return OrderLogistics(
        order=order,
        parcels=[
            TracedParcel(
                parcel,
                carriers.get(parcel.carrier),
                _scans_of(parcel, scans),
                found,
                [fault for fault in faults if fault.parcel == parcel.number],
            )
            for parcel, found in zip(parcels, findings, strict=True)
        ],
        stays=[stay for stay in pool_stays(order, scans, parcels) if stay.entered <= at],
        claims=claims_of(order),
        kinds=kinds_open_to(order, parcels, scans, at),
    )


def _scans_of(parcel: Parcel, scans: Sequence[TrackingEvent]) -> list[TrackingEvent]:
    return [scan for scan in scans if (scan.parcel_no or 1) == parcel.number]
