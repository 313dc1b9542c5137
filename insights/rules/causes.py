"""Root causes of a metric's failures (MX-15): which value of which property goes with failing, beyond chance.

Pure. Every value of every property is tried; a one-sided Fisher test asks whether its orders fail more often than the
rest, Holm's correction keeps the chance of naming any cause where there is none below the policy's bound. Tail
probabilities are sums of logarithms in floating point: they decide what is named, never a value or a level.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import exp, lgamma

from metrics.catalogue import METRICS, Kind


@dataclass(frozen=True, slots=True)
class Group:
    """Orders that share a value of a property: how many, and how many of them fail."""

    dimension: str
    value: str
    orders: int
    failures: int


@dataclass(frozen=True, slots=True)
class Cause:
    """A group that fails beyond chance: its share of all failures, its own rate, the rate of the rest, and the
    probability of as many failures by chance after Holm's correction."""

    group: Group
    share: Fraction
    rate: Fraction
    rest: Fraction
    p: float


def find_causes(
    groups: Iterable[Group], *, orders: int, failures: int, max_p: Decimal, min_share: Decimal
) -> list[Cause]:
    """The causes among the groups of one window, most of the failures first.

    ``orders`` and ``failures`` are those of the whole window. A group that holds every order has no rest to be
    compared with and is not tried. A failing order may stand outside the window's orders (a defect of an order paid
    earlier): such failures are capped by the orders they are compared with.
    """
    tried = [group for group in groups if 0 < group.orders < orders]
    tested = sorted(((_tail(group, orders, failures), group) for group in tried), key=lambda pair: pair[0])
    causes, worst = [], 0.0
    for rank, (p, group) in enumerate(tested):
        # Holm: the k-th smallest is multiplied by the number of hypotheses left, and never falls below its forerunner.
        worst = max(worst, min(1.0, p * (len(tested) - rank)))
        if worst >= float(max_p):
            break
        share = Fraction(group.failures, failures)
        if share >= Fraction(min_share):
            rest = Fraction(failures - group.failures, orders - group.orders)
            causes.append(Cause(group, share, Fraction(group.failures, group.orders), rest, worst))
    return sorted(causes, key=lambda cause: (-cause.share, cause.p, cause.group.dimension, cause.group.value))


def _tail(group: Group, orders: int, failures: int) -> float:
    """P(at least as many failures in the group), the margins held fixed (hypergeometric)."""
    failures, failing = min(failures, orders), min(group.failures, group.orders)
    most = min(group.orders, failures)
    if failing <= max(0, failures - (orders - group.orders)):
        return 1.0
    whole = _log_choose(orders, failures)
    logs = [
        _log_choose(group.orders, hits) + _log_choose(orders - group.orders, failures - hits) - whole
        for hits in range(failing, most + 1)
        if failures - hits <= orders - group.orders
    ]
    if not logs:
        return 1.0
    top = max(logs)
    return min(1.0, exp(top) * sum(exp(log - top) for log in logs))


def _log_choose(among: int, chosen: int) -> float:
    return lgamma(among + 1) - lgamma(chosen + 1) - lgamma(among - chosen + 1)


def groups_of(orders: Mapping[tuple[str, str], int], failures: Mapping[tuple[str, str], int]) -> list[Group]:
    """Groups from counts by (dimension, value); a value that only failing orders have is compared with itself."""
    keys = sorted({*orders, *failures})
    return [
        Group(dimension, value, max(orders.get((dimension, value), 0), failing), failing)
        for dimension, value in keys
        if (failing := failures.get((dimension, value), 0)) or orders.get((dimension, value))
    ]


def has_causes(code: str) -> bool:
    """Whether a metric's failures are orders among orders, so that they can be compared."""
    return METRICS[code].kind in (Kind.RATE, Kind.FLOOR)
