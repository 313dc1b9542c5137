"""Scorecards: a value with its lines, level, benchmark and deviation (MX-08 … MX-12, PN-21, PN-22)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from core.timebase import window_start
from metrics.catalogue import DIMENSIONS, METRICS, Metric
from metrics.figures.common import Lines, Terms
from metrics.figures.sheet import Sheet
from metrics.figures.store import Figures
from metrics.rules.values import Value
from rulebook.rules import Exact, Ratio, crosses, decimal_text, distance, exact_sum, fraction_of

# Decimals of published and exported numbers.
PLACES = 10


class Level(StrEnum):
    """The words of the ``level`` column (MX)."""

    OK = "ok"
    YELLOW = "yellow"
    RED = "red"
    FEW = "few"
    NO_DATA = "no_data"
    STALE = "stale"
    SILENT = "silent"
    NA = "na"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"


@dataclass(frozen=True)
class Mark:
    """A benchmark value: ``source`` is imported, category or all; ``scope`` the category it speaks of (MX-11).
    One serves all stores that it is the mark of."""

    exact: Exact
    source: str
    scope: str
    stores: int

    @cached_property
    def value(self) -> Fraction:
        """The value in lowest terms."""
        return fraction_of(self.exact)

    @cached_property
    def text(self) -> str:
        """The value as it is published and exported."""
        return decimal_text(self.exact, PLACES)


@dataclass(slots=True)
class Card:
    """One row of the scorecards: ``yellow`` is the line that acts, for a new store the dynamic baseline (MX-10).
    ``preview``: what a silent metric's level would be if the silent period were over (PN-21). Never changed once made:
    not frozen only because a night makes hundreds of thousands."""

    code: str
    day: date
    value: Value
    lines: Lines
    yellow: Fraction | None
    red: Fraction | None
    level: Level
    mark: Mark | None
    policy_version: int
    preview: Level | None = None

    @property
    def metric(self) -> Metric:
        return METRICS[self.code]

    @property
    def has_baseline(self) -> bool:
        """Whether the benchmark stands in place of the yellow line: the dynamic baseline of new stores (PN-22)."""
        return self.lines.yellow is not None and self.yellow != self.lines.yellow.value

    @property
    def deviation(self) -> Fraction | None:
        """(store − benchmark) ÷ benchmark of a rating dimension (MX-12)."""
        found = self.deviation_exact
        return None if found is None else fraction_of(found)

    @property
    def deviation_exact(self) -> Ratio | None:
        """The same, not reduced."""
        if self.code not in DIMENSIONS or self.value.exact is None or self.mark is None:
            return None
        (upper, lower), (mark, unit) = self.value.exact.as_integer_ratio(), self.mark.exact.as_integer_ratio()
        return Ratio(upper * unit - mark * lower, lower * mark) if mark else None


History = Callable[[date], Figures]


def judge(figures: Figures, code: str, day: date, mark: Mark | None, history: History) -> Card:
    """Judge one metric of a store on a day. ``history`` gives figures that cover the days back from one, and is asked
    only where a streak or a stable past decides."""
    return judge_sheet(figures.on(day), code, mark, history)


def judge_sheet(sheet: Sheet, code: str, mark: Mark | None, history: History) -> Card:
    """The same of a store's sheet of the day."""
    terms, value = sheet.terms(code), sheet.value(code)
    lines = sheet.lines_by_site(terms) if terms.by_site else terms.lines
    yellow = acting_yellow(terms, lines, mark)
    red = lines.red.value if lines.red else None
    level = _level(sheet, terms, value, yellow, red, history)
    preview = _line_level(sheet, terms, value.exact, yellow, red, history) if level is Level.SILENT else None
    return Card(code, sheet.day, value, lines, yellow, red, level, mark, terms.policy.number, preview)


def acting_yellow(terms: Terms, lines: Lines, mark: Mark | None) -> Fraction | None:
    """For new stores the stricter of yellow line and benchmark (MX-10, PN-22); liability has its own line (DP-03)."""
    if lines.yellow is None:
        return None
    if mark is None or not terms.is_new or terms.rules.levels:
        return lines.yellow.value
    stricter = min if terms.rules.floor_top is None else max
    return stricter(lines.yellow.value, mark.value)


def _level(
    sheet: Sheet, terms: Terms, value: Value, yellow: Fraction | None, red: Fraction | None, history: History
) -> Level:
    if not terms.lines.applies:
        return Level.NA
    if not value.has_feeds:
        return Level.NO_DATA
    if sheet.is_stale(terms):
        return Level.STALE
    if value.exact is None or not value.sufficient:
        return Level.FEW
    if terms.rules.levels:
        return _liability_level(terms, value.exact)
    if terms.is_silent and yellow is not None:
        return Level.SILENT
    return _line_level(sheet, terms, value.exact, yellow, red, history)


def _line_level(
    sheet: Sheet, terms: Terms, value: Exact | None, yellow: Fraction | None, red: Fraction | None, history: History
) -> Level:
    """By the lines alone, of a value that is sufficient."""
    if value is None:
        return Level.FEW
    if red is not None and _crosses(terms, value, red):
        return Level.RED
    if yellow is None or not _crosses(terms, value, yellow):
        return Level.OK
    if terms.is_new:
        return Level.YELLOW
    day, code, rules = sheet.day, terms.metric.code, terms.policy.judging
    past = history(window_start(day, max(rules.streak_days, rules.stable_days + 1)))
    streak = all(crossed_yellow(past.on(day - timedelta(days=back)), code) for back in range(1, rules.streak_days))
    return Level.YELLOW if streak and not _small_swing(past, terms, day, value) else Level.OK


def _crosses(terms: Terms, value: Exact, line: Fraction) -> bool:
    return crosses(value, line, floor_top=terms.rules.floor_top, inclusive=terms.rules.inclusive)


def _liability_level(terms: Terms, value: Exact) -> Level:
    """L1 … L3 at their lines, on one day; young stores reach level 1 earlier (DP-02, DP-03)."""
    young = terms.rules.young_line if terms.is_new else None
    reached = Level.OK
    for place, (name, line) in enumerate(terms.rules.levels):
        least = young if place == 0 and young is not None else line
        if crosses(value, least, floor_top=None, inclusive=True):
            reached = Level(name)
    return reached


def crossed_yellow(sheet: Sheet, code: str) -> bool:
    """Whether a day of a streak was sufficient and over its own yellow line (MX-10)."""
    line, value = sheet.lines(code).yellow, sheet.value(code)
    if line is None or value.exact is None or not value.sufficient:
        return False
    return _crosses(sheet.terms(code), value.exact, line.value)


def _small_swing(past: Figures, terms: Terms, day: date, value: Exact) -> bool:
    """Whether today's failure share is close to its mean over the sufficient days before (MX-10)."""
    code, rules = terms.metric.code, terms.policy.judging
    top = terms.rules.floor_top or 0
    before = past.values(code, day - timedelta(days=rules.stable_days), day - timedelta(days=1))
    shares = [distance(one.exact, top) for one in before if one.sufficient and one.exact is not None]
    if not shares:
        return False
    mean = exact_sum(shares) / len(shares)
    return abs(fraction_of(distance(value, top)) - mean) <= Fraction(rules.stable_share) * mean
