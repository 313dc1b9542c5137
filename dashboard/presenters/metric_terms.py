"""The worked arithmetic of a metric's figure, term by term (DM-32)."""

from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from core.pages import formats
from core.pages.components import Term
from insights.queries.metric import MetricPage
from insights.queries.status import failures_of
from metrics import words
from metrics.catalogue import METRICS, Kind
from rulebook.rules import crosses


def terms_of(found: MetricPage) -> list[Term]:
    """The worked arithmetic: ``14 late ÷ 226 due = 6.19 % > 4.75 % (5 % × 0.95 gold)`` (DM-32)."""
    result = found.status.result
    if result.value.value is None:
        return []
    kind = found.metric.kind
    if kind == Kind.STARS:
        terms = _star_terms(found)
    elif kind == Kind.COMPOSITE:
        composite = found.store_day.composite(result.code)
        terms = _weighted(
            [(METRICS[code].title, composite.weights[code], part) for code, part in composite.parts.items()]
        )
    else:
        terms = _ratio_terms(found)
    shown = words.value_text(result.value.value, found.status.unit, found.status.thresholds)
    return [*terms, Term(op="=", value=shown, result=True), *_threshold_terms(found)]


def _ratio_terms(found: MetricPage) -> list[Term]:
    metric, value = found.metric, found.status.result.value
    lower = words.counters_text(metric.lower)
    if metric.kind == Kind.SUM:
        total = found.store_span.total(metric.upper, found.day, found.status.window_days)
        terms = [Term(value=formats.number(total), note=words.counters_text(metric.upper))]
        return terms if metric.per == 1 else [*terms, Term(op="÷", value=formats.number(metric.per))]
    number = formats.number(value.denominator or 0)
    if metric.kind == Kind.FLOOR:
        failures = formats.number(failures_of(found.status.result) or 0)
        return [
            Term(op="(", value=number, note=lower),
            Term(op="−", value=failures, note=words.counters_text(metric.upper)),
            Term(op=") ÷", value=number, note=lower),
        ]
    terms = _upper_terms(found)
    terms.append(Term(op=") ÷" if len(terms) > 1 else "÷", value=number, note=lower))
    return terms if metric.per == 1 else [*terms, Term(op="÷", value=formats.number(metric.per))]


def _upper_terms(found: MetricPage) -> list[Term]:
    """Each counter of the upper part by itself, in brackets where there are several."""
    upper = found.metric.upper
    first = "(" if len(upper) > 1 else ""
    return [
        Term(
            op="+" if place else first,
            value=formats.number(found.store_span.total([name], found.day, found.status.window_days)),
            note=words.counters_text([name]),
        )
        for place, name in enumerate(upper)
    ]


def _star_terms(found: MetricPage) -> list[Term]:
    rating = found.store_day.rating
    if found.metric.code == "dsr":
        return _weighted(
            [
                (words.PART_WORDS[name], rating.weights[name], part)
                for name, part in rating.parts.items()
                if part is not None
            ]
        )
    if found.metric.code == "shipping":
        present = [name for name in ("dispatch", "delivery") if rating.parts[name] is not None]
        terms: list[Term] = [
            Term(op="+" if place else "(", value=formats.score(rating.parts[name] or 0), note=words.PART_WORDS[name])
            for place, name in enumerate(present)
        ]
        return [*terms, Term(op=") ÷", value=str(len(present)))]
    stars = found.store_span.total([f"{found.metric.code}_sum"], found.day, found.status.window_days)
    reviews = rating.counts[found.metric.code]
    return [
        Term(value=formats.number(stars), note=_("stars")),
        Term(op="÷", value=formats.number(reviews), note=_("reviews")),
    ]


def _weighted(rows: list[tuple[Any, Fraction, Fraction]]) -> list[Term]:
    return [
        Term(op="+" if place else "", value=f"{formats.percent(weight, places=1)} × {formats.score(part)}", note=title)
        for place, (title, weight, part) in enumerate(rows)
    ]


def _threshold_terms(found: MetricPage) -> list[Term]:
    """The threshold that the value is measured by: the red one when it is crossed, else the yellow one."""
    status, result = found.status, found.status.result
    value, thresholds, rules = result.value.value, result.thresholds, status.rules
    if value is None:
        return []

    def crossed(threshold: Fraction | None) -> bool:
        return threshold is not None and crosses(value, threshold, floor_top=rules.floor_top, inclusive=rules.inclusive)

    if result.red is not None and (crossed(result.red) or result.yellow is None):
        threshold, acting = result.red, thresholds.red
    elif result.yellow is not None:
        threshold, acting = result.yellow, thresholds.yellow
    else:
        return []
    sign = ">" if value > threshold else "<" if value < threshold else "="
    note = words.factors_text(acting, status.unit) if acting and acting.value == threshold else _("category benchmark")
    return [Term(op=sign, value=words.threshold_text(threshold, status.unit), note=note)]
