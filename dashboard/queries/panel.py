"""The health panel: everything that the first page of a store shows (PG-03)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from core.timebase import performance_day
from dashboard.queries.appeals import AppealWork, appeal_work
from dashboard.queries.notices import NoticeWork, notice_work
from disputes.queries.todo import AnswerDue, answers_due
from insights.queries.status import MetricStatus, PageBenchmarks, load_span, status_of, statuses_of, trend
from insights.queries.upcoming import Upcoming, upcoming
from intake.models import Source
from intake.sync.queries import silent_sources
from metrics.catalogue import COMPOSITES, DIMENSIONS, METRICS, WATCHED, Calendar, Kind
from metrics.models import Published, RatingFreeze
from metrics.queries.days import PageDays, page_days, published_rows
from metrics.queries.freezes import freeze_on, official_rating
from metrics.rules.composites import Composite
from metrics.rules.rating import Rating, TierStatus, is_rated_type, tier_of
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.store_profiles import load_profiles
from orders.queries.todo import OpenWork, open_work
from penalties.models import Penalty
from penalties.queries.eligibility import Eligibility, eligibility
from penalties.queries.eligibility import Score as PromotionScore
from penalties.queries.penalties import standing_penalties
from rulebook.policy import Policy
from stores.models import Store

TREND_DAYS = 30
CHANGE_DAYS = 7
DISPUTES_SHOWN = 20
TRADE = tuple(code for code, metric in METRICS.items() if metric.kind in (Kind.SHARE, Kind.MEAN, Kind.SUM))


@dataclass(frozen=True, slots=True)
class RatingView:
    """The rating on a day. ``official`` is the published rating, the computed one where nothing is published; tier and
    badge go by it (SR-06). ``freeze``: the one that the day lies in; ``before``: the rating ``CHANGE_DAYS`` days
    earlier."""

    status: MetricStatus
    rating: Rating
    dimensions: list[MetricStatus]
    official: Fraction | None
    freeze: RatingFreeze | None
    tier: TierStatus | None
    policy: Policy
    before: Fraction | None
    before_day: date
    rated_type: bool

    @property
    def score(self) -> Fraction | None:
        """The computed rating; None without the feeds it needs."""
        return self.status.result.value.value

    @property
    def tier_thresholds(self) -> list[Decimal]:
        """Where the tiers begin: what a shown rating must stay on its side of (MX-06)."""
        return [tier.at_least for tier in self.policy.rating.tiers]

    @property
    def differs(self) -> bool:
        """Whether the published rating is another than the computed one."""
        return self.score is not None and self.official != self.score

    @property
    def has_badge(self) -> bool:
        """Whether the tier carries the badge of top sellers (SR-05)."""
        return self.tier is not None and self.tier.code == self.policy.rating.badge_tier

    @property
    def change(self) -> Fraction | None:
        """How the rating moved since ``before_day``."""
        now = self.score
        return None if now is None or self.before is None else now - self.before


@dataclass(frozen=True, slots=True)
class Score:
    """A composite score with its parts on the day."""

    status: MetricStatus
    composite: Composite
    policy: Policy


@dataclass(frozen=True, slots=True)
class Work:
    """What waits for the seller now: the piles of orders, the disputes whose clocks end first, and how many disputes
    wait for an answer in all, the notices that stand, the appeals that wait for the seller."""

    orders: OpenWork
    answers: list[AnswerDue]
    answers_total: int
    notices: list[NoticeWork]
    appeals: list[AppealWork]


@dataclass(frozen=True, slots=True)
class Restrictions:
    """What the store may not do now: the penalties that hold, and whether it may take part in promotions (PN-12)."""

    penalties: Sequence[Penalty]
    eligibility: Eligibility


@dataclass(frozen=True, slots=True)
class Panel:
    """What the panel shows. ``work``: what waits now, None where the panel shows a past day; ``tiles`` and ``quiet``:
    the watched metrics, worst first; ``trends``: their values; ``upcoming``: the next evaluation of the tiles, the
    rating and the scores (BX-11); ``restrictions``: None where the panel shows a past day."""

    days: PageDays
    store_span: StoreSpan
    work: Work | None
    rating: RatingView
    tiles: list[MetricStatus]
    quiet: list[MetricStatus]
    trade: list[MetricStatus]
    scores: list[Score]
    trends: Mapping[str, list[Fraction | None]]
    published: Mapping[Calendar, Published]
    computed_at: datetime | None
    upcoming: Mapping[str, Upcoming]
    restrictions: Restrictions | None
    silent: Sequence[Source]


def health_panel(*, store: Store, at: datetime, asked: date | None) -> Panel:
    """Load the panel of a store; the number of queries does not depend on the data."""
    profile = load_profiles([store])[0]
    days = page_days(profile, at, asked)
    codes = (*WATCHED, *TRADE, "refund_rate", "dsr", *DIMENSIONS, *COMPOSITES)
    store_span = load_span(store, days, TREND_DAYS, codes, until=performance_day(at), profile=profile)
    published = published_rows(store.id, days)
    benchmarks = PageBenchmarks(days, codes, published, store=profile)
    watched = statuses_of(store_span, WATCHED, days, benchmarks, published)
    tiles = [status for status in watched if not status.is_quiet]
    rating = rating_view(store_span, days, benchmarks, published)
    scores = [_score(store_span, code, days, benchmarks, published) for code in COMPOSITES]
    return Panel(
        days=days,
        store_span=store_span,
        work=work_of(store, at, profile.feeds) if days.is_present else None,
        rating=rating,
        tiles=tiles,
        quiet=[status for status in watched if status.is_quiet],
        trade=[status_of(store_span, code, days, benchmarks, published) for code in (*TRADE, "refund_rate")],
        scores=scores,
        trends={one.result.code: trend(store_span, one.result.code, one.result.day, TREND_DAYS) for one in tiles},
        published=published,
        computed_at=max((row.computed_at for row in published.values()), default=None),
        upcoming={
            one.result.code: found
            for one in (*tiles, rating.status, *(score.status for score in scores))
            if (found := upcoming(store_span, one, days, at))
        },
        restrictions=_restrictions(store, at, rating, scores) if days.is_present else None,
        silent=silent_sources(store) if days.is_present else [],
    )


def _restrictions(store: Store, at: datetime, rating: RatingView, scores: Sequence[Score]) -> Restrictions:
    penalties = standing_penalties(store, at)
    health = next(one.composite.score for one in scores if one.status.metric.code == "shs")
    found = eligibility(
        store=store,
        at=at,
        rating=PromotionScore(rating.official),
        shs=PromotionScore(health),
        penalties=penalties,
    )
    return Restrictions(penalties, found)


def work_of(store: Store, at: datetime, feeds: Collection[str]) -> Work:
    """What waits for the seller at an instant; ``feeds``: the kinds of data that the store has."""
    answers, total = answers_due(store_id=store.id, most=DISPUTES_SHOWN)
    return Work(
        open_work(store_id=store.id, at=at, confirmations="confirmations" in feeds),
        answers,
        total,
        notice_work(store, at),
        appeal_work(store),
    )


def rating_view(
    store_span: StoreSpan, days: PageDays, benchmarks: PageBenchmarks, published: Mapping[Calendar, Published]
) -> RatingView:
    """The rating with its dimensions, tier and last change."""
    rows = dict(published)
    status = status_of(store_span, "dsr", days, benchmarks, rows)
    policy = store_span.policy(days.rating, Calendar.RATING)
    rating = store_span.on(days.rating).rating
    earlier = days.rating - timedelta(days=CHANGE_DAYS)
    freeze = freeze_on(store_span.store.id, days.rating)
    official = official_rating(status.result.value.value, published.get(Calendar.RATING), freeze)
    return RatingView(
        status=status,
        rating=rating,
        dimensions=[status_of(store_span, code, days, benchmarks, rows) for code in DIMENSIONS],
        official=official,
        freeze=freeze,
        tier=None if official is None else tier_of(official, policy),
        policy=policy,
        before=store_span.on(earlier).rating.score,
        before_day=earlier,
        rated_type=is_rated_type(policy, store_span.store.store_type),
    )


def _score(
    store_span: StoreSpan,
    code: str,
    days: PageDays,
    benchmarks: PageBenchmarks,
    published: Mapping[Calendar, Published],
) -> Score:
    status = status_of(store_span, code, days, benchmarks, dict(published))
    day = status.result.day
    policy = store_span.policy(day, METRICS[code].calendar)
    return Score(status, store_span.on(day).composite(code), policy)
