"""Why a platform's figure differs from ours of the same day, where it can be told (IX-08). Pure."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from metrics.catalogue import METRICS, Kind
from metrics.rules.values import Value
from rulebook.rules import rounded

# Platforms publish shares as percent with two decimals, everything else with two.
LEAST_PLACES = {"share": 4}
OTHER_PLACES = 2


class Reason(StrEnum):
    """What a difference comes from."""

    SAME = "same"
    NO_VALUE = "no_value"
    STALE = "stale"
    WINDOW = "window"
    LATE_SYNC = "late_sync"
    ORDERS_MISSING = "orders_missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """A reason with the number of orders that it speaks of, 0 where it speaks of none."""

    reason: Reason
    orders: int = 0


def places_of(theirs: Decimal, unit: str) -> int:
    """To how many decimals the platform gave its figure, at least those that platforms publish."""
    exponent = theirs.normalize().as_tuple().exponent
    return max(LEAST_PLACES.get(unit, OTHER_PLACES), -int(exponent))


def agrees(ours: Fraction | None, theirs: Decimal, places: int) -> bool:
    """Whether our value, rounded as theirs is, is theirs."""
    return ours is not None and rounded(ours, places) == rounded(theirs, places)


def explain(code: str, theirs: Decimal, ours: Value, before: Value, *, places: int, stale: bool, sync: int) -> Finding:
    """The first reason that holds. ``before``: our value of the day before; ``stale``: a feed that the metric needs
    ends before the day does; ``sync``: the failures of the window that are late only because their number came late
    (BX-13)."""
    if ours.value is None:
        return Finding(Reason.NO_VALUE)
    if agrees(ours.value, theirs, places):
        return Finding(Reason.SAME)
    if stale:
        return Finding(Reason.STALE)
    if agrees(before.value, theirs, places):
        return Finding(Reason.WINDOW)
    gap = failures_more(code, theirs, ours)
    if gap is not None and gap > 0:
        return Finding(Reason.ORDERS_MISSING, gap)
    if gap is not None and 0 < -gap <= sync:
        return Finding(Reason.LATE_SYNC, -gap)
    return Finding(Reason.UNKNOWN)


def failures_more(code: str, theirs: Decimal, ours: Value) -> int | None:
    """How many failures more than ours the platform's rate stands for at our denominator; None without failures."""
    kind = METRICS[code].kind
    if kind not in (Kind.RATE, Kind.FLOOR) or ours.numerator is None or not ours.denominator:
        return None
    share = Fraction(theirs) if kind == Kind.RATE else 1 - Fraction(theirs)
    failures = ours.numerator if kind == Kind.RATE else ours.denominator - ours.numerator
    return int(rounded(share * ours.denominator, 0)) - failures
