"""The number if an appeal is accepted, in words (BX-04)."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from appeals.queries.effects import Effect
from core.pages import formats
from metrics import words
from metrics.catalogue import METRICS, Kind
from metrics.scorecards.results import MetricResult


@dataclass(frozen=True, slots=True)
class EffectPart:
    """``before`` and ``after``: the value with its counts and level; ``outcome``: what becomes of the notice."""

    metric: str
    day: str
    orders: int
    before: str
    before_of: str
    before_level: str
    after: str
    after_of: str
    after_level: str
    outcome: str


def effect_part(effect: Effect) -> EffectPart:
    """What the page shows beside the orders."""
    return EffectPart(
        metric=str(METRICS[effect.metric].title),
        day=formats.day(effect.day),
        orders=effect.orders,
        before=_value(effect, effect.before),
        before_of=_counts(effect.before),
        before_level=str(effect.before.level),
        after=_value(effect, effect.after),
        after_of=_counts(effect.after),
        after_level=str(effect.after.level),
        outcome=_outcome(effect),
    )


def _outcome(effect: Effect) -> str:
    if effect.ends is None:
        return ""
    return _("the notice is withdrawn") if effect.ends else _("the notice stands")


def _value(effect: Effect, result: MetricResult) -> str:
    return words.value_text(result.value.value, effect.rules.unit, [result.yellow, result.red])


def _counts(result: MetricResult) -> str:
    value = result.value
    if result.metric.kind not in (Kind.RATE, Kind.FLOOR) or value.denominator is None or value.numerator is None:
        return ""
    return f"{formats.number(value.numerator)} ÷ {formats.number(value.denominator)}"
