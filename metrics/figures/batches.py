"""Cards of many stores and days, in bounded memory."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta

from metrics.catalogue import METRICS
from metrics.figures.benchmarks import BenchmarkBook
from metrics.figures.cards import Card, judge
from metrics.figures.loading import load_day, load_figures
from metrics.figures.store import Figures
from rulebook.queries import policies
from rulebook.timebase import days_between
from stores.models import Store

STORES_AT_ONCE = 200
# Days at once keep a batch of many stores small; one store takes a year in one go.
CELLS_AT_ONCE = 20_000

DayCards = tuple[Store, date, Figures, dict[str, Card]]


def cards_between(
    stores: Sequence[Store], first: date, last: date, *, codes: Collection[str] = METRICS.keys()
) -> Iterator[DayCards]:
    """Cards of every store and day, stores in the given order, days rising (MX-08: from current facts)."""
    book = BenchmarkBook(first, last, codes=codes)
    for start in range(0, len(stores), STORES_AT_ONCE):
        group = stores[start : start + STORES_AT_ONCE]
        source = _one_day if first == last else _series
        yield from source(group, first, last, codes, book)


def _one_day(
    stores: Sequence[Store], day: date, _last: date, codes: Collection[str], book: BenchmarkBook
) -> Iterator[DayCards]:
    by_store = load_day(stores, day, codes=codes)
    cards: dict[int, dict[str, Card]] = {store.id: {} for store in stores}
    undecided: dict[int, list[str]] = {}
    for store in stores:
        figures = by_store[store.id]
        for code in codes:
            try:
                cards[store.id][code] = judge(figures, code, day, book.mark(figures, code, day), _no_history)
            except _PastNeededError:
                undecided.setdefault(store.id, []).append(code)
    _decide([store for store in stores if store.id in undecided], day, undecided, book, cards)
    for store in stores:
        judged = cards[store.id]
        yield store, day, by_store[store.id], {code: judged[code] for code in codes}


def _decide(
    stores: Sequence[Store],
    day: date,
    undecided: Mapping[int, Sequence[str]],
    book: BenchmarkBook,
    cards: Mapping[int, dict[str, Card]],
) -> None:
    """Judge what depends on the past, which is read only of stores over a yellow line, and only for those metrics."""
    at_once = max(1, CELLS_AT_ONCE // history_days())
    for start in range(0, len(stores), at_once):
        group = stores[start : start + at_once]
        codes = {code for store in group for code in undecided[store.id]}
        by_store = load_figures(group, day - timedelta(days=history_days()), day, codes=codes)
        for store in group:
            figures = by_store[store.id]
            judged = _judge_all(figures, day, undecided[store.id], book, _same(figures))
            cards[store.id].update(judged)


class _PastNeededError(LookupError):
    """A level depends on days before."""


def _no_history(_first: date) -> Figures:
    raise _PastNeededError


def _series(
    stores: Sequence[Store], first: date, last: date, codes: Collection[str], book: BenchmarkBook
) -> Iterator[DayCards]:
    at_once = max(1, CELLS_AT_ONCE // (len(days_between(first, last)) + history_days()))
    for start in range(0, len(stores), at_once):
        group = stores[start : start + at_once]
        by_store = load_figures(group, first - timedelta(days=history_days()), last, codes=codes)
        for store in group:
            figures = by_store[store.id]
            for day in days_between(first, last):
                yield store, day, figures, _judge_all(figures, day, codes, book, _same(figures))


def _same(figures: Figures) -> Callable[[date], Figures]:
    return lambda _first: figures


def history_days() -> int:
    """How far back a level looks: the stable past or the streak (MX-10)."""
    return max(max(p.policy.judging.stable_days, p.policy.judging.streak_days) for p in policies())


def _judge_all(
    figures: Figures, day: date, codes: Collection[str], book: BenchmarkBook, history: Callable[[date], Figures]
) -> dict[str, Card]:
    return {code: judge(figures, code, day, book.mark(figures, code, day), history) for code in codes}
