"""Where one metric of a store stands on a day: card, unit, headroom, what was published of it (MX-08, MX-13)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from metrics.catalogue import METRICS, Calendar, Kind, Metric
from metrics.models import Published
from metrics.queries.days import PageDays
from metrics.rules.composites import ladder_of
from metrics.rules.headroom import Headroom, headroom
from metrics.scorecards.batches import history_days
from metrics.scorecards.benchmarks import Benchmarks
from metrics.scorecards.judging import judge
from metrics.scorecards.loading import load_spans
from metrics.scorecards.profiles import StoreProfile
from metrics.scorecards.results import BenchmarkValue, Level, MetricResult
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.streaks import HeldBack, held_back
from rulebook.policy import MetricPolicy
from rulebook.rules import rounded
from stores.models import Store

PUBLISHED_PLACES = 10
ORDER = (Level.L3, Level.RED, Level.L2, Level.L1, Level.YELLOW, Level.OK, Level.SILENT, Level.STALE, Level.FEW)
QUIET = frozenset({Level.NA, Level.NO_DATA, Level.FEW, Level.SILENT, Level.STALE})


@dataclass(frozen=True, slots=True)
class Standing:
    """A card with what a page says about it. ``published``: the published value where it differs from the computed
    one; ``room_yellow``, ``room_red``: None where the metric has no such line or no counts; ``steps``: the scores at
    which a composite one brings something else; ``holding``: why a value past its yellow line is not yellow."""

    card: MetricResult
    rules: MetricPolicy
    window_days: int
    room_yellow: Headroom | None
    room_red: Headroom | None
    published: Decimal | None
    steps: Sequence[Fraction] = ()
    holding: HeldBack | None = None

    @property
    def metric(self) -> Metric:
        return self.card.metric

    @property
    def unit(self) -> str:
        return self.rules.unit

    @property
    def is_floor(self) -> bool:
        """Whether less is worse."""
        return self.rules.floor_top is not None

    @property
    def is_quiet(self) -> bool:
        """Whether the level says nothing about the store: no data, few orders, silent, stale, does not apply."""
        return self.card.level in QUIET

    @property
    def lines(self) -> list[Fraction | None]:
        """What a shown value must stay on its side of (MX-06)."""
        return [self.card.yellow, self.card.red, *self.steps]


def load_span(
    store: Store,
    days: PageDays,
    span: int,
    codes: Collection[str],
    *,
    until: date | None = None,
    context: StoreProfile | None = None,
) -> StoreSpan:
    """StoreSpan that cover the shown day, ``span`` days of trend, what levels look back on (MX-10), and the days up to
    ``until``. ``context``: the store's own where it is at hand."""
    first = days.rating - timedelta(days=max(span - 1, history_days()))
    last = max(days.performance, until or days.performance)
    profiles = None if context is None else [context]
    return load_spans([store], first, last, codes=codes, profiles=profiles)[store.id]


class Bench:
    """Marks of a store on its page's days: the kept benchmark, else the one that was published with the day."""

    def __init__(
        self,
        days: PageDays,
        codes: Collection[str],
        published: dict[Calendar, Published],
        *,
        book: Benchmarks | None = None,
        store: StoreProfile | None = None,
    ) -> None:
        """``book``: one that covers these days and codes; ``store``: the only one whose marks are asked for."""
        self._days = days
        self._published = published
        if book is None:
            book = Benchmarks(days.rating, days.performance, codes=codes, kept_only=True, store=store)
        self._book = book

    def mark(self, figures: StoreSpan, code: str) -> BenchmarkValue | None:
        """The mark of a metric; None without a benchmark."""
        calendar = METRICS[code].calendar
        found = self._book.of(figures.store, self._days.of(calendar)).get(code)
        if found is not None or calendar not in self._published:
            return found
        value = self._published[calendar].cards.get(code, {}).get("benchmark")
        return None if value is None else BenchmarkValue(Fraction(value), "published", "", 0)


def standing_of(
    figures: StoreSpan, code: str, days: PageDays, bench: Bench, published: dict[Calendar, Published]
) -> Standing:
    """Judge a metric on the page's day."""
    metric = METRICS[code]
    day = days.of(metric.calendar)
    policy = figures.policy(day, metric.calendar)
    card = judge(figures, code, day, bench.mark(figures, code))
    rules = policy.metrics[code]
    window = policy.rating.window_days if metric.kind == Kind.STARS else rules.window_days
    return Standing(
        card=card,
        rules=rules,
        window_days=window,
        room_yellow=_room(figures, card, card.yellow, rules, day, window),
        room_red=_room(figures, card, card.red, rules, day, window),
        published=_published(card, published.get(metric.calendar)),
        steps=[least for least, _name in ladder_of(policy, code).steps] if metric.kind == Kind.COMPOSITE else (),
        holding=held_back(figures, card),
    )


def standings_of(
    figures: StoreSpan, codes: Sequence[str], days: PageDays, bench: Bench, published: dict[Calendar, Published]
) -> list[Standing]:
    """The metrics, worst first; those that say nothing about the store at the end."""
    found = [standing_of(figures, code, days, bench, published) for code in codes]
    return sorted(found, key=_worst_first)


def _worst_first(standing: Standing) -> tuple[int, Fraction, str]:
    level = standing.card.level
    return (ORDER.index(level) if level in ORDER else len(ORDER), -_use_of_line(standing), standing.card.code)


def _use_of_line(standing: Standing) -> Fraction:
    """The share of what the line allows that is used up; 0 without a line or value."""
    line = standing.card.red if standing.card.red is not None else standing.card.yellow
    value = standing.card.value.value
    if line is None or value is None:
        return Fraction()
    top = Fraction(standing.rules.floor_top or 0)
    return abs(value - top) / abs(line - top) if line != top else Fraction()


def _room(
    figures: StoreSpan, card: MetricResult, line: Fraction | None, rules: MetricPolicy, day: date, window: int
) -> Headroom | None:
    metric = card.metric
    failures, denominator = failures_of(card), card.value.denominator
    if line is None or failures is None or not denominator or not card.thresholds.applies:
        return None
    allowed = line if rules.floor_top is None else Fraction(rules.floor_top) - line

    def remaining(later: int) -> int:
        return figures.total(metric.upper, day, window - later) if later < window else 0

    return headroom(failures, denominator, allowed, inclusive=rules.inclusive, remaining=remaining, window_days=window)


def failures_of(card: MetricResult) -> int | None:
    """The failures of a rate or floor; None for other kinds and without data."""
    value = card.value
    if value.numerator is None or value.denominator is None:
        return None
    if card.metric.kind == Kind.RATE:
        return value.numerator
    return value.denominator - value.numerator if card.metric.kind == Kind.FLOOR else None


def _published(card: MetricResult, row: Published | None) -> Decimal | None:
    """The published value where it is another than the computed one (MX-08)."""
    text = (row.cards.get(card.code) or {}).get("value") if row else None
    if text is None or card.value.value is None or Decimal(text) == rounded(card.value.value, PUBLISHED_PLACES):
        return None
    return Decimal(text)


def trend(figures: StoreSpan, code: str, last: date, days: int) -> list[Fraction | None]:
    """The values of the ``days`` days up to ``last``, oldest first."""
    return [figures.value(code, last - timedelta(days=back)).value for back in range(days - 1, -1, -1)]
