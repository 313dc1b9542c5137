"""Which counters metrics need, and over which windows (MX)."""

from collections.abc import Collection, Sequence

from metrics.catalogue import METRICS, Kind
from metrics.rules.composites import weights_of
from rulebook.policy import Policy
from rulebook.queries import PolicyPeriod


def with_parts(codes: Collection[str], periods: Sequence[PolicyPeriod]) -> frozenset[str]:
    """The metrics with the parts of the composite scores among them."""
    scores = [code for code in codes if METRICS[code].kind is Kind.COMPOSITE]
    return frozenset(codes).union(*(weights_of(period.policy, code) for period in periods for code in scores))


def counters_of(codes: Collection[str]) -> tuple[str, ...]:
    """The counters that the metrics are made of."""
    return tuple(sorted(frozenset().union(*(METRICS[code].counters for code in codes))))


def window_of(policy: Policy, code: str) -> int:
    """Days of a metric's window."""
    return policy.rating.window_days if METRICS[code].kind is Kind.STARS else policy.metrics[code].window_days


def windows_of(codes: Collection[str], periods: Sequence[PolicyPeriod]) -> set[int]:
    """The lengths that the windows of the metrics have under any of the policies."""
    return {window_of(period.policy, code) for period in periods for code in codes}


def longest_window(codes: Collection[str], periods: Sequence[PolicyPeriod]) -> int:
    """Days of the longest window of the metrics, at least 1."""
    return max(windows_of(codes, periods), default=1)


def counters_by_window(codes: Collection[str], periods: Sequence[PolicyPeriod]) -> dict[int, list[str]]:
    """By length of window, shortest first: the counters that are summed over it."""
    found: dict[int, set[str]] = {}
    for code in codes:
        for days in windows_of([code], periods) if METRICS[code].counters else ():
            found.setdefault(days, set()).update(METRICS[code].counters)
    return {days: sorted(names) for days, names in sorted(found.items())}


def scaled_by_site(codes: Collection[str], periods: Sequence[PolicyPeriod]) -> list[str]:
    """The metrics whose thresholds depend on destinations (DM-31)."""
    return [code for code in codes if any("site" in period.policy.metrics[code].scaled for period in periods)]
