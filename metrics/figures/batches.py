"""Cards of many stores and days, in bounded memory."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta

from core.timebase import days_between
from metrics.catalogue import METRICS
from metrics.figures.benchmarks import BenchmarkBook
from metrics.figures.cards import Card, judge_sheet
from metrics.figures.common import Common
from metrics.figures.context import StoreContext
from metrics.figures.loading import load_common, load_contexts, load_day, load_figures
from metrics.figures.memory import uncollected
from metrics.figures.store import Figures
from rulebook.queries import policies
from stores.models import Store

# A day's sums of a store are small.
STORES_AT_ONCE = 500
# Days at once keep a batch of many stores small; one store takes a year in one go.
CELLS_AT_ONCE = 20_000

DayCards = tuple[Store, date, Figures, dict[str, Card]]


def cards_between(
    stores: Sequence[Store], first: date, last: date, *, codes: Collection[str] = METRICS.keys()
) -> Iterator[DayCards]:
    """Cards of every store and day, stores in the given order, days rising (MX-08: from current facts)."""
    if not stores:
        return
    book, common = BenchmarkBook(first, last, codes=codes), load_common()
    at_once = STORES_AT_ONCE if first == last else _stores_at_once(len(days_between(first, last)) + history_days())
    for start in range(0, len(stores), at_once):
        group = stores[start : start + at_once]
        if first == last:
            yield from _one_day(group, first, codes, book, common)
        else:
            yield from _series(group, first, last, codes, book, common)


def _stores_at_once(days: int) -> int:
    return max(1, CELLS_AT_ONCE // days)


def history_days() -> int:
    """How far back a level looks: the stable past or the streak (MX-10)."""
    return max(max(p.policy.judging.stable_days, p.policy.judging.streak_days) for p in policies())


def _one_day(
    stores: Sequence[Store], day: date, codes: Collection[str], book: BenchmarkBook, common: Common
) -> Iterator[DayCards]:
    by_store = load_day(stores, day, codes=codes, common=common)
    judged = _judge_day(by_store.values(), day, codes, book)
    for store in stores:
        yield store, day, by_store.pop(store.id), judged.pop(store.id)


@uncollected()
def _judge_day(
    stores: Iterable[Figures], day: date, codes: Collection[str], book: BenchmarkBook
) -> dict[int, dict[str, Card]]:
    """The cards of a day by store."""
    judged: dict[int, dict[str, Card]] = {}
    undecided: dict[str, list[StoreContext]] = defaultdict(list)
    for figures in stores:
        sheet, marks = figures.on(day), book.marks(figures.store, day)
        cards = judged[figures.store.id] = {}
        for code in codes:
            try:
                cards[code] = judge_sheet(sheet, code, marks.get(code), _no_history)
            except _PastNeededError:
                undecided[code].append(figures.store)
    for code, contexts in undecided.items():
        for store_id, card in _decide(contexts, day, code, book):
            judged[store_id][code] = card
    if undecided:
        judged = {store_id: {code: cards[code] for code in codes} for store_id, cards in judged.items()}
    return judged


def _decide(contexts: Sequence[StoreContext], day: date, code: str, book: BenchmarkBook) -> Iterator[tuple[int, Card]]:
    """Judge what depends on the past, which is read of one metric, and only of stores over its yellow line."""
    at_once = _stores_at_once(history_days())
    for start in range(0, len(contexts), at_once):
        group = contexts[start : start + at_once]
        by_store = load_figures((), day - timedelta(days=history_days()), day, codes=[code], contexts=group)
        for context in group:
            figures = by_store.pop(context.id)
            mark = book.marks(context, day).get(code)
            yield context.id, judge_sheet(figures.on(day), code, mark, _same(figures))


class _PastNeededError(LookupError):
    """A level depends on days before."""


def _no_history(_first: date) -> Figures:
    raise _PastNeededError


def _series(
    stores: Sequence[Store], first: date, last: date, codes: Collection[str], book: BenchmarkBook, common: Common
) -> Iterator[DayCards]:
    start = first - timedelta(days=history_days())
    by_store = load_figures(stores, start, last, codes=codes, contexts=load_contexts(stores, common))
    for store in stores:
        # What was worked out of a store is not held longer than it is its turn.
        figures = by_store.pop(store.id)
        for day in days_between(first, last):
            sheet, marks = figures.on(day), book.marks(figures.store, day)
            past = _same(figures)
            yield store, day, figures, {code: judge_sheet(sheet, code, marks.get(code), past) for code in codes}


def _same(figures: Figures) -> Callable[[date], Figures]:
    return lambda _first: figures
