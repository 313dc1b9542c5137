"""What a data package is about: a metric of a store on a day, its window, parameters and the product's own figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from metrics.catalogue import METRICS, Calendar, Kind, Metric
from metrics.counters import ANCHOR_OF, Anchor
from metrics.explaining.selecting import Reach
from metrics.explaining.tallies import Tally, tallies_of
from metrics.figures.loading import load_figures
from metrics.figures.store import Figures
from metrics.rules.values import Value
from rulebook.models import PolicyVersion
from rulebook.policy import Policy
from rulebook.queries import policies, whole_data
from rulebook.timebase import day_number, window_start
from stores.models import Store


class MadeOfMetricsError(ValueError):
    """The metric is made of other metrics; ``parts`` are their codes, each of which has a package of its own."""

    def __init__(self, code: str, parts: tuple[str, ...]) -> None:
        self.parts = parts
        super().__init__(f"{code} is made of other metrics: ask for the packages of {', '.join(parts)}")


@dataclass(frozen=True)
class Plan:
    """A package before it is written."""

    store: Store
    metric: Metric
    day: date
    first: date
    figures: Figures
    policy: Policy

    @property
    def value(self) -> Value:
        return self.figures.value(self.metric.code, self.day)

    @property
    def has_feeds(self) -> bool:
        return self.figures.has_feeds(self.metric)

    @property
    def window_days(self) -> int:
        return (self.day - self.first).days + 1

    @property
    def counters(self) -> tuple[str, ...]:
        """The counters of the formula, in the order of the declarations."""
        return tuple(name for name in ANCHOR_OF if name in self.metric.counters)

    @property
    def tallies(self) -> tuple[Tally, ...]:
        return tallies_of(self.metric.code)

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        named = (*(ANCHOR_OF[name] for name in self.counters), *(tally.anchor for tally in self.tallies))
        return tuple(dict.fromkeys(named))

    @property
    def reach(self) -> Reach:
        return Reach(self.store.pk, self.anchors, day_number(self.first), day_number(self.day))

    def sums(self) -> dict[str, int]:
        """The product's sums over the window."""
        return {name: self.figures.totals.total(name, self.day, self.window_days) for name in self.counters}


def plan_of(store: Store, code: str, day: date) -> Plan:
    """Plan the package of a metric; raises MadeOfMetricsError for composites."""
    metric = METRICS[code]
    figures = load_figures([store], day, day, codes=[code])[store.pk]
    policy = figures.policy(day, metric.calendar)
    if metric.kind == Kind.COMPOSITE:
        raise MadeOfMetricsError(code, tuple(policy.shs.weights if code == "shs" else policy.sla.weights))
    days = policy.rating.window_days if metric.kind == Kind.STARS else policy.metrics[code].window_days
    return Plan(store, metric, day, window_start(day, days), figures, policy)


def number_data(value: Fraction | None, exported: str) -> dict[str, str] | None:
    """An exact number as fraction and with ten decimals."""
    return None if value is None else {"fraction": f"{value.numerator}/{value.denominator}", "decimal": exported}


def policy_data(plan: Plan) -> dict[str, Any]:
    """The parameters that the number hangs on, with rule, source and assumption flag: those it is judged by, and the
    counting parameters of every version, of which an order takes the one in force at its creation (MX)."""
    judged = ("metrics." + plan.metric.code, "rating") if plan.metric.calendar == Calendar.RATING else (
        "metrics." + plan.metric.code,
    )  # fmt: skip
    versions = {row.number: row for row in PolicyVersion.objects.all()}
    counting = [
        {
            "version": period.policy.number,
            "orders_created_from": period.start.isoformat(),
            "orders_created_before": period.end.isoformat() if period.end else None,
            "parameters": _parameters(versions[period.policy.number], ("counting", "feedback.late_review_days")),
        }
        for period in policies()
    ]
    return {
        "judging_version": plan.policy.number,
        "judging": _parameters(versions[plan.policy.number], judged),
        "counting": counting,
    }


def _parameters(version: PolicyVersion, keys: tuple[str, ...]) -> Mapping[str, Any]:
    return {
        key: dict(entry)
        for key, entry in sorted(whole_data(version).items())
        if any(key == wanted or key.startswith(f"{wanted}.") for wanted in keys)
    }
