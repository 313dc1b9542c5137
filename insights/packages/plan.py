"""What a data package is about: a metric of a store on a day, its window, parameters and the product's own figures.

A composite score is made of other metrics: its package holds what all of them count, each in its own window.
"""

from dataclasses import dataclass
from datetime import date

from core.timebase import day_number, window_start
from insights.explanation.composition import PartRow, composition_of
from insights.explanation.order_batches import Reach
from insights.explanation.tallies import Tally, tallies_of
from metrics.anchors import Anchor
from metrics.catalogue import METRICS, Kind, Metric
from metrics.counters import ANCHOR_OF
from metrics.rules.composites import weights_of
from metrics.rules.values import Value
from metrics.scorecards.loading import load_days
from metrics.scorecards.storeday import StoreDay
from rulebook.policy import Policy
from stores.models import Store


@dataclass(frozen=True)
class Counted:
    """A metric of counters in a package: the package's own, or a part of its composite score."""

    metric: Metric
    store_day: StoreDay

    @property
    def day(self) -> date:
        return self.store_day.day

    @property
    def policy(self) -> Policy:
        """The version that the metric is judged by (DM-30)."""
        return self.store_day.policy(self.metric.calendar)

    @property
    def window_days(self) -> int:
        return self.store_day.terms[self.metric.code].window_days

    @property
    def first(self) -> date:
        """The first day of the window."""
        return window_start(self.day, self.window_days)

    @property
    def value(self) -> Value:
        return self.store_day.value(self.metric.code)

    @property
    def has_feeds(self) -> bool:
        return self.store_day.terms[self.metric.code].has_feeds

    @property
    def counters(self) -> tuple[str, ...]:
        """The counters of the formula, in the order of the declarations."""
        return tuple(name for name in ANCHOR_OF if name in self.metric.counters)

    @property
    def tallies(self) -> tuple[Tally, ...]:
        return tallies_of(self.metric.code)

    @property
    def reach(self) -> Reach:
        """Which orders have to do with it."""
        named = (*(ANCHOR_OF[name] for name in self.counters), *(tally.anchor for tally in self.tallies))
        anchors = tuple(dict.fromkeys(named))
        return Reach(self.store_day.store.id, anchors, day_number(self.first), day_number(self.day))

    def sums(self) -> dict[str, int]:
        """The product's sums over the window."""
        return {name: self.store_day.sums.total(name, self.day, self.window_days) for name in self.counters}


@dataclass(frozen=True)
class Plan:
    """A package before it is written."""

    store: Store
    metric: Metric
    store_day: StoreDay

    @property
    def day(self) -> date:
        return self.store_day.day

    @property
    def policy(self) -> Policy:
        return self.store_day.policy(self.metric.calendar)

    @property
    def is_composite(self) -> bool:
        return self.metric.kind == Kind.COMPOSITE

    @property
    def counted(self) -> tuple[Counted, ...]:
        """The metric itself, or the parts of a composite score in the order of the policy."""
        codes = tuple(weights_of(self.policy, self.metric.code)) if self.is_composite else (self.metric.code,)
        return tuple(Counted(METRICS[code], self.store_day) for code in codes)

    @property
    def first(self) -> date:
        """The first day that anything in the package counts on."""
        return min(one.first for one in self.counted)

    @property
    def value(self) -> Value:
        return self.store_day.value(self.metric.code)

    @property
    def reach(self) -> Reach:
        """Which orders have to do with any of it."""
        reaches = [one.reach for one in self.counted]
        anchors: dict[Anchor, None] = dict.fromkeys(anchor for reach in reaches for anchor in reach.anchors)
        return Reach(self.store.pk, tuple(anchors), day_number(self.first), day_number(self.day))

    @property
    def composition(self) -> list[PartRow]:
        """The parts of a composite score with their sub-scores; empty for other metrics."""
        return composition_of(self.store_day, self.metric.code) if self.is_composite else []


def plan_of(store: Store, code: str, day: date) -> Plan:
    """Plan the package of a metric of a store on a day."""
    return Plan(store, METRICS[code], load_days([store], day, codes=[code])[store.pk])
