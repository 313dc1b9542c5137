"""Why a number is what it is (DM-32, IX-12): formula, worked arithmetic, thresholds factor by factor, sums of counters.
All of it from facts, so that it costs the same in every store; `counted_orders` lists the orders."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.sql import PORTABLE
from core.timebase import performance_day_start, rating_day_start, window_start
from insights.explanation.absence import why_no_value
from insights.explanation.composition import PartRow, composition_of
from metrics.catalogue import METRICS, Calendar, Kind, Metric, problem_counters
from metrics.counters import ANCHOR_OF, COUNTERS
from metrics.models import Problem
from metrics.rules.days import day_end
from metrics.scorecards.batches import scorecards_between
from metrics.scorecards.results import MetricResult
from metrics.scorecards.storeday import StoreDay
from metrics.scorecards.windows import with_parts
from orders.models import Order
from rulebook.queries import policies
from rulebook.rules import rounded, shown
from stores.models import Store

PLACES = 10
ORDERS_SHOWN = 50
COUNTER_OF = {counter.name: counter for counter in COUNTERS}


@dataclass(frozen=True)
class Counted:
    """One counter of the formula: its sum over the window, what it counts, the rule it comes from."""

    name: str
    total: int
    at: str
    where: str
    amount: str
    rule: str


@dataclass(frozen=True)
class Failing:
    """An order that fails, by which counter, on which day."""

    order_no: str
    counter: str
    day: date


@dataclass(frozen=True)
class Explanation:
    """Everything that a number depends on. ``no_value``: why there is none; ``components``: the explanations of what a
    composite score is made of, ``composition``: what each of them gives."""

    store: Store
    metric: Metric
    result: MetricResult
    first: date
    last: date
    start: datetime
    end: datetime
    formula: str
    arithmetic: str
    thresholds: dict[str, str]
    counted: list[Counted]
    failing: list[Failing]
    failures: int
    parts: list[tuple[str, str]] = field(default_factory=list)
    feeds: dict[str, datetime | None] = field(default_factory=dict)
    no_value: str = ""
    composition: list[PartRow] = field(default_factory=list)
    components: "list[Explanation]" = field(default_factory=list)


def explain(*, store: Store, code: str, day: date, orders: int = ORDERS_SHOWN) -> Explanation:
    """Explain a metric of a store on a day from current facts (MX-08), a composite score with all its parts; ``orders``
    bounds the failing orders named of each."""
    codes = with_parts([code], policies())
    _store, store_day, scorecard = next(scorecards_between([store], day, day, codes=codes))
    composition = composition_of(store_day, code) if METRICS[code].kind == Kind.COMPOSITE else []
    components = [_explained(store, store_day, scorecard[row.code], orders) for row in composition]
    found = _explained(store, store_day, scorecard[code], orders)
    if not components:
        return found
    first = min(one.first for one in components)
    start = min(one.start for one in components)
    return replace(found, first=first, start=start, composition=composition, components=components)


def _explained(store: Store, store_day: StoreDay, result: MetricResult, orders: int) -> Explanation:
    """One metric by itself."""
    metric, code, day = result.metric, result.code, result.day
    terms = store_day.terms[code]
    first = window_start(day, terms.window_days)
    begin = performance_day_start if metric.calendar == Calendar.PERFORMANCE else rating_day_start
    problems = Problem.objects.filter(
        store=store, counter__in=problem_counters(code), day__gte=first, day__lte=day
    ).order_by("-day", "-order_id")
    return Explanation(
        store=store,
        metric=metric,
        result=result,
        first=first,
        last=day,
        start=begin(first),
        end=day_end(day, metric.calendar),
        formula=formula_of(metric),
        arithmetic=_arithmetic(store_day, metric, result),
        thresholds=_thresholds(result, terms.rules.unit),
        counted=[
            Counted(
                name=name,
                total=store_day.sums.total(name, day, terms.window_days),
                at=ANCHOR_OF[name].at,
                where=ANCHOR_OF[name].filter_sql,
                amount=amount.text(PORTABLE) if (amount := COUNTER_OF[name].amount) else "1",
                rule=COUNTER_OF[name].rule,
            )
            for name in sorted(metric.counters)
        ],
        failing=_failing(problems[:orders]),
        failures=problems.count(),
        parts=_parts(store_day, metric),
        feeds={feed: store_day.store.feeds.get(feed) for feed in (*metric.feeds, *metric.any_feed)},
        no_value=why_no_value(store_day, code),
    )


def formula_of(metric: Metric) -> str:
    """The formula in the names of the counters."""
    upper = " + ".join(metric.upper)
    lower = " + ".join(metric.lower)
    if metric.kind == Kind.STARS or metric.kind == Kind.COMPOSITE:
        return {
            "dsr": _("weighted mean of described, communication, dispatch and delivery"),
            "described": "described_sum ÷ described_n",
            "communication": "communication_sum ÷ communication_n",
            "shipping": "mean of 5 × r_dispatch_ontime ÷ (r_dispatch_n + marks)"
            " and 5 × r_delivery_ontime ÷ r_delivery_n",
            "shs": _("weighted mean of the sub-scores"),
            "sla": _("weighted mean of the sub-scores"),
        }[metric.code]
    if metric.kind == Kind.SUM:
        return upper if metric.per == 1 else f"{upper} ÷ {metric.per}"
    top = f"({lower} − ({upper}))" if metric.kind == Kind.FLOOR else f"({upper})"
    return f"{top} ÷ ({lower})" + (f" ÷ {metric.per}" if metric.per != 1 else "")


def _arithmetic(day: StoreDay, metric: Metric, result: MetricResult) -> str:
    """The formula with this store's numbers."""
    value = result.value
    if not value.has_feeds:
        return _("no data: %(why)s") % {"why": why_no_value(day, metric.code)}
    if metric.kind == Kind.STARS:
        return _stars_arithmetic(day, metric)
    if metric.kind == Kind.COMPOSITE:
        composite = day.composite(metric.code)
        terms = [
            f"{number_text(composite.weights[code])} × {number_text(part)}" for code, part in composite.parts.items()
        ]
        return f"{' + '.join(terms)} = {number_text(value.value)}"
    if value.denominator is None:
        return number_text(value.value)
    per = f" ÷ {metric.per}" if metric.per != 1 else ""
    return f"{value.numerator} ÷ {value.denominator}{per} = {number_text(value.value)}"


def _stars_arithmetic(day: StoreDay, metric: Metric) -> str:
    rating = day.rating
    if metric.code == "dsr":
        terms = [
            f"{number_text(rating.weights[name])} × {number_text(part)}"
            for name, part in rating.parts.items()
            if part is not None
        ]
        outcome = number_text(rating.score) if rating.score is not None else _("not yet rated")
        return f"{' + '.join(terms) or '–'} = {outcome}"
    if metric.code == "shipping":
        parts = [number_text(rating.parts[name]) for name in ("dispatch", "delivery") if rating.parts[name] is not None]
        return f"({' + '.join(parts) or '–'}) ÷ {max(len(parts), 1)} = {number_text(rating.shipping)}"
    part = rating.parts[metric.code]
    return f"{metric.code}_sum ÷ {rating.counts[metric.code]} = {number_text(part)}"


def _parts(day: StoreDay, metric: Metric) -> list[tuple[str, str]]:
    if metric.kind == Kind.STARS:
        rating = day.rating
        rows = [(name, number_text(part)) for name, part in rating.parts.items()]
        return [*rows, ("marks (TM-02)", str(rating.marks))]
    return []


def number_text(value: Fraction | None) -> str:
    """A number with at most ten decimals, half up; a dash for none (MX-06)."""
    return "–" if value is None else format(rounded(value, PLACES), "f").rstrip("0").rstrip(".") or "0"


def _thresholds(result: MetricResult, unit: str) -> dict[str, str]:
    """Each threshold with its factors worked out; the dynamic baseline of a new store named as such (DM-31, MX-10)."""
    texts = {
        name: threshold.explanation(unit)
        for name, threshold in (("yellow", result.thresholds.yellow), ("red", result.thresholds.red))
        if threshold is not None
    }
    if (
        result.thresholds.yellow is not None
        and result.yellow is not None
        and result.yellow != result.thresholds.yellow.value
    ):
        texts["yellow"] += " → " + _("category benchmark %(value)s") % {"value": shown(result.yellow, unit)}
    if not result.thresholds.applies:
        texts["applies"] = _("does not apply to this category")
    return texts


def _failing(problems: QuerySet[Problem]) -> list[Failing]:
    rows = list(problems)
    numbers = dict(Order.objects.filter(id__in={row.order_id for row in rows}).values_list("id", "order_no"))
    return [Failing(numbers.get(row.order_id, "–"), row.counter, row.day) for row in rows]
