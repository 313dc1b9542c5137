"""The list of a metric's problem orders (PG-04)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from appeals.queries.corrections import OrderProtection, protections_of
from insights.queries.faults import sync_gaps
from metrics.queries.problems import ProblemPage, ProblemQuery, problem_page

# Failures that may be those of a late number alone (BX-13).
SYNCED = frozenset({"dispatch_late", "r_dispatch_late"})


@dataclass(frozen=True, slots=True)
class ProblemList:
    """A page of the list. ``gaps``: of orders that are late only because their number came late, by id, how late it
    came; ``protections``: the events that protect orders, by their ids."""

    query: ProblemQuery
    page: ProblemPage
    gaps: Mapping[int, timedelta]
    protections: Mapping[int, Sequence[OrderProtection]]


def problem_list(query: ProblemQuery, *, earlier: str, later: str) -> ProblemList:
    """A page after the cursor ``earlier`` or before the cursor ``later``."""
    page = problem_page(query, earlier=earlier, later=later)
    late = [row.order for row in page.rows if row.order is not None and row.problem.counter in SYNCED]
    protections = protections_of([row.order.pk for row in page.rows if row.order is not None])
    return ProblemList(query, page, sync_gaps(late) if late else {}, protections)
