"""Composite scores from sub-scores on policy knots: SHS (DP-06) and SLA (TM-05)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from metrics.rules.rating import rescaled
from metrics.rules.values import Zone
from rulebook.policy import Policy
from rulebook.rules import Curve, Exact, Ratio, distance, fraction_of, weighted_mean, whole_weights


@dataclass(slots=True)
class Composite:
    """Sub-scores of the parts that are there, by metric code, and the whole-number weights of all parts; ``exact`` is
    the score, None when no part is there."""

    scores: Mapping[str, Exact]
    whole_weights: Mapping[str, int]
    exact: Ratio | None

    @property
    def parts(self) -> dict[str, Fraction]:
        """The sub-scores."""
        return {code: fraction_of(score) for code, score in self.scores.items()}

    @property
    def weights(self) -> dict[str, Fraction]:
        """The weights of the parts that are there, rescaled."""
        return rescaled({code: weight for code, weight in self.whole_weights.items() if code in self.scores})

    @property
    def score(self) -> Fraction | None:
        """The score in lowest terms."""
        return None if self.exact is None else fraction_of(self.exact)


def compose(scores: Mapping[str, Exact], weights: Mapping[str, Exact]) -> Composite:
    """The weighted mean of the parts that are there (DP-06, TM-05)."""
    return compose_whole(scores, whole_weights(weights))


def compose_whole(scores: Mapping[str, Exact], weights: Mapping[str, int]) -> Composite:
    """The same with weights as whole numbers, as many stores share them."""
    score = weighted_mean((weights[code], part) for code, part in scores.items()) if scores else None
    return Composite(scores, weights, score)


@dataclass(frozen=True)
class Scale:
    """How a metric's value becomes a sub-score: piecewise linear in ``knots`` (where, score), over the value itself or,
    where there is a ``top``, over its distance from it: the failure share."""

    knots: Sequence[tuple[Fraction | Decimal, Fraction | Decimal]]
    top: Fraction | None = None

    @property
    def points(self) -> list[tuple[Fraction, Fraction]]:
        """The knots as fractions, in order of where they are."""
        return sorted((Fraction(at), Fraction(score)) for at, score in self.knots)

    @cached_property
    def curve(self) -> Curve:
        """The knots as pieces to look values up in."""
        return Curve(self.knots)

    def score(self, value: Exact) -> Ratio:
        """The sub-score of a value."""
        return self.curve.at(value if self.top is None else distance(value, self.top))


def weights_of(policy: Policy, code: str) -> Mapping[str, Decimal]:
    """The weights of the SHS or the SLA by metric."""
    return policy.shs.weights if code == "shs" else policy.sla.weights


def health_scale(policy: Policy, code: str) -> Scale:
    """The scale of a part of the SHS (DP-06)."""
    return Scale(policy.shs.knots[code])


def service_scale(policy: Policy, *, top: Fraction, yellow: Fraction, red: Fraction) -> Scale:
    """The scale of a part of the SLA: from no failures over the thresholds to a multiple of the red one (TM-05)."""
    rules = policy.sla
    allowed_yellow, allowed_red = abs(yellow - top), abs(red - top)
    knots = (
        (Fraction(), Fraction(rules.score_at_zero)),
        (allowed_yellow, Fraction(rules.score_at_yellow)),
        (allowed_red, Fraction(rules.score_at_red)),
        (allowed_red * Fraction(rules.zero_at_red_times), Fraction()),
    )
    return Scale(knots, top)


def grade_of(policy: Policy, score: Fraction) -> str:
    """The grade of an SLA score (TM-05)."""
    return str(ladder_of(policy, "sla").zone(score))


@dataclass(frozen=True, slots=True)
class Ladder:
    """What a score brings: the least score of each step and its name, best first; the last step takes the rest."""

    steps: Sequence[tuple[Fraction, str]]

    def zone(self, score: Fraction | None) -> str | None:
        """The step that a score stands on; None without a score."""
        if score is None:
            return None
        return next((name for least, name in self.steps if score >= least), self.steps[-1][1])


def ladder_of(policy: Policy, code: str) -> Ladder:
    """The SHS by what it brings (DP-06): all well, promotion blocked, manual review; the SLA by its grades (TM-05)."""
    if code == "shs":
        rules = policy.shs
        blocked, review = Fraction(rules.promotion_block_below), Fraction(rules.manual_review_below)
        return Ladder([(blocked, Zone.OK), (review, Zone.YELLOW), (Fraction(), Zone.RED)])
    grades = sorted(policy.sla.grades, key=lambda grade: grade.at_least, reverse=True)
    return Ladder([(Fraction(grade.at_least), grade.code) for grade in grades])
