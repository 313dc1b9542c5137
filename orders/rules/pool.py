"""Pure rules of the abnormal pool (TM-03). No database, no clock, no request."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

# Kinds of scans that mean nothing yet, and those after which a parcel is on no way to the buyer any more.
BEFORE_PICKUP = "label"
BAD_ENDS = ("returned", "lost")
DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How long a parcel may wait for its first scan, and how long a trace may be silent (TM-03)."""

    first_scan: timedelta
    silence: timedelta


@dataclass(frozen=True, slots=True)
class PoolPeriod:
    """A stay in the abnormal pool: from ``entered`` to ``left`` (None: as far as is known it lasts).

    ``silent_since`` is the scan after which the trace fell silent; None when the first scan did not come. ``parcel`` is
    the number of the order's parcel: each has its trace, and the order is in the pool while one of them is (DM-17).
    """

    entered: datetime
    left: datetime | None
    silent_since: datetime | None
    parcel: int = 1


def pool_periods(
    *,
    shipped_at: datetime | None,
    scans: Iterable[datetime],
    over_at: datetime | None,
    limits: PoolLimits,
    parcel: int = 1,
) -> list[PoolPeriod]:
    """Every stay of a parcel in the abnormal pool, in order (TM-03).

    ``scans`` are the instants of events of kind pickup or later; ``over_at`` is the first of delivery, a returned or
    lost event, cancellation and full refund: from then on nothing enters, and who is in leaves.
    """
    if shipped_at is None:
        return []
    known = sorted(set(scans))
    entries: list[tuple[datetime, datetime | None, datetime | None]] = []
    unscanned = shipped_at + limits.first_scan
    if not known or known[0] > unscanned:
        entries.append((unscanned, known[0] if known else None, None))
    for scan, following in zip_longest(known, known[1:]):
        entry = scan + limits.silence
        if following is None or following > entry:
            entries.append((entry, following, scan))
    return [
        PoolPeriod(entry, _earliest(following, over_at), scan, parcel)
        for entry, following, scan in sorted(entries, key=lambda found: found[0])
        if entry >= shipped_at and (over_at is None or entry < over_at)
    ]


def in_pool(periods: Iterable[PoolPeriod], at: datetime) -> PoolPeriod | None:
    """The stay that holds the instant, if any."""
    return next((p for p in periods if p.entered <= at and (p.left is None or at < p.left)), None)


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((instant for instant in instants if instant is not None), default=None)
