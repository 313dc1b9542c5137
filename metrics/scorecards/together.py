"""Scorecards of many stores together, in columns and bounded memory: what nights publish and exports write."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from core.timebase import days_between
from metrics.catalogue import METRICS, Calendar, Kind
from metrics.scorecards.batches import history_days
from metrics.scorecards.benchmarks import Benchmarks
from metrics.scorecards.columns.judging import Results, judged
from metrics.scorecards.columns.lines import Kindred
from metrics.scorecards.columns.past import Crossing, confirmed
from metrics.scorecards.columns.totals import load_totals
from metrics.scorecards.columns.values import Batch, make_batch, spans_of_policies
from metrics.scorecards.loading import load_spans
from metrics.scorecards.memory import uncollected
from metrics.scorecards.store_profiles import ProfiledStore, StoreProfile, load_profiles, load_shared_terms
from metrics.scorecards.streaks import confirms_yellow
from metrics.scorecards.windows import with_parts
from rulebook.policy import Policy

STORES_AT_ONCE = 1_000
# Stores times days.
AT_ONCE = 2_000


@dataclass(frozen=True)
class Scorecards:
    """The results of a batch of stores on some days of one policy, by metric code, each in the batch's order: stores
    below each other, the days of one after each other."""

    stores: Sequence[ProfiledStore]
    batch: Batch
    results: Mapping[str, Results]

    def policy(self, calendar: Calendar) -> Policy:
        """The version that judged the metrics of a calendar."""
        return self.batch.policy(calendar)

    def published(self) -> list[str]:
        """The scorecards in JSON, as published rows hold them."""
        texts = zip(*(result.published() for result in self.results.values()), strict=True)
        return [f"{{{', '.join(one)}}}" for one in texts]


class _Kinds:
    """The kindred of all batches, each made once."""

    def __init__(self, benchmarks: Benchmarks) -> None:
        self._benchmarks = benchmarks
        self._made: dict[tuple[int, int], Kindred] = {}

    def of(self, profile: StoreProfile, day: date) -> Kindred:
        terms, benchmarks = profile.terms_on(day), self._benchmarks.of(profile, day)
        # Both are shared, and kept as long as this is.
        key = (id(terms), id(benchmarks))
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = Kindred(terms, benchmarks)
        return found


def judged_together(
    stores: Sequence[ProfiledStore],
    first: date,
    last: date,
    *,
    codes: Collection[str] = METRICS.keys(),
    levels: bool = True,
) -> Iterator[Scorecards]:
    """The scorecards of every store and day (MX-08: from current facts): stores in the given order, days rising.
    ``levels``: whether results are asked for, or values alone."""
    if not stores:
        return
    days, shared = days_between(first, last), load_shared_terms()
    kinds = _Kinds(Benchmarks(first, last, codes=codes if levels else ()))
    spans = spans_of_policies(days, shared)
    # Days of several policies are several batches, so that order holds only store by store.
    at_once = max(1, min(STORES_AT_ONCE, AT_ONCE // len(days))) if len(spans) == 1 else 1
    for start in range(0, len(stores), at_once):
        group = stores[start : start + at_once]
        profiles = load_profiles(group, shared)
        for span in spans:
            yield _judged(group, profiles, span, codes, kinds, levels=levels)


@uncollected()
def _judged(
    stores: Sequence[ProfiledStore],
    profiles: Sequence[StoreProfile],
    days: Sequence[date],
    codes: Collection[str],
    kinds: _Kinds,
    *,
    levels: bool,
) -> Scorecards:
    periods = profiles[0].shared.policies
    totals = load_totals(
        [profile.id for profile in profiles], days, with_parts(codes, periods), periods, with_sites=levels
    )
    batch = make_batch(profiles, days, kinds.of, totals)
    results = {code: judged(batch, code) for code in codes} if levels else {}
    for one in results.values():
        _confirm(one)
    return Scorecards(stores, batch, results)


def _confirm(results: Results) -> None:
    """Decide the results of a metric that need the past: it is read of this metric and these stores alone."""
    places = np.flatnonzero(results.needs_past).tolist()
    if not places:
        return
    batch, code = results.batch, results.code
    crossings = []
    for place in places:
        store, day = divmod(place, len(batch.days))
        crossings.append(Crossing(batch.profiles[store], batch.days[day], results.exact(place), place))
    if METRICS[code].kind is Kind.COMPOSITE:
        yellow = _confirmed_scores(code, crossings)
    else:
        yellow = confirmed(code, crossings, batch.policy(METRICS[code].calendar))
    for place in places:
        results.decide(place, confirmed=place in yellow)


def _confirmed_scores(code: str, crossings: Sequence[Crossing]) -> set[int]:
    """The places of the scores that the days before make yellow, store by store: what a score is made of changes with
    the store from day to day, and policies as shipped have no thresholds for scores."""
    found = set()
    for profile in {one.profile.id: one.profile for one in crossings}.values():
        mine = [one for one in crossings if one.profile.id == profile.id]
        first, last = min(one.day for one in mine), max(one.day for one in mine)
        span = load_spans((), first - timedelta(days=history_days()), last, codes=[code], profiles=[profile])
        found |= {one.place for one in mine if confirms_yellow(span[profile.id], code, one.day, one.value)}
    return found
