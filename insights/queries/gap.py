"""The platform's figure of a mirrored store taken apart: what would have to be counted otherwise (BX-21).

Orders and their instants come from the facts' own views, conditions and counters, so a hypothesis without changes is
our figure, and one with a change is what our figure would be.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial

from django.db import connection
from django.db.backends.utils import CursorWrapper

from core.sql import SQL, Composable, Identifier, Parameter, comma, drop_temp, execute, make_temp, make_views
from core.timebase import day_number, to_epoch
from disputes.models import CopyrightComplaint
from insights.queries.faults import SYNC_METRIC
from insights.rules.gap import (
    DAY,
    HOUR,
    OUR_OFFSET,
    WINDOWS,
    Asked,
    Counted,
    Difference,
    Outcome,
    Rate,
    Residue,
    Row,
    Subjects,
    ValueOf,
    difference,
    failures_of,
    hypotheses,
    outcome,
    ranked,
    residue,
)
from insights.rules.platform import places_of
from metrics.anchors import RATING_DAY, Subject
from metrics.catalogue import METRICS, RATING_COUNTERS, Calendar, Kind, Metric
from metrics.conditions import Condition, all_of
from metrics.counters import ANCHOR_OF, COUNTERS
from metrics.facts.orderview import dispute_view, order_views, review_view, wait_view
from metrics.models import PlatformFigure
from metrics.rules.rating import RatingSums, rate
from metrics.scorecards.store_profiles import StoreProfile, load_profiles
from metrics.scorecards.windows import window_of
from orders.models import Order
from rulebook.rules import fraction_of
from stores.models import Store

# Orders that are looked at; with more the page says so.
MOST_ORDERS = 200_000
# How long before the earliest window an order may have been created that still counts in it.
REACH = 400 * DAY
SHOWN = 12
# Where none gives the platform's figure, so many of the nearest are shown.
NEAREST = 5
# The column that holds a metric's threshold, and the hours by which a platform's may differ.
THRESHOLDS = {
    "late_dispatch": ("ship_by", (-48, -24, 24, 48, 72)),
    "slow_fulfilment": ("slow_seconds", (-48, -24, 24, 48, 72)),
    "reply_missed": ("reply_seconds", (-12, 12, 24, 48)),
}
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
# Seconds by which days of a calendar begin before those of UTC (DM-25).
OFFSETS = {Calendar.PERFORMANCE: OUR_OFFSET, Calendar.RATING: 0}
# The views of what counters speak of, and the columns that tell one of them: its order, and which one of the order's.
SOURCES = {
    Subject.ORDER: ("tmp_order", "id, 0"),
    Subject.WAIT: ("tmp_wait", "order_id, begun_at"),
    Subject.DISPUTE: ("tmp_dispute", "order_id, dispute_id"),
}
VIEWS = {Subject.WAIT: wait_view, Subject.DISPUTE: dispute_view}


@dataclass(frozen=True, slots=True)
class Gap:
    """A platform's figure beside ours; ``found``: the best of ``tests`` hypotheses, of which ``matches`` give the
    platform's figure; ``conditions``: what each condition leaves out, by code. ``failures``: ids of the orders that
    fail by our count. Without ``base`` it could not be taken
    apart: too many orders, or a score that is made of other metrics."""

    store: Store
    code: str
    day: date
    theirs: Decimal
    window: int
    unit: str
    base: Outcome | None
    found: Sequence[Outcome] = ()
    tests: int = 0
    matches: int = 0
    rest: Residue = NOTHING_LEFT
    conditions: Mapping[str, Condition] | None = None
    differences: Sequence[Difference] = ()
    failures: frozenset[int] = frozenset()
    is_rate: bool = False


def can_be_taken_apart(code: str) -> bool:
    """Whether the metric is counted from orders, disputes or waits; scores made of other metrics are not."""
    metric = METRICS.get(code)
    return metric is not None and metric.kind != Kind.COMPOSITE


def take_apart(store: Store, figure: PlatformFigure) -> Gap:
    """Test every hypothesis about one figure of the platform."""
    code, day = figure.metric, figure.day
    metric, profile = METRICS[code], load_profiles([store])[0]
    policy = profile.policy_on(day, metric.calendar)
    unit, window = policy.metrics[code].unit, window_of(policy, code)
    asked = Asked(figure.value, places_of(figure.value, unit), day_number(day), window, OFFSETS[metric.calendar])
    loaded = load_subjects(store, code, asked, value_of(metric, profile, day)) if can_be_taken_apart(code) else None
    if loaded is None:
        return Gap(store, code, day, figure.value, window, unit, None)
    subjects = loaded.subjects
    base = outcome(subjects, asked, ())
    outcomes = ranked(hypotheses(subjects, asked)) if not base.exact else []
    exact = [one for one in outcomes if one.exact]
    found = exact[:SHOWN] or outcomes[:NEAREST]
    return Gap(
        store=store,
        code=code,
        day=day,
        theirs=figure.value,
        window=window,
        unit=unit,
        base=base,
        found=found,
        tests=len(outcomes),
        matches=len(exact),
        rest=residue(subjects, asked, base) if not base.exact else NOTHING_LEFT,
        conditions=loaded.conditions,
        differences=[loaded.by_order(difference(subjects, asked, one.parts)) for one in found],
        failures=loaded.orders_of(failures_of(subjects, asked)),
        is_rate=isinstance(subjects.value_of, Rate),
    )


def value_of(metric: Metric, profile: StoreProfile, day: date) -> ValueOf:
    """How the metric's value comes from the sums of its counters on a day (MX-05, SR-01)."""
    if metric.kind == Kind.STARS:
        return partial(_stars, metric.code, profile, day)
    if metric.kind == Kind.SUM:
        return lambda sums: Fraction(_total(sums, metric.upper), metric.per)
    if metric.kind == Kind.MEAN:
        return partial(_mean, metric)
    return Rate(metric.upper, metric.lower, is_floor=metric.kind == Kind.FLOOR)


def _total(sums: Mapping[str, int], names: Iterable[str]) -> int:
    return sum(sums[name] for name in names)


def _mean(metric: Metric, sums: Mapping[str, int]) -> Fraction | None:
    number = _total(sums, metric.lower)
    return Fraction(_total(sums, metric.upper), number * metric.per) if number else None


def _stars(code: str, profile: StoreProfile, day: date, sums: Mapping[str, int]) -> Fraction | None:
    rating = rate(
        RatingSums(*(sums[name] for name in RATING_COUNTERS)),
        profile.policy_on(day, Calendar.RATING),
        high_value="high_value" in profile.category_on(day).flags,
        store_type=profile.store_type,
        confirmed="confirmations" in profile.feeds,
        day=day,
    )
    exact = {"dsr": rating.exact, "shipping": rating.shipping_exact}.get(code, rating.means.get(code))
    return None if exact is None else fraction_of(exact)


def orders_named(store: Store, ids: Iterable[int]) -> list[Order]:
    """The orders behind a hypothesis, oldest first."""
    wanted = sorted(ids)
    found: list[Order] = []
    for start in range(0, len(wanted), 500):
        found += Order.objects.filter(store=store, pk__in=wanted[start : start + 500])
    return sorted(found, key=lambda order: (order.created_at, order.pk))


# ── Loading ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a metric is counted from, the conditions by code, and the orders of its subjects where those are not orders
    themselves; what belongs to no order has an id below 0."""

    subjects: Subjects
    conditions: dict[str, Condition]
    order_of: Mapping[int, int]

    def orders_of(self, ids: Iterable[int]) -> frozenset[int]:
        """The orders of some subjects."""
        return frozenset(order for one in ids if (order := self.order_of.get(one, one)) > 0)

    def by_order(self, found: Difference) -> Difference:
        """The same in ids of orders."""
        sides = (found.more, found.fewer, found.more_failed, found.fewer_failed)
        return Difference(*(self.orders_of(ids) for ids in sides))


def load_subjects(store: Store, code: str, asked: Asked, value: ValueOf) -> Loaded | None:
    """What the metric is counted from with what its conditions say; None with more than `MOST_ORDERS`."""
    metric = METRICS[code]
    first, last = asked.day - max(*WINDOWS, asked.window) - 3, asked.day + 3
    subjects = {ANCHOR_OF[name].subject for name in _names(metric)}
    views = [review_view(), *order_views(), *(VIEWS[one]() for one in sorted(subjects & set(VIEWS)))]
    with connection.cursor() as cursor:
        try:
            batch = SQL("""SELECT id FROM orders_order
                WHERE store_id = {store} AND created_at >= {first} AND created_at < {last}""").format(
                store=Parameter(store.pk), first=Parameter(first * DAY - REACH), last=Parameter(last * DAY)
            )
            if make_temp(cursor, "tmp_batch", batch, key=("id",)) > MOST_ORDERS:
                return None
            make_views(cursor, views)
            return _Reading(cursor, store, metric, (first - 1) * DAY, (last + 1) * DAY, asked.offset).read(value)
        finally:
            drop_temp(cursor, ["tmp_batch", *(view.name for view in views)])


def _names(metric: Metric) -> list[str]:
    """The metric's counters of orders, disputes and waits; complaints are read by themselves."""
    return [name for name in dict.fromkeys((*metric.upper, *metric.lower)) if name != COMPLAINTS]


class _Reading:
    """Reads the rows of a metric's counters from ``first`` until before ``last``, in seconds."""

    def __init__(self, cursor: CursorWrapper, store: Store, metric: Metric, first: int, last: int, offset: int) -> None:
        self._cursor, self._store, self._metric = cursor, store, metric
        self._first, self._last, self._offset = first, last, offset
        self._conditions = _conditions(metric)
        self._codes = list(self._conditions)
        self._keys: dict[tuple[int, int], int] = {}

    def read(self, value: ValueOf) -> Loaded:
        """All that hypotheses need."""
        metric = self._metric
        column, hours = THRESHOLDS.get(metric.code, ("", ()))
        by_threshold = {moved: self._counted(column, moved) for moved in (0, *hours)}
        order_of = {key: order_id for (order_id, _instant), key in self._keys.items()}
        attributes = [*ATTRIBUTES, *(["sync"] if metric.code == SYNC_METRIC else [])]
        by_order = self._marks(attributes)
        marks = {key: by_order[order_id] for key, order_id in order_of.items() if order_id in by_order}
        stars = metric.kind == Kind.STARS
        subjects = Subjects(
            by_threshold,
            [code if self._matters(by_threshold[0], bit) else "" for bit, code in enumerate(self._codes)],
            marks if order_of else by_order,
            list(ATTRIBUTES),
            value,
            () if stars else metric.upper,
            metric.upper if stars else metric.lower,
            sync=1 << attributes.index("sync") if "sync" in attributes else 0,
        )
        return Loaded(subjects, self._conditions, order_of)

    def _counted(self, column: str, hours: int) -> Counted:
        found = {name: self._rows(name, column, hours) for name in _names(self._metric)}
        if COMPLAINTS in self._metric.upper:
            found[COMPLAINTS] = self._complaints()
        return found

    def _matters(self, counted: Counted, bit: int) -> bool:
        """Whether something fails a condition and would count without it."""
        return any(row.failing == 1 << bit for rows in counted.values() for row in rows)

    def _rows(self, name: str, column: str, hours: int) -> list[Row]:
        anchor, counter = ANCHOR_OF[name], COUNTER_OF[name]
        view, keys = SOURCES[anchor.subject]
        own = [condition.sql for condition in (*anchor.where, *counter.where)]
        bits = [
            SQL("CASE WHEN {condition} THEN 0 ELSE {bit} END").format(
                condition=SQL(condition), bit=Parameter(1 << self._codes.index(condition))
            )
            for condition in own
        ]
        # A counter of the other calendar has its days at other hours.
        shift = OFFSETS[Calendar.RATING if anchor.day == RATING_DAY else Calendar.PERFORMANCE] - self._offset
        select = SQL("""SELECT {keys}, {at} + {shift}, {failing}, {amount} FROM {source}
            WHERE {event} AND {at} >= {first} AND {at} < {last} ORDER BY 1, 2""").format(
            keys=SQL(keys),
            at=SQL(f"({anchor.at})"),
            shift=Parameter(shift),
            failing=SQL(" + ").join(bits or [SQL("0")]),
            amount=SQL(counter.total or "1"),
            source=self._moved(view, column, hours) if hours else SQL(view),
            event=SQL(all_of(anchor.when, counter.when) or "1 = 1"),
            first=Parameter(self._first),
            last=Parameter(self._last),
        )
        execute(self._cursor, select)
        is_order = anchor.subject == Subject.ORDER
        return [
            Row(int(order_id) if is_order else self._key(order_id, instance), int(at), int(failing), int(amount or 0))
            for order_id, instance, at, failing, amount in self._cursor.fetchall()
        ]

    def _key(self, order_id: int, instance: int) -> int:
        """A number for a dispute or wait of an order, the same for all counters."""
        return self._keys.setdefault((int(order_id), int(instance)), len(self._keys) + 1)

    def _moved(self, view: str, column: str, hours: int) -> Composable:
        """A view with a threshold moved by some hours."""
        execute(self._cursor, SQL("SELECT * FROM {view} WHERE 1 = 0").format(view=Identifier(view)))
        names = [entry[0] for entry in self._cursor.description]
        parts = [
            SQL("{name} + {seconds} AS {name}").format(name=Identifier(name), seconds=Parameter(hours * HOUR))
            if name == column
            else Identifier(name)
            for name in names
        ]
        return SQL("(SELECT {columns} FROM {view}) AS moved").format(columns=comma(parts), view=Identifier(view))

    def _complaints(self) -> list[Row]:
        """Upheld copyright complaints, which count among the failures (PN-24)."""
        rows = CopyrightComplaint.objects.filter(
            store=self._store, upheld=True, resolved_at__gte=self._first + DAY, resolved_at__lt=self._last - DAY
        )
        return [Row(-pk, to_epoch(at), 0) for pk, at in rows.order_by("pk").values_list("pk", "resolved_at") if at]

    def _marks(self, attributes: Sequence[str]) -> dict[int, int]:
        texts = {**ATTRIBUTES, "sync": SYNC_SQL}
        bits = SQL(" + ").join(
            SQL("CASE WHEN {holds} THEN {bit} ELSE 0 END").format(holds=SQL(texts[code]), bit=Parameter(1 << bit))
            for bit, code in enumerate(attributes)
        )
        execute(self._cursor, SQL("SELECT id, {bits} FROM tmp_order").format(bits=bits))
        return {int(order_id): int(mark) for order_id, mark in self._cursor.fetchall() if mark}


def _conditions(metric: Metric) -> dict[str, Condition]:
    """Every condition of the metric's counters, by its SQL."""
    return {
        condition.sql: condition
        for name in _names(metric)
        for condition in (*ANCHOR_OF[name].where, *COUNTER_OF[name].where)
    }
