"""What a composite score is made of (DP-06, TM-05): each part's value, its sub-score on the knots, its weight, or why
it is left out (DM-32)."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from insights.explanation.absence import why_left_out
from metrics.catalogue import METRICS, Metric
from metrics.figures.store import Figures
from metrics.rules.composites import Scale, weights_of
from metrics.rules.values import Value


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part of a composite score on a day. ``weight``: as in the policy; ``share``: after rescaling; ``scale``: None
    where the metric has no lines to score on. ``why``: what left the part out; then share and score are None."""

    code: str
    value: Value
    weight: Fraction
    scale: Scale | None
    share: Fraction | None
    score: Fraction | None
    why: str

    @property
    def metric(self) -> Metric:
        return METRICS[self.code]

    @property
    def gives(self) -> Fraction | None:
        """What the part adds to the score."""
        return None if self.share is None or self.score is None else self.share * self.score


def composition_of(figures: Figures, code: str, day: date) -> list[PartRow]:
    """Every part of a composite score, in the order of the policy."""
    composite = figures.composite(code, day)
    return [
        PartRow(
            code=part,
            value=figures.value(part, day),
            weight=Fraction(weight),
            scale=_scale(figures, code, part, day),
            share=composite.weights.get(part),
            score=composite.parts.get(part),
            why=why_left_out(figures, code, part, day),
        )
        for part, weight in weights_of(figures.policy(day, METRICS[code].calendar), code).items()
    ]


def _scale(figures: Figures, code: str, part: str, day: date) -> Scale | None:
    return figures.scale(code, part, day) if figures.lines(part, day).applies else None
