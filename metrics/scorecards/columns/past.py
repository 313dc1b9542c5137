"""Which yellow levels the days before confirm, of many stores together (MX-10): first the streak, then, only of those
that have one, the stable past. The same conditions as `metrics.scorecards.streaks` has of one store."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import partial

import numpy as np
import numpy.typing as npt

from core.timebase import days_between
from metrics.rules.swings import BITS, is_usual_by_sum
from metrics.scorecards.columns.judging import crosses, thresholds_of
from metrics.scorecards.columns.lines import Kindred
from metrics.scorecards.columns.totals import load_totals
from metrics.scorecards.columns.values import Batch, make_batch, spans_of_policies
from metrics.scorecards.columns.whole import Mask, Whole, choose
from metrics.scorecards.store_profiles import StoreProfile
from rulebook.policy import Policy
from rulebook.rules import Exact, Ratio, distance, exact_sum

# Stores and days at a time.
VALUES_AT_ONCE = 20_000


@dataclass(frozen=True)
class Crossing:
    """A value past its yellow threshold; ``place``: where its result is."""

    profile: StoreProfile
    day: date
    value: Ratio
    place: int


def confirmed(code: str, crossings: Sequence[Crossing], policy: Policy) -> set[int]:
    """The places of those that the days before make yellow. ``policy``: the one that judges their days."""
    rules = policy.judging
    days = (max(one.day for one in crossings) - min(one.day for one in crossings)).days + rules.stable_days + 1
    at_once = max(1, VALUES_AT_ONCE // days)
    by_store: dict[int, list[Crossing]] = {}
    for one in crossings:
        by_store.setdefault(one.profile.id, []).append(one)
    stores, found = list(by_store.values()), set()
    for start in range(0, len(stores), at_once):
        group = [one for of_store in stores[start : start + at_once] for one in of_store]
        streaks = _in_streaks(code, group, rules.streak_days - 1)
        usual = _usual_swings(code, streaks, policy) if streaks else set()
        found |= {one.place for one in streaks if one.place not in usual}
    return found


class _Past:
    """The days before crossings, of their stores."""

    def __init__(self, code: str, crossings: Sequence[Crossing], back: int, *, values_alone: bool) -> None:
        """``values_alone``: nobody asks for thresholds, so what a store is on one day of a policy serves all days of
        it; a value hangs on its feeds, and these have no days."""
        self._code, self._back = code, back
        profiles = {one.profile.id: one.profile for one in crossings}
        self._row = {store_id: row for row, store_id in enumerate(profiles)}
        self._first = min(one.day for one in crossings) - timedelta(days=back)
        last = max(one.day for one in crossings) - timedelta(days=1)
        stores, shared = list(profiles.values()), crossings[0].profile.shared
        kinds: dict[int, Kindred] = {}

        def kind_of(profile: StoreProfile, day: date) -> Kindred:
            terms = profile.terms_on(day)
            return kinds.setdefault(id(terms), Kindred(terms, {}))

        def batch_of(days: Sequence[date]) -> Batch:
            totals = load_totals(list(profiles), days, [code], shared.policies, with_sites=not values_alone)
            return make_batch(stores, days, kind_of, totals, alike=values_alone)

        self._batches = list(map(batch_of, spans_of_policies(days_between(self._first, last), shared)))

    def grid(self, column: Callable[[Batch, str], npt.NDArray[np.generic]]) -> npt.NDArray[np.generic]:
        """A column of every day, stores below each other."""
        parts = [column(batch, self._code).reshape(len(self._row), -1) for batch in self._batches]
        return np.concatenate(parts, axis=1)

    def before(self, crossing: Crossing) -> tuple[int, slice]:
        """Where the days before a crossing are in a grid."""
        end = (crossing.day - self._first).days
        return self._row[crossing.profile.id], slice(end - self._back, end)


def _in_streaks(code: str, crossings: Sequence[Crossing], back: int) -> list[Crossing]:
    """Those whose every day before, as many as a streak needs, was sufficient and past its own yellow threshold."""
    if back < 1:
        return list(crossings)
    past = _Past(code, crossings, back, values_alone=False)
    crossed = past.grid(_crossed)
    return [one for one in crossings if crossed[past.before(one)].all()]


def _crossed(batch: Batch, code: str) -> Mask:
    yellow, _red = thresholds_of(batch, code)
    past = crosses(batch.lines(code)[0], batch.values(code).exact, yellow)
    return past & yellow.there & _sufficient(batch, code)


def _usual_swings(code: str, crossings: Sequence[Crossing], policy: Policy) -> set[int]:
    """The places of those whose failure share is close to its mean over the sufficient days before."""
    rules, top = policy.judging, policy.metrics[code].floor_top or 0
    past = _Past(code, crossings, rules.stable_days, values_alone=True)
    sufficient = past.grid(_sufficient)
    shares = past.grid(partial(_rounded_shares, top=top))
    usual = set()
    for one in crossings:
        before = past.before(one)
        count, least = int(np.count_nonzero(sufficient[before])), sum(shares[before].tolist())
        exact = partial(_exact_sum, past, before, top)
        if is_usual_by_sum(distance(one.value, top), least, count, rules.stable_share, exact):
            usual.add(one.place)
    return usual


def _sufficient(batch: Batch, code: str) -> Mask:
    values = batch.values(code)
    return values.exact.there & values.enough


def _shares(batch: Batch, code: str, top: Exact) -> tuple[Whole, Whole]:
    """How far values are from the best: the failure shares."""
    upper, lower, _there = batch.values(code).exact
    most, unit = top.as_integer_ratio()
    return abs(upper * unit - lower * most), lower * unit


def _rounded_shares(batch: Batch, code: str, top: Exact) -> npt.NDArray[np.generic]:
    """The failure shares of the sufficient days, rounded down to their unit; 0 of others."""
    upper, lower = _shares(batch, code, top)
    return choose(_sufficient(batch, code), upper * (1 << BITS) // lower, 0).array


def _exact_sum(past: _Past, before: tuple[int, slice], top: Exact) -> Fraction:
    """The sum of the failure shares of the sufficient days."""
    uppers, lowers = (past.grid(partial(_part, top=top, number=number))[before].tolist() for number in (0, 1))
    sufficient: Iterable[bool] = past.grid(_sufficient)[before].tolist()
    shares = zip(uppers, lowers, sufficient, strict=True)
    return exact_sum(Ratio(upper, lower) for upper, lower, counts in shares if counts)


def _part(batch: Batch, code: str, top: Exact, number: int) -> npt.NDArray[np.generic]:
    return _shares(batch, code, top)[number].array
