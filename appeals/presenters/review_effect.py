"""What a decision would change, on the metric's thresholds (AP-04, BX-04)."""

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appeals.queries.review_effect import Effect
from core.pages import formats
from insights.queries.whatif.simulation import NoticeStory
from metrics.catalogue import METRICS
from metrics.scorecards.results import MetricResult
from metrics.words import thresholds_text, value_text


@dataclass(frozen=True, slots=True)
class EffectPart:
    """A metric before and after with its thresholds; ``outcome``: what becomes of the notice, with its mark."""

    metric: str
    before: str
    after: str
    counts: str
    level: str
    raw: Fraction | None
    yellow: Fraction | None
    red: Fraction | None
    floor: bool
    perfect: object
    thresholds: str
    outcome: str
    outcome_level: str
    note: str


def effect_part(effect: Effect, accepted: int) -> EffectPart:
    """The effect of accepting so many orders."""
    before, after = effect.before, effect.after
    unit, lines = effect.rules.unit, [after.yellow, after.red]
    outcome, level = _outcome(effect)
    return EffectPart(
        metric=str(METRICS[effect.metric].title),
        before=value_text(before.value.value, unit, lines),
        after=value_text(after.value.value, unit, lines),
        counts=_counts(after),
        level=str(after.level),
        raw=after.value.value,
        yellow=after.yellow,
        red=after.red,
        floor=effect.rules.floor_top is not None,
        perfect=effect.rules.floor_top,
        thresholds=thresholds_text(after.yellow, after.red, unit, floor=effect.rules.floor_top is not None),
        outcome=outcome,
        outcome_level=level,
        note=_one_fewer(effect, accepted),
    )


def _counts(result: MetricResult) -> str:
    value = result.value
    if value.numerator is None or value.denominator is None:
        return ""
    return f"{formats.number(value.numerator)} ÷ {formats.number(value.denominator)}"


def _outcome(effect: Effect) -> tuple[str, str]:
    story = effect.story
    if story is None or story.current is None:
        same = effect.before.value.value == effect.after.value.value
        return (_("nothing changes"), "no_data") if same else ("", "no_data")
    return _of_notice(story)


def _of_notice(story: NoticeStory) -> tuple[str, str]:
    assert story.current is not None
    if story.kept is None:
        return _("the notice is closed"), "ok"
    if story.kept == story.current.level:
        return _("the notice stays"), story.kept
    return _("the red notice is closed, but the value is still over the yellow threshold"), story.kept


def _one_fewer(effect: Effect, accepted: int) -> str:
    """How the metric would stand with one accepted order fewer, where each takes one failure away."""
    before, after = effect.before.value, effect.after.value
    if accepted < 1 or before.numerator is None or after.numerator is None or not after.denominator:
        return ""
    if before.denominator != after.denominator or before.numerator - after.numerator != accepted:
        return ""
    value = value_text(
        Fraction(after.numerator + 1, after.denominator), effect.rules.unit, [effect.after.yellow, effect.after.red]
    )
    return ngettext(
        "%(count)s accepted; one fewer: %(value)s", "%(count)s accepted; one fewer: %(value)s", accepted
    ) % {"count": accepted, "value": value}
