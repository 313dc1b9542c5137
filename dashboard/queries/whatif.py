"""The problem orders of a metric that what-if offers to tick (BX-04)."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from insights.queries.whatif.presets import failing_carriers
from metrics.queries.problems import ProblemPage, ProblemQuery, problem_page


@dataclass(frozen=True, slots=True)
class TickList:
    """A page of the orders; ``filtered``: whether the filters leave some of them out; ``carriers``: those of most of
    the metric's problem orders (code, name, orders)."""

    page: ProblemPage
    filtered: bool
    carriers: list[tuple[str, str, int]]


def tick_list(query: ProblemQuery, whole: ProblemQuery, *, earlier: str, later: str) -> TickList:
    """A page of ``query``, which is ``whole`` with the filters of the address."""
    return TickList(
        page=problem_page(query, earlier=earlier, later=later),
        filtered=replace(query, sort=whole.sort) != whole,
        carriers=failing_carriers(whole),
    )


def window(store_id: int, counters: tuple[str, ...], last: date, days: int) -> ProblemQuery:
    """All problem orders of a window."""
    return ProblemQuery(store_id, counters, last - timedelta(days=days - 1), last)
