"""The trade analysis as a file for people (PG-15, RL-12)."""

from collections.abc import Iterator
from fractions import Fraction

from django.utils.translation import pgettext_lazy

from core.pages.people_sheets import Field, Share, Sheet
from dashboard.presenters.parts import benchmark_note
from dashboard.queries.trade import DISPUTES, Trade
from insights.presenters.figure_files import figure, level_word

FIELDS = (
    Field(pgettext_lazy("column", "Metric"), 24),
    Field(pgettext_lazy("column", "Day"), 12),
    Field(pgettext_lazy("column", "Days of the window"), 10),
    Field(pgettext_lazy("column", "Value"), 14),
    Field(pgettext_lazy("column", "Numerator"), 12),
    Field(pgettext_lazy("column", "Denominator"), 12),
    Field(pgettext_lazy("column", "Day before"), 12),
    Field(pgettext_lazy("column", "Value before"), 14),
    Field(pgettext_lazy("column", "Change in points"), 12),
    Field(pgettext_lazy("column", "Change"), 12),
    Field(pgettext_lazy("column", "Category benchmark"), 14),
    Field(pgettext_lazy("column", "Source of the benchmark"), 26),
    Field(pgettext_lazy("column", "All of the platform"), 14),
    Field(pgettext_lazy("column", "Yellow line"), 12),
    Field(pgettext_lazy("column", "Red line"), 12),
    Field(pgettext_lazy("column", "Level"), 12),
)


def trade_sheet(found: Trade) -> Sheet:
    """The twelve figures as a table."""
    return Sheet(pgettext_lazy("sheet", "Trade"), FIELDS, _rows(found))


def _rows(found: Trade) -> Iterator[list[object]]:
    for row in found.rows:
        result, unit = row.status.result, row.status.unit
        change = None if row.change is None else Fraction(row.change)
        yield [
            result.metric.title,
            result.day,
            row.status.window_days,
            figure(result.value.value, unit),
            result.value.numerator,
            result.value.denominator,
            row.before_day,
            figure(row.before.value, unit),
            figure(100 * change, "points") if change is not None and row.is_share else None,
            Share(change) if change is not None and not row.is_share else None,
            figure(result.benchmark.value, unit) if result.benchmark else None,
            benchmark_note(result.benchmark),
            Share(found.reference) if result.code == DISPUTES else None,
            figure(result.yellow, unit),
            figure(result.red, unit),
            level_word(str(result.level)),
        ]
