"""The health panel: everything that the first page of a store shows (PG-03)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from core.timebase import performance_day
from dashboard.queries.notices import NoticeWork, notice_work
from disputes.queries.todo import AnswerDue, answers_due
from insights.queries.standing import Bench, Standing, load_span, standing_of, standings_of, trend
from insights.queries.upcoming import Upcoming, upcoming
from metrics.catalogue import COMPOSITES, DIMENSIONS, METRICS, WATCHED, Calendar, Kind
from metrics.models import Published, RatingFreeze
from metrics.queries.days import PageDays, page_days, published_rows
from metrics.queries.freezes import freeze_on, official_rating
from metrics.rules.composites import Composite
from metrics.rules.rating import Rating, TierStanding, is_rated_type, tier_of
from metrics.scorecards.profiles import load_profiles
from metrics.scorecards.spans import StoreSpan
from orders.queries.todo import OpenWork, open_work
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

    standing: Standing
    rating: Rating
    dimensions: list[Standing]
    official: Fraction | None
    freeze: RatingFreeze | None
    tier: TierStanding | None
    policy: Policy
    before: Fraction | None
    before_day: date
    rated_type: bool

    @property
    def score(self) -> Fraction | None:
        """The computed rating; None without the feeds it needs."""
        return self.standing.card.value.value

    @property
    def tier_lines(self) -> list[Decimal]:
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

    standing: Standing
    composite: Composite
    policy: Policy


@dataclass(frozen=True, slots=True)
class Work:
    """What waits for the seller now: the piles of orders, the disputes whose clocks end first, and how many disputes
    wait for an answer in all, the notices that stand."""

    orders: OpenWork
    answers: list[AnswerDue]
    answers_total: int
    notices: list[NoticeWork]


@dataclass(frozen=True, slots=True)
class Panel:
    """What the panel shows. ``work``: what waits now, None where the panel shows a past day; ``tiles`` and ``quiet``:
    the watched metrics, worst first; ``trends``: their values; ``upcoming``: the next evaluation of the tiles, the
    rating and the scores (BX-11)."""

    days: PageDays
    figures: StoreSpan
    work: Work | None
    rating: RatingView
    tiles: list[Standing]
    quiet: list[Standing]
    trade: list[Standing]
    scores: list[Score]
    trends: Mapping[str, list[Fraction | None]]
    published: Mapping[Calendar, Published]
    computed_at: datetime | None
    upcoming: Mapping[str, Upcoming]


def health_panel(*, store: Store, at: datetime, asked: date | None) -> Panel:
    """Load the panel of a store; the number of queries does not depend on the data."""
    context = load_profiles([store])[0]
    days = page_days(context, at, asked)
    codes = (*WATCHED, *TRADE, "refund_rate", "dsr", *DIMENSIONS, *COMPOSITES)
    figures = load_span(store, days, TREND_DAYS, codes, until=performance_day(at), context=context)
    published = published_rows(store.id, days)
    bench = Bench(days, codes, published, store=context)
    watched = standings_of(figures, WATCHED, days, bench, published)
    tiles = [standing for standing in watched if not standing.is_quiet]
    rating = rating_view(figures, days, bench, published)
    scores = [_score(figures, code, days, bench, published) for code in COMPOSITES]
    return Panel(
        days=days,
        figures=figures,
        work=work_of(store, at, context.feeds) if days.is_present else None,
        rating=rating,
        tiles=tiles,
        quiet=[standing for standing in watched if standing.is_quiet],
        trade=[standing_of(figures, code, days, bench, published) for code in (*TRADE, "refund_rate")],
        scores=scores,
        trends={one.card.code: trend(figures, one.card.code, one.card.day, TREND_DAYS) for one in tiles},
        published=published,
        computed_at=max((row.computed_at for row in published.values()), default=None),
        upcoming={
            one.card.code: found
            for one in (*tiles, rating.standing, *(score.standing for score in scores))
            if (found := upcoming(figures, one, days, at))
        },
    )


def work_of(store: Store, at: datetime, feeds: Collection[str]) -> Work:
    """What waits for the seller at an instant; ``feeds``: the kinds of data that the store has."""
    answers, total = answers_due(store_id=store.id, most=DISPUTES_SHOWN)
    return Work(
        open_work(store_id=store.id, at=at, confirmations="confirmations" in feeds),
        answers,
        total,
        notice_work(store, at),
    )


def rating_view(
    figures: StoreSpan, days: PageDays, bench: Bench, published: Mapping[Calendar, Published]
) -> RatingView:
    """The rating with its dimensions, tier and last change."""
    rows = dict(published)
    standing = standing_of(figures, "dsr", days, bench, rows)
    policy = figures.policy(days.rating, Calendar.RATING)
    rating = figures.on(days.rating).rating
    earlier = days.rating - timedelta(days=CHANGE_DAYS)
    freeze = freeze_on(figures.store.id, days.rating)
    official = official_rating(standing.card.value.value, published.get(Calendar.RATING), freeze)
    return RatingView(
        standing=standing,
        rating=rating,
        dimensions=[standing_of(figures, code, days, bench, rows) for code in DIMENSIONS],
        official=official,
        freeze=freeze,
        tier=None if official is None else tier_of(official, policy),
        policy=policy,
        before=figures.on(earlier).rating.score,
        before_day=earlier,
        rated_type=is_rated_type(policy, figures.store.store_type),
    )


def _score(
    figures: StoreSpan, code: str, days: PageDays, bench: Bench, published: Mapping[Calendar, Published]
) -> Score:
    standing = standing_of(figures, code, days, bench, dict(published))
    day = standing.card.day
    policy = figures.policy(day, METRICS[code].calendar)
    return Score(standing, figures.on(day).composite(code), policy)
