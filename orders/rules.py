"""Pure rules of orders: the state (DM-21) and the abnormal pool (TM-03). No database, no clock, no request."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

# The first instant that is set decides the state (DM-21).
STATE_BY_INSTANT = (
    ("refunded_at", "refunded"),
    ("cancelled_at", "cancelled"),
    ("closed_at", "closed"),
    ("confirmed_at", "success"),
    ("delivered_at", "delivered"),
    ("shipped_at", "shipped"),
    ("paid_at", "paid"),
)

# What actions may lead to from each state (DM-22). Data may bring any state; these are the ways of people and timers.
TRANSITIONS: Mapping[str, frozenset[str]] = {
    "created": frozenset({"paid", "cancelled"}),
    "paid": frozenset({"shipped", "cancelled", "refunded"}),
    "shipped": frozenset({"delivered", "success", "cancelled", "refunded"}),
    "delivered": frozenset({"success", "refunded"}),
    "success": frozenset({"closed", "refunded"}),
    "closed": frozenset({"refunded"}),
    "cancelled": frozenset(),
    "refunded": frozenset(),
}

# Kinds of scans that mean nothing yet, and those after which a parcel is on no way to the buyer any more.
BEFORE_PICKUP = "label"
BAD_ENDS = ("returned", "lost")

SHOWN_OF_BUYER = 8


def state_of(instants: Mapping[str, datetime | None]) -> str:
    """The state of an order with these instants; total: an order with none of them is ``created``."""
    return next((state for name, state in STATE_BY_INSTANT if instants.get(name) is not None), "created")


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How long a parcel may wait for its first scan, and how long a trace may be silent (TM-03)."""

    first_scan: timedelta
    silence: timedelta


@dataclass(frozen=True, slots=True)
class PoolPeriod:
    """A stay in the abnormal pool: from ``entered`` to ``left`` (None: as far as is known it lasts).

    ``silent_since`` is the scan after which the trace fell silent; None when the first scan did not come.
    """

    entered: datetime
    left: datetime | None
    silent_since: datetime | None


def pool_periods(
    *, shipped_at: datetime | None, scans: Iterable[datetime], over_at: datetime | None, limits: PoolLimits
) -> list[PoolPeriod]:
    """Every stay in the abnormal pool, in order (TM-03).

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
        PoolPeriod(entry, _earliest(following, over_at), scan)
        for entry, following, scan in sorted(entries, key=lambda found: found[0])
        if entry >= shipped_at and (over_at is None or entry < over_at)
    ]


def in_pool(periods: Iterable[PoolPeriod], at: datetime) -> PoolPeriod | None:
    """The stay that holds the instant, if any."""
    return next((p for p in periods if p.entered <= at and (p.left is None or at < p.left)), None)


def shown_buyer(buyer_ref: str) -> str:
    """As much of a pseudonym as people need to tell two buyers apart (RL-14)."""
    return buyer_ref if len(buyer_ref) <= SHOWN_OF_BUYER else f"{buyer_ref[:SHOWN_OF_BUYER]}…"


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((instant for instant in instants if instant is not None), default=None)
