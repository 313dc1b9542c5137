"""What is known of a store besides its facts (DM-11, MX-07)."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter

from core.timebase import performance_day, rating_day
from metrics.catalogue import Calendar
from metrics.figures.common import NO_CATEGORY, CategoryTraits, Common, Setting
from metrics.rules.days import day_end
from rulebook.policy import Policy
from stores.rules import age_in_days

EFFECTIVE_FROM = attrgetter("effective_from")


@dataclass(frozen=True, slots=True)
class Period:
    """Level, category and status of a store from a day on (DM-11)."""

    effective_from: date
    level: str
    primary_category: str
    status: str


@dataclass(frozen=True, slots=True)
class StoreContext:
    """What is known of a store besides its facts. ``common`` is shared by stores that are loaded together."""

    id: int
    store_no: str
    store_type: str
    opened_at: datetime | None
    periods: Sequence[Period]
    feeds: Mapping[str, datetime]
    common: Common

    @property
    def categories(self) -> Mapping[str, CategoryTraits]:
        """The traits of every category."""
        return self.common.categories

    def period_on(self, day: date) -> Period:
        """What held at the end of a day."""
        if len(self.periods) == 1:
            return self.periods[0]
        index = bisect_right(self.periods, day, key=EFFECTIVE_FROM)
        return self.periods[max(index - 1, 0)]

    def category_on(self, day: date) -> CategoryTraits:
        """The traits of the primary category that held at the end of a day."""
        return self.common.categories.get(self.period_on(day).primary_category, NO_CATEGORY)

    def policy_on(self, day: date, calendar: Calendar) -> Policy:
        """The version in force at the end of a day."""
        return self.common.policy_on(day, calendar)

    def age_on(self, day: date, calendar: Calendar) -> int | None:
        """Age in days, None where the opening day is unknown (DM-11)."""
        if self.opened_at is None:
            return None
        return age_in_days(self.opened_at, day, performance_day if calendar is Calendar.PERFORMANCE else rating_day)

    def setting_on(self, day: date, calendar: Calendar) -> Setting:
        """How its metrics of a calendar are judged on a day; a store of unknown age is not new (MX-10)."""
        policy, period = self.common.policy_on(day, calendar), self.period_on(day)
        category = self.common.categories.get(period.primary_category, NO_CATEGORY)
        age, end = self.age_on(day, calendar), day_end(day, calendar)
        return self.common.setting(
            policy,
            category.flags,
            period.level,
            frozenset([feed for feed, until in self.feeds.items() if until < end]),
            is_new=age is not None and age < policy.judging.new_store_days,
            is_silent=age is not None and age < policy.judging.silent_days,
        )
