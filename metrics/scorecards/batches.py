"""Scorecards of many stores and days, in bounded memory."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta

from core.timebase import days_between
from metrics.catalogue import METRICS
from metrics.scorecards.benchmarks import Benchmarks
from metrics.scorecards.evaluating import confirm, scorecard_of
from metrics.scorecards.loading import load_days, load_spans
from metrics.scorecards.memory import uncollected
from metrics.scorecards.results import Scorecard
from metrics.scorecards.store_profiles import StoreProfile, load_profiles, load_shared_terms
from metrics.scorecards.storeday import StoreDay
from metrics.scorecards.terms import SharedTerms
from rulebook.queries import policies
from stores.models import Store

# A day's sums of a store are small.
STORES_AT_ONCE = 500
# Few days at a time keep batches of many stores small; a single store takes a year at once.
CELLS_AT_ONCE = 20_000

StoreScorecard = tuple[Store, StoreDay, Scorecard]


def scorecards_between(
    stores: Sequence[Store], first: date, last: date, *, codes: Collection[str] = METRICS.keys()
) -> Iterator[StoreScorecard]:
    """The scorecard of every store and day, stores in the given order, days rising (MX-08: from current facts)."""
    if not stores:
        return
    benchmarks, shared = Benchmarks(first, last, codes=codes), load_shared_terms()
    at_once = STORES_AT_ONCE if first == last else _stores_at_once(len(days_between(first, last)) + history_days())
    for start in range(0, len(stores), at_once):
        group = stores[start : start + at_once]
        if first == last:
            yield from _one_day(group, first, codes, benchmarks, shared)
        else:
            yield from _each_day(group, first, last, codes, benchmarks, shared)


def _stores_at_once(days: int) -> int:
    return max(1, CELLS_AT_ONCE // days)


def history_days() -> int:
    """How far back a level looks: the stable past or the streak (MX-10)."""
    return max(max(p.policy.judging.stable_days, p.policy.judging.streak_days) for p in policies())


def _one_day(
    stores: Sequence[Store], day: date, codes: Collection[str], benchmarks: Benchmarks, shared: SharedTerms
) -> Iterator[StoreScorecard]:
    loaded = load_days(stores, day, codes=codes, shared=shared)
    scorecards = judge_shard(loaded, codes, benchmarks)
    for code in codes:
        _confirm(code, [loaded[id_].store for id_ in scorecards if scorecards[id_][code].needs_past], day, scorecards)
    for store in stores:
        yield store, loaded.pop(store.id), scorecards.pop(store.id)


@uncollected()
def judge_shard(loaded: Mapping[int, StoreDay], codes: Collection[str], benchmarks: Benchmarks) -> dict[int, Scorecard]:
    """The scorecards of stores that were loaded together, by store id, without the past."""
    return {id_: scorecard_of(day, codes, benchmarks.of(day.store, day.day)) for id_, day in loaded.items()}


@uncollected()
def _confirm(code: str, profiles: Sequence[StoreProfile], day: date, scorecards: Mapping[int, Scorecard]) -> None:
    """Decide the results of a metric that need the past: it is read of this metric and these stores alone."""
    if not profiles:
        return
    back = history_days()
    at_once = _stores_at_once(back)
    for start in range(0, len(profiles), at_once):
        group = profiles[start : start + at_once]
        spans = load_spans((), day - timedelta(days=back), day, codes=[code], profiles=group)
        for profile in group:
            scorecard = scorecards[profile.id]
            scorecard[code] = confirm(scorecard[code], spans.pop(profile.id))


def _each_day(
    stores: Sequence[Store],
    first: date,
    last: date,
    codes: Collection[str],
    benchmarks: Benchmarks,
    shared: SharedTerms,
) -> Iterator[StoreScorecard]:
    start = first - timedelta(days=history_days())
    spans = load_spans(stores, start, last, codes=codes, profiles=load_profiles(stores, shared))
    for store in stores:
        # A store's computed values are dropped once the next store is reached.
        span = spans.pop(store.id)
        for day in map(span.on, days_between(first, last)):
            scorecard = scorecard_of(day, codes, benchmarks.of(day.store, day.day))
            yield store, day, {code: confirm(result, span) for code, result in scorecard.items()}
