"""Pure rules of fake dispatch (TM-07). No database, no clock, no request.

A parcel is suspected for what its own trace says, never for what is merely missing inside it: lacks of scans are the
abnormal pool's (TM-03).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.rules import has_lapsed
from orders.rules.pool import BEFORE_PICKUP

PICKUP = "pickup"
DELIVERED = "delivered"
# Kinds of scans that only happen in the buyer's country; parcels in transit pass hubs in any.
AT_THE_BUYERS = frozenset({"out_for_delivery", DELIVERED})


class Cause(StrEnum):
    """Why a dispatch looks fake."""

    NO_PICKUP = "no_pickup"
    DELIVERED_BEFORE_PICKUP = "delivered_before_pickup"
    OFF_ROUTE = "off_route"
    NUMBER_USED = "number_used"


@dataclass(frozen=True, slots=True)
class RoutedScan:
    """A scan; ``country`` is that of its place (ISO 3166), empty where the place names none."""

    at: datetime
    kind: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A cause; ``at`` is the instant that shows it, ``detail`` the country or the other order."""

    cause: Cause
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DispatchedParcel:
    """``destination``: the buyer's country. ``delivered_elsewhere``: orders that had the number delivered before this
    one was shipped, each with the instant of the delivery."""

    shipped_at: datetime
    scans: Sequence[RoutedScan]
    destination: str
    delivered_elsewhere: Sequence[tuple[str, datetime]] = ()


def fake_dispatch(parcel: DispatchedParcel, *, wait: timedelta, at: datetime) -> list[Suspicion]:
    """What makes a dispatch look fake at an instant, each cause once, in the order of `Cause`.

    ``wait``: how long after dispatch a pickup scan may take. The order of the scans does not matter.
    """
    scans = sorted((scan for scan in parcel.scans if scan.at <= at), key=lambda scan: scan.at)
    found = (
        _no_pickup(parcel.shipped_at, scans, wait, at),
        _delivered_before_pickup(scans),
        _off_route(scans, parcel.destination),
        _number_used(parcel),
    )
    return [one for one in found if one is not None]


def _no_pickup(shipped_at: datetime, scans: Iterable[RoutedScan], wait: timedelta, at: datetime) -> Suspicion | None:
    """Any scan of pickup or later shows that the carrier has it."""
    due = shipped_at + wait
    if not has_lapsed(due, at) or any(scan.kind != BEFORE_PICKUP for scan in scans):
        return None
    return Suspicion(Cause.NO_PICKUP, due)


def _delivered_before_pickup(scans: Sequence[RoutedScan]) -> Suspicion | None:
    delivered = next((scan for scan in scans if scan.kind == DELIVERED), None)
    picked_up = next((scan for scan in scans if scan.kind == PICKUP), None)
    if delivered is None or picked_up is None or delivered.at >= picked_up.at:
        return None
    return Suspicion(Cause.DELIVERED_BEFORE_PICKUP, delivered.at)


def _off_route(scans: Iterable[RoutedScan], destination: str) -> Suspicion | None:
    for scan in scans:
        if scan.kind in AT_THE_BUYERS and scan.country and destination and scan.country != destination:
            return Suspicion(Cause.OFF_ROUTE, scan.at, scan.country)
    return None


def _number_used(parcel: DispatchedParcel) -> Suspicion | None:
    earlier = [(delivered, order) for order, delivered in parcel.delivered_elsewhere if delivered < parcel.shipped_at]
    if not earlier:
        return None
    delivered, order = min(earlier)
    return Suspicion(Cause.NUMBER_USED, delivered, order)
