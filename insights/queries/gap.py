"""The platform's figure of a mirrored store taken apart: what would have to be counted otherwise (BX-21).

Orders and their instants come from the facts' own views, conditions and counters, so a hypothesis without changes is
our figure, and one with a change is what our figure would be.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.backends.utils import CursorWrapper

from core.sql import SQL, Composable, Identifier, Parameter, comma, drop_temp, execute, make_temp, make_views
from core.timebase import day_number, performance_day_end, to_epoch
from disputes.models import CopyrightComplaint
from insights.queries.faults import SYNC_METRIC
from insights.rules.gap import (
    DAY,
    HOUR,
    WINDOWS,
    Asked,
    Counted,
    Difference,
    Outcome,
    Residue,
    Row,
    Subjects,
    difference,
    failures_of,
    hypotheses,
    outcome,
    ranked,
    residue,
)
from insights.rules.platform import places_of
from metrics.anchors import Anchor, Counter, Subject
from metrics.catalogue import METRICS, Calendar, Kind, Metric
from metrics.conditions import Condition, all_of
from metrics.counters import ANCHOR_OF, COUNTERS
from metrics.facts.orderview import order_views, review_view
from metrics.models import PlatformFigure
from orders.models import Order
from rulebook.queries import policy_at
from stores.models import Store

# Orders that are looked at; with more the page says so.
MOST_ORDERS = 200_000
# How long before the earliest window an order may have been created that still counts in it.
REACH = 400 * DAY
SHOWN = 12
# Where none gives the platform's figure, so many of the nearest are shown.
NEAREST = 5
# The column that holds a metric's threshold, and the hours by which a platform's may differ.
THRESHOLDS = {"late_dispatch": "ship_by", "slow_fulfilment": "slow_seconds"}
HOURS = (-48, -24, 24, 48, 72)
ATTRIBUTES = {
    "presale": "is_presale",
    "cancelled": "cancelled_at IS NOT NULL",
    "refunded": "refunded_at IS NOT NULL",
    "unpaid": "paid_at IS NULL",
}
SYNC_SQL = "first_scan_at <= ship_by AND shipped_at > ship_by"
NOTHING_LEFT = Residue()
COMPLAINTS = "copyright_upheld"
COUNTER_OF = {counter.name: counter for counter in COUNTERS}


@dataclass(frozen=True, slots=True)
class Gap:
    """A platform's figure beside ours; ``found``: the best of ``tests`` hypotheses, of which ``matches`` give the
    platform's figure; ``conditions``: what each condition leaves out, by code. ``failures``: ids of the orders that
    fail by our count. Without ``base`` it could not be taken
    apart: too many orders, or a metric that is no rate of orders."""

    store: Store
    code: str
    day: date
    theirs: Decimal
    window: int
    base: Outcome | None
    found: Sequence[Outcome] = ()
    tests: int = 0
    matches: int = 0
    rest: Residue = NOTHING_LEFT
    conditions: Mapping[str, Condition] | None = None
    differences: Sequence[Difference] = ()
    failures: frozenset[int] = frozenset()


def can_be_taken_apart(code: str) -> bool:
    """Whether the metric is a rate whose failures and denominator are orders."""
    metric = METRICS.get(code)
    return metric is not None and metric.calendar == Calendar.PERFORMANCE and _is_rate_of_orders(metric)


def _is_rate_of_orders(metric: Metric) -> bool:
    names = [name for name in (*metric.upper, *metric.lower) if name != COMPLAINTS]
    plain = all(name in COUNTER_OF and not COUNTER_OF[name].total for name in names)
    return (
        metric.kind in (Kind.RATE, Kind.FLOOR)
        and plain
        and all(ANCHOR_OF[name].subject == Subject.ORDER for name in names)
    )


def take_apart(store: Store, figure: PlatformFigure) -> Gap:
    """Test every hypothesis about one figure of the platform."""
    code, day = figure.metric, figure.day
    metric_policy = policy_at(performance_day_end(day)).metrics[code]
    asked = Asked(figure.value, places_of(figure.value, metric_policy.unit), day_number(day), metric_policy.window_days)
    subjects = load_subjects(store, code, asked) if can_be_taken_apart(code) else None
    if subjects is None:
        return Gap(store, code, day, figure.value, asked.window, None)
    loaded, conditions = subjects
    base = outcome(loaded, asked, ())
    outcomes = ranked(hypotheses(loaded, asked)) if not base.exact else []
    exact = [one for one in outcomes if one.exact]
    found = exact[:SHOWN] or outcomes[:NEAREST]
    return Gap(
        store=store,
        code=code,
        day=day,
        theirs=figure.value,
        window=asked.window,
        base=base,
        found=found,
        tests=len(outcomes),
        matches=len(exact),
        rest=residue(loaded, asked, base) if not base.exact else NOTHING_LEFT,
        conditions=conditions,
        differences=[difference(loaded, asked, one.parts) for one in found],
        failures=failures_of(loaded, asked),
    )


def orders_named(store: Store, ids: Iterable[int]) -> list[Order]:
    """The orders behind a hypothesis, oldest first."""
    wanted = sorted(ids)
    found: list[Order] = []
    for start in range(0, len(wanted), 500):
        found += Order.objects.filter(store=store, pk__in=wanted[start : start + 500])
    return sorted(found, key=lambda order: (order.created_at, order.pk))


# ── Loading ────────────────────────────────────────────────────────────────────────────────────────────────────────


def load_subjects(store: Store, code: str, asked: Asked) -> tuple[Subjects, dict[str, Condition]] | None:
    """The orders of a metric with what their conditions say; None with more than `MOST_ORDERS`."""
    metric = METRICS[code]
    first, last = asked.day - max(*WINDOWS, asked.window) - 3, asked.day + 3
    views = [review_view(), *order_views()]
    with connection.cursor() as cursor:
        try:
            batch = SQL("""SELECT id FROM orders_order
                WHERE store_id = {store} AND created_at >= {first} AND created_at < {last}""").format(
                store=Parameter(store.pk), first=Parameter(first * DAY - REACH), last=Parameter(last * DAY)
            )
            if make_temp(cursor, "tmp_batch", batch, key=("id",)) > MOST_ORDERS:
                return None
            make_views(cursor, views)
            return _read(cursor, store, metric, first * DAY, last * DAY)
        finally:
            drop_temp(cursor, ["tmp_batch", *(view.name for view in views)])


def _read(
    cursor: CursorWrapper, store: Store, metric: Metric, first: int, last: int
) -> tuple[Subjects, dict[str, Condition]]:
    conditions = _conditions(metric)
    codes = [condition.sql for condition in conditions]
    column = THRESHOLDS.get(metric.code)
    by_threshold = {}
    for hours in (0, *HOURS) if column else (0,):
        source = _moved(cursor, column, hours) if column and hours else SQL("tmp_order")
        lower, upper = (
            [row for name in names for row in _rows(cursor, name, source, codes, first, last) if name != COMPLAINTS]
            for names in (metric.lower, metric.upper)
        )
        if COMPLAINTS in metric.upper:
            upper += _complaints(store, first, last)
        by_threshold[hours] = Counted(lower, upper)
    attributes = [*ATTRIBUTES, *(["sync"] if metric.code == SYNC_METRIC else [])]
    marks = _marks(cursor, attributes)
    used = [bit for bit, _code in enumerate(codes) if _matters(by_threshold[0], bit)]
    subjects = Subjects(
        by_threshold,
        [code if bit in used else "" for bit, code in enumerate(codes)],
        marks,
        list(ATTRIBUTES),
        sync=1 << attributes.index("sync") if "sync" in attributes else 0,
        is_floor=metric.kind == Kind.FLOOR,
    )
    return subjects, {condition.sql: condition for condition in conditions}


def _matters(counted: Counted, bit: int) -> bool:
    """Whether some order fails a condition and would count without it."""
    return any(row.failing == 1 << bit for row in (*counted.lower, *counted.upper))


def _conditions(metric: Metric) -> list[Condition]:
    """Every condition of the metric's counters, once."""
    names = [name for name in (*metric.lower, *metric.upper) if name != COMPLAINTS]
    found = {
        condition.sql: condition for name in names for condition in (*ANCHOR_OF[name].where, *COUNTER_OF[name].where)
    }
    return list(found.values())


def _moved(cursor: CursorWrapper, column: str, hours: int) -> Composable:
    """The view of orders with a threshold moved by some hours."""
    execute(cursor, SQL("SELECT * FROM tmp_order WHERE 1 = 0"))
    names = [entry[0] for entry in cursor.description]
    parts = [
        SQL("{name} + {seconds} AS {name}").format(name=Identifier(name), seconds=Parameter(hours * HOUR))
        if name == column
        else Identifier(name)
        for name in names
    ]
    return SQL("(SELECT {columns} FROM tmp_order) AS moved").format(columns=comma(parts))


def _rows(
    cursor: CursorWrapper, name: str, source: Composable, codes: Sequence[str], first: int, last: int
) -> list[Row]:
    if name == COMPLAINTS:
        return []
    anchor: Anchor = ANCHOR_OF[name]
    counter: Counter = COUNTER_OF[name]
    own = [condition.sql for condition in (*anchor.where, *counter.where)]
    failing = SQL(" + ").join(
        [
            SQL("CASE WHEN {condition} THEN 0 ELSE {bit} END").format(
                condition=SQL(condition), bit=Parameter(1 << codes.index(condition))
            )
            for condition in own
        ]
        or [SQL("0")]
    )
    select = SQL("""SELECT id, {at}, {failing} FROM {source}
        WHERE {event} AND {at} >= {first} AND {at} < {last} ORDER BY id""").format(
        at=SQL(f"({anchor.at})"),
        failing=failing,
        source=source,
        event=SQL(all_of(anchor.when, counter.when) or "1 = 1"),
        first=Parameter(first - DAY),
        last=Parameter(last + DAY),
    )
    execute(cursor, select)
    return [Row(int(order_id), int(at), int(bits)) for order_id, at, bits in cursor.fetchall()]


def _complaints(store: Store, first: int, last: int) -> list[Row]:
    """Upheld copyright complaints, which count among the failures (PN-24)."""
    rows = CopyrightComplaint.objects.filter(store=store, upheld=True, resolved_at__gte=first, resolved_at__lt=last)
    return [Row(-pk, to_epoch(at), 0) for pk, at in rows.order_by("pk").values_list("pk", "resolved_at") if at]


def _marks(cursor: CursorWrapper, attributes: Sequence[str]) -> dict[int, int]:
    texts = {**ATTRIBUTES, "sync": SYNC_SQL}
    bits = SQL(" + ").join(
        SQL("CASE WHEN {holds} THEN {bit} ELSE 0 END").format(holds=SQL(texts[code]), bit=Parameter(1 << bit))
        for bit, code in enumerate(attributes)
    )
    execute(cursor, SQL("SELECT id, {bits} FROM tmp_order").format(bits=bits))
    return {int(order_id): int(mark) for order_id, mark in cursor.fetchall() if mark}
