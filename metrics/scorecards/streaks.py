"""Conditions of a yellow level on the days before: a streak, and a value outside the store's usual range (MX-10)."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from metrics.rules.swings import is_usual_swing
from metrics.scorecards.results import Level, MetricResult
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.storeday import StoreDay
from metrics.scorecards.terms import Terms
from rulebook.rules import Exact, crosses, distance


def confirms_yellow(past: StoreSpan, code: str, day: date, value: Exact) -> bool:
    """Whether the days before make a day's value past its yellow threshold yellow."""
    rules = past.on(day).terms[code].policy.judging
    before = (past.on(day - timedelta(days=back)) for back in range(1, rules.streak_days))
    return all(crossed_yellow(one, code) for one in before) and not _is_usual_swing(past, code, day, value)


def crosses_threshold(terms: Terms, value: Exact, threshold: Fraction) -> bool:
    """Whether a value lies on the wrong side of a threshold."""
    return crosses(value, threshold, floor_top=terms.rules.floor_top, inclusive=terms.rules.inclusive)


def crossed_yellow(day: StoreDay, code: str) -> bool:
    """Whether a day of a streak was sufficient and past its own yellow threshold."""
    yellow, value = day.thresholds(code).yellow, day.value(code)
    if yellow is None or value.exact is None or not value.sufficient:
        return False
    return crosses_threshold(day.terms[code], value.exact, yellow.value)


def _is_usual_swing(past: StoreSpan, code: str, day: date, value: Exact) -> bool:
    """Whether the day's failure share is close to its mean over the sufficient days before."""
    terms = past.on(day).terms[code]
    rules, top = terms.policy.judging, terms.rules.floor_top or 0
    before = past.values(code, day - timedelta(days=rules.stable_days), day - timedelta(days=1))
    shares = [distance(one.exact, top) for one in before if one.sufficient and one.exact is not None]
    return is_usual_swing(distance(value, top), shares, rules.stable_share)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What holds a yellow level back: ``days`` in a row past the threshold of the ``needed`` ones; with all of them it
    is the store's usual swing."""

    days: int
    needed: int

    @property
    def is_usual(self) -> bool:
        """Whether the streak is long enough and only the store's usual range holds the level back."""
        return self.days >= self.needed


def held_back(span: StoreSpan, result: MetricResult) -> HeldBack | None:
    """What holds back the yellow level of a result; None where nothing does. The span covers the days of the streak."""
    if result.level is not Level.OK or result.yellow is None or result.value.exact is None:
        return None
    terms = span.on(result.day).terms[result.code]
    if terms.rules.levels or not crosses_threshold(terms, result.value.exact, result.yellow):
        return None
    days, needed = 1, terms.policy.judging.streak_days
    while days < needed and crossed_yellow(span.on(result.day - timedelta(days=days)), result.code):
        days += 1
    return HeldBack(days, needed)
