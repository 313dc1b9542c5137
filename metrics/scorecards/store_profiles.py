"""What is known of a store besides its facts (DM-11, MX-07)."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Protocol

from django.db.models import Min

from core.timebase import performance_day, performance_day_end, rating_day
from metrics.catalogue import Calendar
from metrics.rules.days import day_end
from metrics.scorecards.terms import NO_CATEGORY, CalendarKind, CategoryTraits, SharedTerms, StoreKind, StoreTerms
from rulebook.policy import Policy
from rulebook.queries import policies
from stores.models import Category, Feed, StorePeriod

NOT_LATE: frozenset[str] = frozenset()
EFFECTIVE_FROM = attrgetter("effective_from")


@dataclass(frozen=True, slots=True)
class Period:
    """Level, category and status of a store from a day on (DM-11)."""

    effective_from: date
    level: str
    primary_category: str
    status: str


@dataclass(slots=True)
class StoreProfile:
    """What is known of a store besides its facts. ``shared``: by all stores that are loaded together;
    ``opening_days``: the performance day and the rating day on which it opened; ``known_until``: how far every feed is
    known. Never changed once made."""

    id: int
    store_no: str
    store_type: str
    opened_at: datetime | None
    periods: Sequence[Period]
    feeds: Mapping[str, datetime]
    shared: SharedTerms
    feed_kinds: frozenset[str] = field(init=False)
    known_until: datetime | None = field(init=False)
    opening_days: tuple[date | None, date | None] = field(init=False)

    def __post_init__(self) -> None:
        self.feed_kinds = frozenset(self.feeds)
        self.known_until = min(self.feeds.values(), default=None)
        opened = self.opened_at
        self.opening_days = (None, None) if opened is None else (performance_day(opened), rating_day(opened))

    @property
    def categories(self) -> Mapping[str, CategoryTraits]:
        """The traits of every category."""
        return self.shared.categories

    def period_on(self, day: date) -> Period:
        """What held at the end of a day."""
        if len(self.periods) == 1:
            return self.periods[0]
        index = bisect_right(self.periods, day, key=EFFECTIVE_FROM)
        return self.periods[max(index - 1, 0)]

    def category_on(self, day: date) -> CategoryTraits:
        """The traits of the primary category that held at the end of a day."""
        return self.shared.categories.get(self.period_on(day).primary_category, NO_CATEGORY)

    def policy_on(self, day: date, calendar: Calendar) -> Policy:
        """The version in force at the end of a day."""
        return self.shared.policy_on(day, calendar)

    def age_on(self, day: date, calendar: Calendar) -> int | None:
        """Age in days, None where the opening day is unknown (DM-11)."""
        opening_day = self.opening_days[calendar is Calendar.RATING]
        return None if opening_day is None else (day - opening_day).days

    def terms_on(self, day: date) -> StoreTerms:
        """How its metrics are counted and judged on a day."""
        period = self.period_on(day)
        kind = StoreKind(
            self.shared.categories.get(period.primary_category, NO_CATEGORY).flags,
            period.level,
            self.feed_kinds,
            self._calendar_kind(day, Calendar.PERFORMANCE),
            self._calendar_kind(day, Calendar.RATING),
        )
        return self.shared.of_kind(kind)

    def _calendar_kind(self, day: date, calendar: Calendar) -> CalendarKind:
        """A store of unknown age is not new (MX-10)."""
        policy, end = self.shared.policy_on(day, calendar), day_end(day, calendar)
        age = self.age_on(day, calendar)
        is_new = age is not None and age < policy.judging.new_store_days
        is_silent = age is not None and age < policy.judging.silent_days
        return CalendarKind(policy.number, self._late_at(end), is_new, is_silent)

    def _late_at(self, end: datetime) -> frozenset[str]:
        """The feeds that are not known to the end of a day."""
        if self.known_until is None or self.known_until >= end:
            return NOT_LATE
        return frozenset([feed for feed, until in self.feeds.items() if until < end])

    @property
    def known_day(self) -> date | None:
        """The last performance day that every feed covers to its end (MX-07); None without feeds."""
        return None if self.known_until is None else _last_covered(self.known_until)


def _last_covered(until: datetime) -> date:
    """The last performance day that is over at an instant."""
    day = performance_day(until)
    return day if performance_day_end(day) <= until else day - timedelta(days=1)


def known_days() -> set[date]:
    """The known days of all stores that have feeds."""
    ends = Feed.objects.order_by().values_list("store_id").annotate(until=Min("known_until"))
    return {_last_covered(until) for until in ends.values_list("until", flat=True).distinct().iterator()}


# The columns of a store that profiles need.
PROFILED = ("id", "store_no", "store_type", "opened_at", "level", "primary_category", "status")


class ProfiledStore(Protocol):
    """What profiles need of a store's row: the store itself, or these columns of it."""

    @property
    def id(self) -> int: ...
    @property
    def store_no(self) -> str: ...
    @property
    def store_type(self) -> str: ...
    @property
    def opened_at(self) -> datetime | None: ...
    @property
    def level(self) -> str: ...
    @property
    def primary_category(self) -> str: ...
    @property
    def status(self) -> str: ...


def load_profiles(stores: Iterable[ProfiledStore], shared: SharedTerms | None = None) -> list[StoreProfile]:
    """One query per kind. ``shared``: what stores loaded before share with these."""
    stores = list(stores)
    ids = [store.id for store in stores]
    periods: dict[int, list[Period]] = defaultdict(list)
    rows = StorePeriod.objects.filter(store_id__in=ids).order_by("store_id", "effective_from")
    for store_id, start, level, category, status in rows.values_list(
        "store_id", "effective_from", "level", "primary_category", "status"
    ):
        periods[store_id].append(Period(start, level, category, status))
    feeds: dict[int, dict[str, datetime]] = defaultdict(dict)
    for store_id, kind, known_until in Feed.objects.filter(store_id__in=ids).values_list(
        "store_id", "kind", "known_until"
    ):
        feeds[store_id][kind] = known_until
    shared = shared or load_shared_terms()
    return [
        StoreProfile(
            id=store.id,
            store_no=store.store_no,
            store_type=store.store_type,
            opened_at=store.opened_at,
            periods=periods[store.id] or [Period(date(1970, 1, 1), store.level, store.primary_category, store.status)],
            feeds=feeds[store.id],
            shared=shared,
        )
        for store in stores
    ]


def load_shared_terms() -> SharedTerms:
    """Policies and categories."""
    return SharedTerms(policies(), load_categories())


def load_categories() -> dict[str, CategoryTraits]:
    """Traits of every category, flags and first-level category resolved along the parents (DM-12)."""
    rows = {row.code: row for row in Category.objects.all()}
    traits = {}
    for code, row in rows.items():
        path = [code]
        while (parent := rows[path[-1]].parent_code) and parent in rows and parent not in path:
            path.append(parent)
        traits[code] = CategoryTraits(row.root_code or path[-1], row.flag_set, tuple(path))
    return traits
