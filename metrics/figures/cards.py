"""Scorecards: a value with its lines, level, benchmark and deviation (MX-08 … MX-12, PN-21, PN-22)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from metrics.catalogue import DIMENSIONS, METRICS, Metric
from metrics.figures.store import Figures, Lines
from metrics.rules.values import Value
from rulebook.policy import Policy
from rulebook.rules import EffectiveLine, crosses
from rulebook.timebase import window_start


class Level(StrEnum):
    """The words of the ``level`` column (MX)."""

    OK = "ok"
    YELLOW = "yellow"
    RED = "red"
    FEW = "few"
    NO_DATA = "no_data"
    STALE = "stale"
    SILENT = "silent"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"


@dataclass(frozen=True, slots=True)
class Mark:
    """A benchmark value: ``source`` is imported, category or all; ``scope`` the category it speaks of (MX-11)."""

    value: Fraction
    source: str
    scope: str
    stores: int


@dataclass(frozen=True, slots=True)
class Card:
    """One row of the scorecards: ``yellow`` is the line that acts, for a new store the dynamic baseline (MX-10).
    ``preview``: what a silent metric's level would be if the silent period were over (PN-21)."""

    code: str
    day: date
    value: Value
    lines: Lines
    yellow: Fraction | None
    red: Fraction | None
    level: Level
    mark: Mark | None
    deviation: Fraction | None
    policy_version: int
    preview: Level | None = None

    @property
    def metric(self) -> Metric:
        return METRICS[self.code]

    @property
    def has_baseline(self) -> bool:
        """Whether the benchmark stands in place of the yellow line: the dynamic baseline of new stores (PN-22)."""
        return self.lines.yellow is not None and self.yellow != self.lines.yellow.value


History = Callable[[date], Figures]


def judge(figures: Figures, code: str, day: date, mark: Mark | None, history: History) -> Card:
    """Judge one metric of a store on a day. ``history`` gives figures that cover the days back from one, and is asked
    only where a streak or a stable past decides."""
    metric = METRICS[code]
    policy = figures.policy(day, metric.calendar)
    value, lines = figures.value(code, day), figures.lines(code, day)
    yellow = acting_yellow(figures, metric, day, lines, mark)
    red = lines.red.value if lines.red else None
    level = _level(figures, metric, day, value, yellow, red, policy, history)
    return Card(
        code=code,
        day=day,
        value=value,
        lines=lines,
        yellow=yellow,
        red=red,
        level=level,
        mark=mark,
        deviation=_deviation(code, value, mark),
        policy_version=policy.number,
        preview=_line_level(figures, metric, day, value, yellow, red, policy, history)
        if level == Level.SILENT
        else None,
    )


def _deviation(code: str, value: Value, mark: Mark | None) -> Fraction | None:
    """(store − benchmark) ÷ benchmark of a rating dimension (MX-12)."""
    if code not in DIMENSIONS or value.value is None or mark is None or not mark.value:
        return None
    return (value.value - mark.value) / mark.value


def acting_yellow(figures: Figures, metric: Metric, day: date, lines: Lines, mark: Mark | None) -> Fraction | None:
    """For new stores the stricter of yellow line and benchmark (MX-10, PN-22); liability has its own line (DP-03)."""
    if lines.yellow is None:
        return None
    rules = figures.policy(day, metric.calendar).metrics[metric.code]
    if mark is None or rules.levels or not figures.is_new(metric, day):
        return lines.yellow.value
    return min(lines.yellow.value, mark.value) if rules.floor_top is None else max(lines.yellow.value, mark.value)


def _level(
    figures: Figures,
    metric: Metric,
    day: date,
    value: Value,
    yellow: Fraction | None,
    red: Fraction | None,
    policy: Policy,
    history: History,
) -> Level:
    if not value.has_feeds:
        return Level.NO_DATA
    if figures.is_stale(metric, day):
        return Level.STALE
    if value.value is None or not value.sufficient:
        return Level.FEW
    if policy.metrics[metric.code].levels:
        return _liability_level(figures, metric, day, value.value, policy)
    age = figures.store.age_on(day, metric.calendar)
    silent = metric.code in policy.judging.silent_metrics and age is not None and age < policy.judging.silent_days
    if silent and yellow is not None:
        return Level.SILENT
    return _line_level(figures, metric, day, value, yellow, red, policy, history)


def _line_level(
    figures: Figures,
    metric: Metric,
    day: date,
    value: Value,
    yellow: Fraction | None,
    red: Fraction | None,
    policy: Policy,
    history: History,
) -> Level:
    """By the lines alone, of a value that is sufficient."""
    if value.value is None:
        return Level.FEW
    if red is not None and _crosses(policy, metric.code, value.value, red):
        return Level.RED
    if yellow is None or not _crosses(policy, metric.code, value.value, yellow):
        return Level.OK
    if figures.is_new(metric, day):
        return Level.YELLOW
    past = history(window_start(day, max(policy.judging.streak_days, policy.judging.stable_days + 1)))
    streak = all(
        _crossed_yellow(past, metric, day - timedelta(days=back)) for back in range(1, policy.judging.streak_days)
    )
    return Level.YELLOW if streak and not _small_swing(past, metric, day, value.value, policy) else Level.OK


def _crosses(policy: Policy, code: str, value: Fraction, line: Fraction) -> bool:
    rules = policy.metrics[code]
    return crosses(value, line, floor_top=rules.floor_top, inclusive=rules.inclusive)


def _liability_level(figures: Figures, metric: Metric, day: date, value: Fraction, policy: Policy) -> Level:
    """L1 … L3 at their lines, on one day; young stores reach level 1 earlier (DP-02, DP-03)."""
    rules = policy.metrics[metric.code]
    young = rules.young_line if figures.is_new(metric, day) else None
    reached = Level.OK
    for place, (name, line) in enumerate(rules.levels):
        if value >= Fraction(young if place == 0 and young is not None else line):
            reached = Level(name)
    return reached


def _crossed_yellow(figures: Figures, metric: Metric, day: date) -> bool:
    """Whether a day of a streak was sufficient and over its own yellow line (MX-10)."""
    line: EffectiveLine | None = figures.lines(metric.code, day).yellow
    value = figures.value(metric.code, day)
    if line is None or value.value is None or not value.sufficient:
        return False
    return _crosses(figures.policy(day, metric.calendar), metric.code, value.value, line.value)


def _small_swing(figures: Figures, metric: Metric, day: date, value: Fraction, policy: Policy) -> bool:
    """Whether today's failure share is close to its mean over the sufficient days before (MX-10)."""
    top = Fraction(policy.metrics[metric.code].floor_top or 0)
    shares = [
        abs(past.value - top)
        for back in range(1, policy.judging.stable_days + 1)
        if (past := figures.value(metric.code, day - timedelta(days=back))).sufficient and past.value is not None
    ]
    if not shares:
        return False
    mean = sum(shares, Fraction()) / len(shares)
    return abs(abs(value - top) - mean) <= Fraction(policy.judging.stable_share) * mean
