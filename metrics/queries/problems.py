"""Problem orders of a metric: filtered, sorted, paged by key, totalled from facts (PG-04, RL-08)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from core.pages.formats import told_apart
from core.timebase import day_number, from_day_number
from disputes.models import CopyrightComplaint
from metrics.anchors import Subject
from metrics.counters import ANCHOR_OF
from metrics.models import Fact, Problem
from metrics.reasons.lookup import Reason, key_of, reasons_of
from orders.models import Order
from stores.models import Carrier, Category

PAGE = 50
CHUNK = 1_000
# Choices of the filters are what occurs among this many of the newest problem orders: constant time in any store.
SAMPLE = 2_000
# Filtered lists are counted up to here.
MOST_COUNTED = 1_000
ORDER_FILTERS = ("carrier", "site", "category")
SORTS = ("-day", "day", "order_no", "-order_no")


@dataclass(frozen=True, slots=True)
class ProblemQuery:
    """Which problem orders: of a store's counters, on days both included, of orders with ``order`` values (carrier,
    site, category), in the order of ``sort`` (one of `SORTS`)."""

    store_id: int
    counters: tuple[str, ...]
    first: date
    last: date
    order: Mapping[str, str] = field(default_factory=dict)
    sort: str = "-day"


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A problem with its order and why it failed; ``order`` is None for a copyright complaint, whose number is
    ``complaint``."""

    problem: Problem
    order: Order | None
    complaint: CopyrightComplaint | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """A page of problem orders with the cursors of its neighbours, empty where there is none. ``total`` counts all
    pages; ``more`` says that there are more than were counted."""

    rows: list[ProblemRow]
    earlier: str
    later: str
    total: int
    more: bool


# The key of each sort: fields that together are unique, all in one direction, so that a page is one range of it.
_KEYS = {"day": ("day", "order_id", "subject_id", "counter"), "order_no": ("order_no", "day", "subject_id", "counter")}


def problems_of(query: ProblemQuery) -> QuerySet[Problem]:
    """The problem rows, unsorted."""
    rows = Problem.objects.filter(
        store=query.store_id, counter__in=query.counters, day__gte=query.first, day__lte=query.last
    )
    if query.order:
        # By the order's key, row by row: joining would read every order of the carrier.
        rows = rows.filter(Exists(Order.objects.filter(pk=OuterRef("order_id"), **query.order)))
    return rows


def problem_page(query: ProblemQuery, *, earlier: str = "", later: str = "", size: int | None = None) -> ProblemPage:
    """A page of ``size`` rows, by default of `PAGE`, after the cursor ``earlier`` or before the cursor ``later``; the
    first without either. A cursor that makes no sense is as none."""
    fields, descending = sort_fields(query.sort)
    size = PAGE if size is None else size
    after, before = _parse(earlier, fields), _parse(later, fields)
    backwards = before is not None and after is None
    rows = _sorted(problems_of(query), query.sort, reverse=backwards)
    cursor = before if backwards else after
    if cursor is not None:
        rows = rows.filter(_beyond(fields, cursor, descending != backwards))
    found = list(rows[: size + 1])
    has_more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    total, more = _total(query)
    behind = has_more if backwards else cursor is not None
    ahead = cursor is not None if backwards else has_more
    return ProblemPage(
        rows=with_orders(found),
        earlier=_cursor(found[-1], fields) if found and ahead else "",
        later=_cursor(found[0], fields) if found and behind else "",
        total=total,
        more=more,
    )


def all_problems(query: ProblemQuery) -> Iterator[ProblemRow]:
    """Every problem row in order, read in chunks by key, in constant memory."""
    fields, descending = sort_fields(query.sort)
    cursor: tuple[Any, ...] | None = None
    while True:
        rows = _sorted(problems_of(query), query.sort)
        if cursor is not None:
            rows = rows.filter(_beyond(fields, cursor, descending))
        chunk = list(rows[:CHUNK])
        yield from with_orders(chunk)
        if len(chunk) < CHUNK:
            return
        cursor = tuple(_part(chunk[-1], name) for name in fields)


def with_orders(problems: Sequence[Problem]) -> list[ProblemRow]:
    """The rows with their orders or complaints and reasons: three queries for any number."""
    is_complaint = {name for name, anchor in ANCHOR_OF.items() if anchor.subject == Subject.COMPLAINT}
    complaint_ids = {row.subject_id for row in problems if row.counter in is_complaint}
    orders = Order.objects.in_bulk({row.order_id for row in problems if row.counter not in is_complaint})
    complaints = CopyrightComplaint.objects.in_bulk(complaint_ids)
    reasons = reasons_of(problems)
    return [
        ProblemRow(row, None, complaints.get(row.subject_id), reasons[key_of(row)])
        if row.counter in is_complaint
        else ProblemRow(row, orders.get(row.order_id), None, reasons[key_of(row)])
        for row in problems
    ]


def occurring(query: ProblemQuery) -> dict[str, list[tuple[str, str]]]:
    """The carriers, sites and categories among the newest problem orders, as choices with their names."""
    newest = _sorted(problems_of(query), "-day").values_list("order_id", flat=True)[:SAMPLE]
    orders = Order.objects.filter(pk__in=list(newest)).values_list(*ORDER_FILTERS).distinct()
    values: list[set[str]] = [set(), set(), set()]
    for row in orders:
        for found, value in zip(values, row, strict=True):
            found.add(value)
    carriers = dict(Carrier.objects.filter(pk__in=values[0]).values_list("code", "name"))
    categories = dict(Category.objects.filter(pk__in=values[2]).values_list("code", "name"))
    names: tuple[dict[str, str], ...] = (carriers, {}, categories)
    return {
        name: told_apart((value, named.get(value, value)) for value in found if value)
        for name, found, named in zip(ORDER_FILTERS, values, names, strict=True)
    }


def _total(query: ProblemQuery) -> tuple[int, bool]:
    if query.order:
        counted = problems_of(query)[: MOST_COUNTED + 1].count()
        return min(counted, MOST_COUNTED), counted > MOST_COUNTED
    facts = Fact.objects.filter(store=query.store_id, day__gte=query.first, day__lte=query.last)
    sums = facts.aggregate(**{f"sum_{name}": Sum(name) for name in query.counters})
    return sum(value or 0 for value in sums.values()), False


def sort_fields(sort: str) -> tuple[tuple[str, ...], bool]:
    """The fields of a sort, in its order, and whether all of them fall."""
    return _KEYS[sort.removeprefix("-")], sort.startswith("-")


def _sorted(rows: QuerySet[Problem], sort: str, *, reverse: bool = False) -> QuerySet[Problem]:
    fields, descending = sort_fields(sort)
    if "order_no" in fields:
        number = Order.objects.filter(pk=OuterRef("order_id")).values("order_no")[:1]
        rows = rows.annotate(order_no=Coalesce(Subquery(number), Value(""), output_field=CharField()))
    falling = descending != reverse
    return rows.order_by(*(F(name).desc() if falling else F(name).asc() for name in fields))


def _beyond(fields: Sequence[str], cursor: Sequence[Any], descending: bool) -> Q:
    """Rows after the cursor in the lexical order of the fields: (a, b) > (x, y) is a > x or a = x and b > y."""
    compare = "lt" if descending else "gt"
    beyond, equal = Q(), Q()
    for name, value in zip(fields, cursor, strict=True):
        beyond |= equal & Q(**{f"{name}__{compare}": value})
        equal &= Q(**{name: value})
    # The first field alone bounds the range that the index gives.
    bound = Q(**{f"{fields[0]}__{compare}e": cursor[0]})
    return bound & beyond


def _part(row: Problem, name: str) -> Any:
    return getattr(row, name)


def _cursor(row: Problem, fields: Sequence[str]) -> str:
    return "~".join(str(day_number(row.day) if name == "day" else _part(row, name)) for name in fields)


def _parse(text: str, fields: Sequence[str]) -> tuple[Any, ...] | None:
    # A number may hold the separator: the parts after it are counted from the right.
    parts = text.rsplit("~", len(fields) - 1)
    if len(parts) != len(fields) or "\x00" in text:
        return None
    try:
        return tuple(_read(name, part) for name, part in zip(fields, parts, strict=True))
    except (ValueError, OverflowError):
        return None


def _read(name: str, text: str) -> Any:
    if name == "day":
        return from_day_number(int(text))
    if name in ("order_id", "subject_id"):
        number = int(text)
        if abs(number) >= 2**63:
            raise ValueError("beyond a database integer")
        return number
    return text
