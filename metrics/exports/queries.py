"""Tables as SELECTs of what a file shows (IX-13, PG-04): facts and problem orders, which need no figures."""

from collections.abc import Iterator, Sequence

from django.db.models import CharField, Field

from core.pages.sqlsheets import query_of, shown_sql
from core.sql import SQL, Composable, Identifier, Parameter, QuerySetSQL, comma, parameters
from core.timebase import day_number
from disputes.models import CopyrightComplaint
from metrics.anchors import Subject
from metrics.catalogue import problem_counters
from metrics.counters import ANCHOR_OF, COUNTERS
from metrics.exports.selection import Selection
from metrics.models import Fact, Problem
from metrics.queries.problems import ProblemQuery, problems_of, sort_fields
from orders.models import Order
from stores.models import Store

# Parameters of one statement: SQLite takes 32,766.
STORES_AT_ONCE = 10_000
PROBLEM_COLUMNS = ("counter", "day")
ORDER_COLUMNS = (
    "order_no", "sku", "site", "carrier", "tracking_no", "state", "paid_at", "ship_by", "shipped_at",
    "estimated_delivery_at", "delivered_at", "confirmed_at",
)  # fmt: skip


def fact_queries(selection: Selection) -> Iterator[Composable]:
    """Facts by store and day (MX-01)."""
    for ids in _rising(selection):
        rows = Fact.objects.filter(store__in=ids, day__gte=selection.first, day__lte=selection.last)
        columns = ("store__store_no", "day", *(counter.name for counter in COUNTERS))
        yield query_of(rows.order_by("store_id", "day"), columns)


def problem_queries(selection: Selection) -> Iterator[Composable]:
    """The orders that fail a metric's counters, by store, day and order. An order that is gone leaves empty cells."""
    counters = problem_counters(selection.metric)
    columns = [
        _shown(Store, "s", "store_no"),
        shown_sql(SQL("CAST({metric} AS varchar)").format(metric=Parameter(selection.metric)), CharField()),
        *(_shown(Problem, "p", name) for name in PROBLEM_COLUMNS),
        *(_shown(Order, "o", name) for name in ORDER_COLUMNS),
    ]
    for ids in _rising(selection):
        yield SQL("""SELECT {columns} FROM metrics_problem p JOIN stores_store s ON s.id = p.store_id
            LEFT JOIN orders_order o ON o.id = p.order_id
            WHERE p.store_id IN ({stores}) AND p.counter IN ({counters}) AND p.day BETWEEN {first} AND {last}
            ORDER BY p.store_id, p.day, p.order_id, p.counter, p.subject_id""").format(
            columns=comma(columns),
            stores=parameters(ids),
            counters=parameters(counters),
            first=Parameter(day_number(selection.first)),
            last=Parameter(day_number(selection.last)),
        )


def page_query(query: ProblemQuery, order_columns: Sequence[str]) -> Composable:
    """Every problem row of a list in its order: day, counter, order_no, complaint_no and the columns of its order. A
    copyright complaint has no order."""
    of_complaints = tuple(name for name, anchor in ANCHOR_OF.items() if anchor.subject == Subject.COMPLAINT)
    columns = [
        *(_shown(Problem, "p", name) for name in ("day", "counter")),
        _shown(Order, "o", "order_no"),
        _shown(CopyrightComplaint, "c", "complaint_no"),
        *(_shown(Order, "o", name) for name in order_columns),
    ]
    fields, descending = sort_fields(query.sort)
    direction = SQL(" DESC" if descending else " ASC")
    keys = [SQL("COALESCE(n.order_no, '')") if name == "order_no" else Identifier("p", name) for name in fields]
    return SQL("""SELECT {columns} FROM metrics_problem p
        LEFT JOIN orders_order n ON n.id = p.order_id
        LEFT JOIN orders_order o ON o.id = p.order_id AND p.counter NOT IN ({of_complaints})
        LEFT JOIN disputes_copyrightcomplaint c ON c.id = p.subject_id AND p.counter IN ({of_complaints})
        WHERE p.id IN ({chosen}) ORDER BY {keys}""").format(
        columns=comma(columns),
        of_complaints=parameters(of_complaints),
        chosen=QuerySetSQL(problems_of(query).values_list("pk")),
        keys=comma(SQL("{key}{direction}").format(key=key, direction=direction) for key in keys),
    )


def _shown(model: type[Store | Problem | Order | CopyrightComplaint], table: str, name: str) -> Composable:
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    return shown_sql(Identifier(table, str(field.column)), field)


def _rising(selection: Selection) -> Iterator[tuple[int, ...]]:
    """The stores' ids in runs that rise, so that the index gives the rows in the order asked for."""
    run: list[int] = []
    for store in selection.stores:
        if run and (store.pk <= run[-1] or len(run) == STORES_AT_ONCE):
            yield tuple(run)
            run = []
        run.append(store.pk)
    if run:
        yield tuple(run)
