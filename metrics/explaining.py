"""Why a number is what it is (DM-32, IX-12): formula, worked arithmetic, lines factor by factor, orders counted and
orders left out with the rule that left them out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from metrics.catalogue import METRICS, Calendar, Kind, Metric, problem_counters
from metrics.counters import ANCHOR_OF, COUNTERS
from metrics.figures.batches import cards_between
from metrics.figures.cards import Card
from metrics.figures.store import Figures
from metrics.models import Problem
from metrics.rules.days import day_end
from orders.models import Exclusion, Order
from rulebook.rules import rounded, shown
from rulebook.timebase import performance_day_start, rating_day_start, window_start
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
class LeftOut:
    """Orders that do not count, how many, and the rule that left them out."""

    what: str
    orders: int
    rule: str


@dataclass(frozen=True)
class Failing:
    """An order that fails, by which counter, on which day."""

    order_no: str
    counter: str
    day: date


@dataclass(frozen=True)
class Explanation:
    """Everything that a number hangs on."""

    store: Store
    metric: Metric
    card: Card
    first: date
    last: date
    start: datetime
    end: datetime
    formula: str
    arithmetic: str
    lines: dict[str, str]
    counted: list[Counted]
    left_out: list[LeftOut]
    failing: list[Failing]
    failures: int
    parts: list[tuple[str, str]] = field(default_factory=list)
    feeds: dict[str, datetime | None] = field(default_factory=dict)


def explain(*, store: Store, code: str, day: date, orders: int = ORDERS_SHOWN) -> Explanation:
    """Explain a metric of a store on a day from current facts (MX-08); ``orders`` bounds the failing orders named."""
    metric = METRICS[code]
    _store, _day, figures, cards = next(cards_between([store], day, day, codes=[code]))
    card = cards[code]
    policy = figures.policy(day, metric.calendar)
    days = policy.rating.window_days if metric.kind == Kind.STARS else policy.metrics[code].window_days
    first = window_start(day, days)
    begin = performance_day_start if metric.calendar == Calendar.PERFORMANCE else rating_day_start
    start, end = begin(first), day_end(day, metric.calendar)
    problems = Problem.objects.filter(
        store=store, counter__in=problem_counters(code), day__gte=first, day__lte=day
    ).order_by("-day", "-order_id")
    return Explanation(
        store=store,
        metric=metric,
        card=card,
        first=first,
        last=day,
        start=start,
        end=end,
        formula=formula_of(metric),
        arithmetic=_arithmetic(figures, metric, card, day),
        lines=_lines(card, policy.metrics[code].unit),
        counted=[
            Counted(
                name=name,
                total=figures.totals.total(name, day, days),
                at=ANCHOR_OF[name].at,
                where=ANCHOR_OF[name].where,
                amount=COUNTER_OF[name].amount or "1",
                rule=COUNTER_OF[name].rule,
            )
            for name in sorted(metric.counters)
        ],
        left_out=_left_out(store, metric, start, end),
        failing=_failing(problems[:orders]),
        failures=problems.count(),
        parts=_parts(figures, metric, day),
        feeds={feed: figures.store.feeds.get(feed) for feed in (*metric.feeds, *metric.any_feed)},
    )


def formula_of(metric: Metric) -> str:
    """The formula in the names of the counters."""
    upper = " + ".join(metric.upper)
    lower = " + ".join(metric.lower)
    if metric.kind == Kind.STARS or metric.kind == Kind.COMPOSITE:
        return {
            "dsr": "weighted mean of described, communication, dispatch and delivery (SR-01)",
            "described": "described_sum ÷ described_n",
            "communication": "communication_sum ÷ communication_n",
            "shipping": "mean of 5 × r_dispatch_ontime ÷ (r_dispatch_n + marks)"
            " and 5 × r_delivery_ontime ÷ r_delivery_n",
            "shs": "weighted mean of the sub-scores (DP-06)",
            "sla": "weighted mean of the sub-scores (TM-05)",
        }[metric.code]
    if metric.kind == Kind.SUM:
        return upper if metric.per == 1 else f"{upper} ÷ {metric.per}"
    top = f"({lower} − ({upper}))" if metric.kind == Kind.FLOOR else f"({upper})"
    return f"{top} ÷ ({lower})" + (f" ÷ {metric.per}" if metric.per != 1 else "")


def _arithmetic(figures: Figures, metric: Metric, card: Card, day: date) -> str:
    """The formula with this store's numbers."""
    value = card.value
    if not value.has_feeds:
        return _("no data: a feed that the metric needs was never supplied")
    if metric.kind == Kind.STARS:
        return _stars_arithmetic(figures, metric, day)
    if metric.kind == Kind.COMPOSITE:
        composite = figures.composite(metric.code, day)
        terms = [f"{_number(composite.weights[code])} × {_number(part)}" for code, part in composite.parts.items()]
        return f"{' + '.join(terms)} = {_number(value.value)}"
    if value.denominator is None:
        return _number(value.value)
    per = f" ÷ {metric.per}" if metric.per != 1 else ""
    return f"{value.numerator} ÷ {value.denominator}{per} = {_number(value.value)}"


def _stars_arithmetic(figures: Figures, metric: Metric, day: date) -> str:
    rating = figures.rating(day)
    if metric.code == "dsr":
        terms = [
            f"{_number(rating.weights[name])} × {_number(part)}"
            for name, part in rating.parts.items()
            if part is not None
        ]
        outcome = _number(rating.score) if rating.score is not None else _("not yet rated")
        return f"{' + '.join(terms) or '–'} = {outcome}"
    if metric.code == "shipping":
        parts = [_number(rating.parts[name]) for name in ("dispatch", "delivery") if rating.parts[name] is not None]
        return f"({' + '.join(parts) or '–'}) ÷ {max(len(parts), 1)} = {_number(rating.shipping)}"
    part = rating.parts[metric.code]
    return f"{metric.code}_sum ÷ {rating.counts[metric.code]} = {_number(part)}"


def _parts(figures: Figures, metric: Metric, day: date) -> list[tuple[str, str]]:
    if metric.kind == Kind.STARS:
        rating = figures.rating(day)
        rows = [(name, _number(part)) for name, part in rating.parts.items()]
        return [*rows, ("marks (TM-02)", str(rating.marks))]
    if metric.kind == Kind.COMPOSITE:
        return [(code, _number(part)) for code, part in figures.composite(metric.code, day).parts.items()]
    return []


def _number(value: Fraction | None) -> str:
    return "–" if value is None else format(rounded(value, PLACES), "f").rstrip("0").rstrip(".") or "0"


def _lines(card: Card, unit: str) -> dict[str, str]:
    """Each line with its factors worked out; the dynamic baseline of a new store named as such (DM-31, MX-10)."""
    texts = {
        name: line.explanation(unit)
        for name, line in (("yellow", card.lines.yellow), ("red", card.lines.red))
        if line is not None
    }
    if card.lines.yellow is not None and card.yellow is not None and card.yellow != card.lines.yellow.value:
        texts["yellow"] += " → " + _("category benchmark %(value)s (PN-22)") % {"value": shown(card.yellow, unit)}
    if not card.lines.applies:
        texts["applies"] = _("does not apply to this category (DM-31)")
    return texts


def _left_out(store: Store, metric: Metric, start: datetime, end: datetime) -> list[LeftOut]:
    """Orders created in the window that count nowhere here, and subjects that exclusions leave out (MX-04, DM-34)."""
    created = Order.objects.filter(store=store, created_at__gte=start, created_at__lt=end)
    external = created.filter(source="external").count()
    left = [LeftOut(_("orders of other channels"), external, "MX-04")]
    if metric.calendar == Calendar.PERFORMANCE:
        certified = created.filter(source="certified_api").count()
        left.append(LeftOut(_("orders of certified channels: they count in the rating only"), certified, "MX-04"))
    excluded = Exclusion.objects.filter(store=store, metric=metric.code)
    causes = excluded.values_list("cause_no").annotate(subjects=Count("id")).order_by("cause_no")
    left += [LeftOut(_("excluded by %(cause)s") % {"cause": cause}, count, "DM-34") for cause, count in causes]
    return [row for row in left if row.orders]


def _failing(problems: QuerySet[Problem]) -> list[Failing]:
    rows = list(problems)
    numbers = dict(Order.objects.filter(id__in={row.order_id for row in rows}).values_list("id", "order_no"))
    return [Failing(numbers.get(row.order_id, "–"), row.counter, row.day) for row in rows]


def explanation_text(explanation: Explanation) -> Iterator[str]:
    """The explanation as lines of text."""
    card, metric = explanation.card, explanation.metric
    yield f"{metric.title} ({metric.code}, {metric.rule}) · {explanation.store.store_no} · {explanation.last}"
    last_second = explanation.end - timedelta(seconds=1)
    yield _("window: %(first)s … %(last)s (%(start)s … %(end)s)") % {
        "first": explanation.first,
        "last": explanation.last,
        "start": explanation.start.isoformat(),
        "end": last_second.isoformat(),
    }
    yield _("formula: %(formula)s") % {"formula": explanation.formula}
    yield _("arithmetic: %(arithmetic)s") % {"arithmetic": explanation.arithmetic}
    for name, worth in explanation.parts:
        yield f"  {name}: {worth}"
    yield _("level: %(level)s") % {"level": card.level}
    for name, text in explanation.lines.items():
        yield _("%(line)s line: %(text)s") % {"line": name, "text": text}
    if card.mark is not None:
        yield _("benchmark: %(value)s (%(source)s %(scope)s, %(stores)s stores)") % {
            "value": _number(card.mark.value),
            "source": card.mark.source,
            "scope": card.mark.scope,
            "stores": card.mark.stores,
        }
    if card.deviation is not None:
        yield _("deviation: %(deviation)s") % {"deviation": _number(card.deviation)}
    yield _("policy version: %(version)s") % {"version": card.policy_version}
    for feed, until in explanation.feeds.items():
        known = until.isoformat() if until else _("never supplied")
        yield _("feed %(feed)s: known until %(until)s") % {"feed": feed, "until": known}
    yield _("counted:")
    for counter in explanation.counted:
        yield f"  {counter.name} = {counter.total}  [{counter.rule}]"
        yield f"    Σ {counter.amount} @ {counter.at} | {counter.where}"
    yield _("left out:")
    for row in explanation.left_out:
        yield f"  {row.what}: {row.orders}  [{row.rule}]"
    yield _("failing: %(count)s") % {"count": explanation.failures}
    for failing in explanation.failing:
        yield f"  {failing.day}  {failing.order_no}  {failing.counter}"
