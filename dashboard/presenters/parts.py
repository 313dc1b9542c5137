"""Statuses as parts of pages: tiles, scores, data streams. Words and addresses, no queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.pages import formats
from core.pages.components import Fact
from dashboard.queries.panel import RatingView, Score
from insights.queries.status import MetricStatus
from metrics import words
from metrics.catalogue import METRICS, Kind
from metrics.queries.days import PageDays, next_run_at
from metrics.rules.composites import grade_of
from metrics.rules.days import day_end
from metrics.scorecards.results import BenchmarkValue, Level
from metrics.scorecards.spans import StoreSpan
from penalties.presenters.consequences import ScorePenalty
from rulebook.policy import Policy
from stores.models import Feed

MOST_POINTS = 100
FEED_WORDS = dict(Feed.Kind.choices)


def metric_url(store_no: str, code: str, days: PageDays) -> str:
    """The page of a metric, on the same day where the address named one."""
    address = reverse("dashboard:rating", args=[store_no]) if code == "dsr" else metric_page(store_no, code)
    return f"{address}?{urlencode({'day': days.performance.isoformat()})}" if days.chosen else address


def metric_page(store_no: str, code: str) -> str:
    """The page of a metric on its own day."""
    return reverse("dashboard:metric", args=[store_no, code])


def with_query(address: str, query: Mapping[str, str]) -> str:
    """An address with a query, if there is one."""
    return f"{address}?{urlencode(query)}" if query else address


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh the figures of a page are (components/freshness.html): of which day, computed when, the next run."""

    day: date
    computed_at: datetime | None
    next_run_at: datetime
    stale: bool


def figures_of(days: PageDays, computed_at: datetime | None, at: datetime) -> Freshness:
    """The freshness that the frame shows (SR-11)."""
    return Freshness(days.performance, computed_at, next_run_at(at), days.is_stale)


@dataclass(frozen=True, slots=True)
class Tile:
    """A metric for templates/dashboard/_tile.html: ``raw`` is the number behind ``value``; ``perfect`` the number
    without failures; ``held``: why a value past its yellow threshold is not yellow; ``upcoming``: next evaluation."""

    name: str
    url: str
    value: str
    level: str
    word: str
    held: str
    raw: Fraction | None
    yellow: Fraction | None
    red: Fraction | None
    floor: bool
    perfect: words.Number | int | None
    points: Sequence[Fraction | None] | None
    headroom: str
    lines: list[tuple[str, str]]
    lines_text: str
    published: str
    count: str
    upcoming: str = ""


def tile(
    status: MetricStatus, url: str, points: Sequence[Fraction | None] | None = None, *, upcoming: str = ""
) -> Tile:
    """One metric with its page."""
    result = status.result
    return Tile(
        name=str(result.metric.title),
        url=url,
        value=""
        if result.value.value is None
        else words.value_text(result.value.value, status.unit, status.thresholds),
        level=str(result.level),
        word=level_word(status),
        held=held_text(status),
        raw=result.value.value,
        yellow=result.yellow,
        red=result.red,
        floor=status.is_floor,
        perfect=status.rules.floor_top,
        points=points,
        headroom=words.headroom_short(status.room_yellow, status.room_red),
        lines=thresholds_of(status),
        lines_text=words.thresholds_text(result.yellow, result.red, status.unit, floor=status.is_floor),
        published=published_text(status),
        count=count_text(status),
        upcoming=upcoming,
    )


def level_word(status: MetricStatus) -> str:
    """The word of a level where it is another than usual: nothing in the window is not the same as few orders."""
    result = status.result
    is_empty = result.level == Level.FEW and result.value.value is None and status.metric.kind != Kind.COMPOSITE
    return pgettext("status", "nothing in the window") if is_empty else ""


def held_text(status: MetricStatus) -> str:
    """Why a value past its yellow threshold is not yellow, in a few words (MX-10); empty where nothing holds it
    back."""
    held = status.holding
    if held is None:
        return ""
    if held.is_usual:
        return _("past the yellow threshold, but within the store's usual swing")
    return _("past the yellow threshold: day %(days)s of %(needed)s") % {"days": held.days, "needed": held.needed}


def thresholds_of(status: MetricStatus) -> list[tuple[str, str]]:
    """The thresholds under a tile's bar as short as they can be: ``(yellow, "◐ 3.6 %")``."""
    thresholds = (("yellow", "◐", status.result.yellow), ("red", "●", status.result.red))
    return [
        (name, f"{symbol}{formats.NBSP}{_short_threshold(threshold, status)}")
        for name, symbol, threshold in thresholds
        if threshold is not None
    ]


def _short_threshold(threshold: Fraction, status: MetricStatus) -> str:
    """A threshold with two decimals, with more only where it would stand on the other side of the value (MX-06)."""
    value, scale = status.result.value.value, 100 if status.unit == "share" else 1
    short = Fraction(formats.limit(scale * threshold, 2)) / scale
    if value is not None and (short > value, short < value) != (threshold > value, threshold < value):
        short = threshold
    return words.threshold_text(short, status.unit)


def trade_item(status: MetricStatus, url: str) -> Fact:
    """A metric without lines."""
    value = status.result.value
    shown = words.value_text(value.value, status.unit) if value.value is not None else ""
    return Fact(str(status.metric.title), shown, _few(status), url)


def _few(status: MetricStatus) -> str:
    value = status.result.value
    if not value.has_feeds:
        return pgettext("status", "no data")
    return "" if value.sufficient or status.metric.kind == Kind.SUM else pgettext("status", "few orders")


def published_text(status: MetricStatus) -> str:
    """The published value where it is another than the computed one (MX-08)."""
    if status.published is None:
        return ""
    return _("published: %(value)s") % {"value": words.value_text(status.published, status.unit, status.thresholds)}


def count_text(status: MetricStatus) -> str:
    """The counts behind a value: ``2 of 7``."""
    value = status.result.value
    if value.denominator is None or value.numerator is None or status.metric.kind == Kind.MEAN:
        return ""
    return _("%(part)s of %(whole)s") % {
        "part": formats.number(value.numerator),
        "whole": formats.number(value.denominator),
    }


def benchmark_note(benchmark: BenchmarkValue | None) -> str:
    """Where a benchmark comes from (MX-11); empty without one."""
    if benchmark is None:
        return ""
    return {
        "published": _("as published"),
        "imported": _("supplied for the category"),
        "category": _("stores of the same category: %(count)s") % {"count": benchmark.stores},
        "all": _("all stores: %(count)s") % {"count": benchmark.stores},
    }[benchmark.source]


def tier_name(code: str, view: RatingView, language: str) -> str:
    """A tier's name in the page's language."""
    tier = next(tier for tier in view.policy.rating.tiers if tier.code == code)
    return tier.name_zh if language.startswith("zh") else tier.name_en


def tiers_of(view: RatingView, language: str) -> list[tuple[Any, str]]:
    """The ladder from the lowest tier, for the scale."""
    ladder = sorted(view.policy.rating.tiers, key=lambda tier: tier.at_least)
    return [(tier.at_least, tier_name(tier.code, view, language)) for tier in ladder]


def tier_distance(view: RatingView, language: str) -> str:
    """How far the next tier and the loss of this one are (SR-05)."""
    tier = view.tier
    if tier is None:
        return ""
    parts = []
    if tier.to_next is not None and tier.next_code is not None:
        parts.append(
            _("%(points)s to %(tier)s")
            % {"points": formats.score(tier.to_next), "tier": tier_name(tier.next_code, view, language)}
        )
    if tier.above_threshold is not None:
        parts.append(
            _("%(points)s above the loss of %(tier)s")
            % {"points": formats.score(tier.above_threshold), "tier": tier_name(tier.code, view, language)}
        )
    return " · ".join(parts)


def tier_level(view: RatingView) -> str:
    """The colour of a tier: that of the rating's own level, calm where it says nothing or speaks of another rating than
    the published one."""
    level = str(view.status.result.level)
    return level if level in ("ok", "yellow", "red") and not view.differs else "info"


@dataclass(frozen=True, slots=True)
class Dimension:
    """A rating dimension for the dimension bar (MX-12)."""

    name: str
    value: Fraction | None
    benchmark: Fraction | None
    deviation: Fraction | None
    alert: words.Number
    note: str
    url: str


def dimension(status: MetricStatus, alert: words.Number, url: str) -> Dimension:
    """A rating dimension beside its benchmark."""
    result = status.result
    return Dimension(
        name=str(result.metric.title),
        value=result.value.value,
        benchmark=result.benchmark.value if result.benchmark else None,
        deviation=result.deviation,
        alert=alert,
        note=_("few orders") if result.value.value is not None and not result.value.sufficient else "",
        url=url,
    )


@dataclass(frozen=True, slots=True)
class ScorePart:
    """A part of a composite score: its points of the most it can have, its share of 100."""

    name: str
    points: str
    most: str
    share: str
    level: str


@dataclass(frozen=True, slots=True)
class ScoreItem:
    """A composite score for templates/components/score_parts.html; ``upcoming``: the next evaluation; ``penalties``:
    what it brought."""

    name: str
    url: str
    value: str
    level: str
    word: str
    parts: list[ScorePart]
    upcoming: str
    penalties: list[ScorePenalty]


def score(found: Score, url: str, upcoming: str, penalties: list[ScorePenalty]) -> ScoreItem:
    """A composite score with its parts."""
    composite, code = found.composite, found.status.metric.code
    level, word = score_level(code, composite.score, found.policy)
    lines = words.score_thresholds(code, found.policy)
    return ScoreItem(
        name=str(found.status.metric.title),
        url=url,
        value="" if composite.score is None else formats.score(composite.score, lines),
        level=level,
        word=word,
        parts=[_score_part(found, name, part) for name, part in composite.parts.items()],
        upcoming=upcoming,
        penalties=penalties,
    )


def _score_part(found: Score, code: str, part: Fraction) -> ScorePart:
    weight = found.composite.weights[code]
    good, fair = _part_lines(found)
    return ScorePart(
        name=str(METRICS[code].title),
        points=formats.number(part * weight, 0),
        most=formats.number(MOST_POINTS * weight, 0),
        share=format(formats.half_up(part, 2), "f"),
        level="ok" if part >= good else "yellow" if part >= fair else "red",
    )


def _part_lines(found: Score) -> tuple[Fraction, Fraction]:
    """From which sub-score on a bar is calm, and from which it is yellow: the score's own thresholds."""
    shs, sla = found.policy.shs, found.policy.sla
    if found.status.metric.code == "shs":
        return Fraction(shs.promotion_block_below), Fraction(shs.manual_review_below)
    return Fraction(sla.score_at_yellow), Fraction(sla.score_at_red)


def score_level(code: str, value: Fraction | None, policy: Policy) -> tuple[str, str]:
    """The colour of a composite score and its word: the SHS by what it brings (DP-06), the SLA by its grade (TM-05)."""
    if value is None:
        return "no_data", ""
    if code == "shs":
        if value < Fraction(policy.shs.manual_review_below):
            return "red", _("manual review")
        return ("yellow", _("promotion blocked")) if value < Fraction(policy.shs.promotion_block_below) else ("ok", "")
    grade = grade_of(policy, value)
    ladder = sorted(policy.sla.grades, key=lambda step: step.at_least, reverse=True)
    place = next(index for index, step in enumerate(ladder) if step.code == grade)
    level = "ok" if place < 2 else "yellow" if place < len(ladder) - 1 else "red"
    return level, _("grade %(grade)s") % {"grade": grade}


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A data stream and until when it is known."""

    kind: str
    title: str
    until: datetime | None
    level: str


def feeds_of(store_span: StoreSpan, day: date) -> list[FeedRow]:
    """Every kind of data with how far it is known; what was never supplied says so (MX-07)."""
    end = day_end(day, METRICS["odr"].calendar)
    rows = []
    for kind, title in FEED_WORDS.items():
        until = store_span.store.feeds.get(kind)
        level = "no_data" if until is None else "stale" if until < end else "ok"
        rows.append(FeedRow(kind, str(title), until, level))
    return rows


def behind(rows: Iterable[FeedRow]) -> str:
    """The kinds of data that end before the last complete day, as a list of words."""
    return _(", ").join(row.title for row in rows if row.level == "stale")
