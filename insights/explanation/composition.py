"""What a composite score is made of (DP-06, TM-05): each part's value, its sub-score on the knots, its weight, or why
it is left out (DM-32)."""

from dataclasses import dataclass
from fractions import Fraction

from insights.explanation.absence import why_left_out
from metrics.catalogue import METRICS, Metric
from metrics.rules.composites import Scale, weights_of
from metrics.rules.values import Value
from metrics.scorecards.storeday import StoreDay


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part of a composite score on a day. ``weight``: as in the policy; ``share``: after rescaling; ``scale``: None
    where the metric has no thresholds to score on. ``why``: what left the part out; then share and score are None."""

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


def composition_of(day: StoreDay, code: str) -> list[PartRow]:
    """Every part of a composite score, in the order of the policy."""
    composite = day.composite(code)
    return [
        PartRow(
            code=part,
            value=day.value(part),
            weight=Fraction(weight),
            scale=_scale(day, code, part),
            share=composite.weights.get(part),
            score=composite.parts.get(part),
            why=why_left_out(day, code, part),
        )
        for part, weight in weights_of(day.terms[code].policy, code).items()
    ]


def _scale(day: StoreDay, code: str, part: str) -> Scale | None:
    return day.scale(code, part) if day.thresholds(part).applies else None
