"""Whether a parcel's trace is valid (AF-06). Pure: no database, no clock, no request."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from orders.rules.pool import BEFORE_PICKUP, DELIVERED


@dataclass(frozen=True, slots=True)
class Scan:
    """An event of a trace: when, and of which kind (`TrackingEvent.Kind`)."""

    at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class TraceLimits:
    """At least ``events`` scans in every ``window``, and no silence longer than ``silence`` (AF-06)."""

    window: timedelta
    events: int
    silence: timedelta


class Fault(StrEnum):
    """What breaks a trace: no scan of pickup or later, no delivery scan, silence, a window with too few scans."""

    NO_PICKUP = "no_pickup"
    NO_DELIVERY = "no_delivery"
    SILENT = "silent"
    SPARSE = "sparse"


@dataclass(frozen=True, slots=True)
class TraceFault:
    """One fault with where it lies: ``since`` is the scan after which it begins, ``until`` the scan that ends a
    silence, or the end of the window. Both are None for a scan that is missing. ``events``: scans in the window."""

    fault: Fault
    since: datetime | None = None
    until: datetime | None = None
    events: int = 0
    parcel: int = 1


def judge_trace(
    scans: Iterable[Scan], *, limits: TraceLimits, delivered_at: datetime | None = None, parcel: int = 1
) -> list[TraceFault]:
    """What breaks the trace of one parcel, in order of time; empty for a valid one (AF-06).

    It is judged from the first scan of pickup or later to the first delivery scan; without one to ``delivered_at``,
    where a source told of the delivery. Scans of the same second are one. Windows are ``(t, t + window]`` between both:
    those that begin at a scan have the fewest scans, so they stand for all.
    """
    known = sorted((scan for scan in scans if scan.kind != BEFORE_PICKUP), key=lambda scan: scan.at)
    if not known:
        missing = (Fault.NO_PICKUP, Fault.NO_DELIVERY)
        return [TraceFault(fault, parcel=parcel) for fault in missing]
    end = next((scan.at for scan in known if scan.kind == DELIVERED), None)
    until = end or delivered_at or known[-1].at
    instants = sorted({scan.at for scan in known if scan.at <= until})
    found = [*_silences(instants, until, limits, parcel), *_sparse(instants, until, limits, parcel)]
    found.sort(key=lambda fault: (fault.since or until, fault.fault))
    return found if end else [*found, TraceFault(Fault.NO_DELIVERY, parcel=parcel)]


def judge_traces(
    traces: Mapping[int, Iterable[Scan]], *, limits: TraceLimits, delivered_at: datetime | None = None
) -> list[TraceFault]:
    """The faults of an order's parcels, by the parcel's number: one parcel's fault is the order's (DM-17)."""
    return [
        fault
        for number in sorted(traces)
        for fault in judge_trace(traces[number], limits=limits, delivered_at=delivered_at, parcel=number)
    ]


def _silences(instants: Sequence[datetime], until: datetime, limits: TraceLimits, parcel: int) -> list[TraceFault]:
    following = [*instants[1:], max(until, instants[-1])] if instants else []
    return [
        TraceFault(Fault.SILENT, at, later, parcel=parcel)
        for at, later in zip(instants, following, strict=True)
        if later - at > limits.silence
    ]


def _sparse(instants: Sequence[datetime], until: datetime, limits: TraceLimits, parcel: int) -> list[TraceFault]:
    found = []
    for at in instants:
        end = at + limits.window
        inside = sum(1 for other in instants if at < other <= end)
        if end <= until and inside < limits.events:
            found.append(TraceFault(Fault.SPARSE, at, end, inside, parcel))
    return found
