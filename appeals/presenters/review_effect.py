"""What a decision would change, on the metric's thresholds (AP-04, BX-04)."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appeals.presenters.effects import EffectPart, effect_part
from appeals.queries.effects import Effect
from core.templatetags.ui import sentences
from metrics.scorecards.results import Level
from metrics.words import thresholds_text, value_text


@dataclass(frozen=True, slots=True)
class DecisionEffect:
    """The numbers before and after, with what the bar of thresholds needs: the value, its lines, whether it is a floor,
    and the best value. ``outcome_level``: the mark of what becomes of the notice."""

    part: EffectPart
    raw: Fraction | None
    yellow: Fraction | None
    red: Fraction | None
    floor: bool
    perfect: Decimal | None
    thresholds: str
    outcome_level: str
    note: str


def decision_effect(effect: Effect) -> DecisionEffect:
    """The effect of the orders that are ticked as accepted."""
    after, floor = effect.after, effect.rules.floor_top is not None
    return DecisionEffect(
        part=effect_part(effect),
        raw=after.value.value,
        yellow=after.yellow,
        red=after.red,
        floor=floor,
        perfect=effect.rules.floor_top,
        thresholds=thresholds_text(after.yellow, after.red, effect.rules.unit, floor=floor),
        outcome_level="ok" if effect.ends else str(after.level),
        note=sentences(filter(None, (_still_yellow(effect), _one_fewer(effect)))),
    )


def _still_yellow(effect: Effect) -> str:
    if effect.ends and effect.after.level == Level.YELLOW:
        return _("The value is still over the yellow threshold.")
    return ""


def _one_fewer(effect: Effect) -> str:
    """How the metric would stand with one accepted order fewer, where each takes one failure away."""
    before, after, accepted = effect.before.value, effect.after.value, effect.orders
    if accepted < 1 or before.numerator is None or after.numerator is None or not after.denominator:
        return ""
    if before.denominator != after.denominator or before.numerator - after.numerator != accepted:
        return ""
    lines = [effect.after.yellow, effect.after.red]
    value = value_text(Fraction(after.numerator + 1, after.denominator), effect.rules.unit, lines)
    text = ngettext("%(count)s accepted; without it: %(value)s.", "%(count)s accepted; one fewer: %(value)s.", accepted)
    return text % {"count": accepted, "value": value}
