"""The context and the download of the trade page (PG-15): twelve figures with trend, change and benchmark."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.pages import formats
from core.pages.sheets import Row
from dashboard.presenters import parts
from dashboard.queries.trade import DISPUTES, Trade, TradeRow
from metrics import words
from metrics.catalogue import Kind
from metrics.queries.days import PageDays
from metrics.scorecards.results import Level, MetricResult
from rulebook.rules import rounded
from stores.context_processors import nav
from stores.models import Store

CSV_COLUMNS = (
    "metric", "day", "window_days", "value", "numerator", "denominator", "previous_day", "previous_value", "change",
    "change_kind", "benchmark", "benchmark_source", "reference", "threshold_yellow", "threshold_red", "level",
)  # fmt: skip
EXPORT_PLACES = 10


@dataclass(frozen=True, slots=True)
class TradeItem:
    """A figure with its trend, the value before, how it changed and in which direction, and its benchmark."""

    name: str
    url: str
    value: str
    count: str
    level: str
    points: Sequence[Fraction | None]
    lines: list[tuple[Fraction | None, str]]
    before: str
    change: str
    direction: str
    benchmark: str
    source: str
    reference: str
    lines_text: str


@dataclass(frozen=True, slots=True)
class TradePage:
    """What templates/dashboard/trade.html reads: the figures of the window from ``first`` on, and the days of the
    window before."""

    nav: dict[str, Any]
    store: Store
    days: PageDays
    first: date
    before_first: date
    before_last: date
    rows: list[TradeItem]
    has_feeds: bool
    behind: str
    present_url: str
    carriers_url: str
    platform_url: str


def trade_page_of(request: HttpRequest, store: Store, found: Trade, now: datetime) -> TradePage:
    """The page of a store's trade."""
    day, store_no = found.days.performance, store.store_no
    query = {"day": day.isoformat()} if found.days.chosen else {}
    window = max(row.status.window_days for row in found.rows)
    return TradePage(
        nav=nav(request, current="trade", figures=parts.figures_of(found.days, found.computed_at, now), now=now),
        store=store,
        days=found.days,
        first=day - timedelta(days=window - 1),
        before_first=day - timedelta(days=2 * window - 1),
        before_last=day - timedelta(days=window),
        rows=[_row(row, found, store_no) for row in found.rows],
        has_feeds=bool(found.store_span.store.feeds),
        behind=parts.behind(parts.feeds_of(found.store_span, found.days.last)),
        present_url=request.path,
        carriers_url=parts.with_query(reverse("dashboard:carriers", args=[store_no]), query),
        platform_url=parts.with_query(reverse("dashboard:platform", args=[store_no]), query),
    )


def _row(row: TradeRow, found: Trade, store_no: str) -> TradeItem:
    status, result = row.status, row.status.result
    return TradeItem(
        name=str(status.metric.title),
        url=parts.metric_url(store_no, result.code, found.days),
        value=words.value_text(result.value.value, status.unit, status.thresholds),
        count=parts.count_text(status),
        level=_level(result),
        points=row.points,
        lines=[(result.yellow, "yellow"), (result.red, "red")],
        before=words.value_text(row.before.value, status.unit),
        change=change_text(row),
        direction=direction_text(row),
        benchmark="" if result.benchmark is None else words.value_text(result.benchmark.value, status.unit),
        source=parts.benchmark_note(result.benchmark),
        reference=_reference(row, found) if result.code == DISPUTES else "",
        lines_text=words.thresholds_text(result.yellow, result.red, status.unit, floor=status.is_floor),
    )


def _level(result: MetricResult) -> str:
    """The level's word where the metric has a threshold; of others only what keeps them from being read."""
    if result.yellow is not None or result.red is not None:
        return str(result.level)
    if result.level in (Level.NA, Level.NO_DATA):
        return str(result.level)
    return "" if result.value.sufficient or result.metric.kind == Kind.SUM else "few"


def change_text(row: TradeRow) -> str:
    """``+0.52 points`` for shares, ``+12.40 %`` for the rest; empty where there is nothing to compare."""
    if row.change is None:
        return ""
    if row.is_share:
        points = formats.grouped(formats.half_up(100 * row.change), signed=True)
        return _("%(points)s points") % {"points": points}
    return formats.percent(row.change, signed=True)


def direction_text(row: TradeRow) -> str:
    """Better or worse, for the metrics that have a good side."""
    metric = row.status.metric
    if not row.change or metric.kind == Kind.SUM or metric.code == "aov":
        return ""
    better = (row.change > 0) == row.status.is_floor
    return pgettext("change", "better") if better else pgettext("change", "worse")


def _reference(row: TradeRow, found: Trade) -> str:
    """The dispute rate of the whole platform, as published by it, and how far the store is from it (DP-13)."""
    text = _("all platform: %(value)s") % {"value": formats.limit_percent(found.reference)}
    value = row.status.result.value.value
    if value is None:
        return text
    gap = value - Fraction(found.reference)
    points = formats.grouped(formats.half_up(100 * gap), signed=True)
    return _("%(reference)s, store %(points)s points") % {"reference": text, "points": points}


def trade_rows(found: Trade) -> Iterator[Row]:
    """The twelve as rows of the download, exact to ten decimals (MX-06)."""
    for row in found.rows:
        result = row.status.result
        yield (
            result.code,
            result.day,
            row.status.window_days,
            _exported(result.value.value),
            result.value.numerator,
            result.value.denominator,
            row.before_day,
            _exported(row.before.value),
            _exported(row.change),
            "difference" if row.is_share else "relative",
            _exported(result.benchmark.value if result.benchmark else None),
            result.benchmark.source if result.benchmark else None,
            found.reference if result.code == DISPUTES else None,
            _exported(result.yellow),
            _exported(result.red),
            str(result.level),
        )


def _exported(value: Fraction | None) -> Any:
    return None if value is None else rounded(value, EXPORT_PLACES)
