"""The store rating (SR-01, SR-05, SR-09): four parts, weighted, exact."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from metrics.rules.values import ratio
from rulebook.policy import Policy, RatingWeights
from rulebook.policy.core import Rating as RatingRules
from rulebook.rules import Ratio, fraction_of, weighted_mean, whole_weights

STARS = 5
PARTS = ("described", "communication", "dispatch", "delivery")


class RatingSums(NamedTuple):
    """The counters of the rating over its window."""

    described_n: int
    described_sum: int
    communication_n: int
    communication_sum: int
    r_dispatch_n: int
    r_dispatch_ontime: int
    r_delivery_n: int
    r_delivery_ontime: int
    r_value_cents_usd: int
    r_value_n: int
    unconfirmed: int


@dataclass(slots=True)
class Rating:
    """The parts as exact means (None without data), the whole-number weights of all of them, and what comes of them.
    ``exact`` is None where the store is not yet rated or of a type without a rating (SR-15); the parts are there all
    the same."""

    means: Mapping[str, Ratio | None]
    whole_weights: Mapping[str, int]
    counts: Mapping[str, int]
    marks: int
    uplifted: bool
    shipping_exact: Ratio | None
    exact: Ratio | None

    @property
    def parts(self) -> dict[str, Fraction | None]:
        """The parts in lowest terms."""
        return {name: None if mean is None else fraction_of(mean) for name, mean in self.means.items()}

    @property
    def weights(self) -> dict[str, Fraction]:
        """The weights of the parts that have data, rescaled."""
        return rescaled({name: weight for name, weight in self.whole_weights.items() if self.means[name] is not None})

    @property
    def shipping(self) -> Fraction | None:
        """The shipping dimension in lowest terms."""
        return None if self.shipping_exact is None else fraction_of(self.shipping_exact)

    @property
    def score(self) -> Fraction | None:
        """The rating in lowest terms."""
        return None if self.exact is None else fraction_of(self.exact)

    @property
    def shipping_count(self) -> int:
        """The denominator of the shipping dimension (assumption: the larger of its two parts')."""
        return max(self.counts["dispatch"], self.counts["delivery"])


def rate(sums: RatingSums, policy: Policy, *, high_value: bool, store_type: str, confirmed: bool, day: date) -> Rating:
    """SR-01 from the sums of the window. ``confirmed``: the store has the feed confirmations (TM-02); ``high_value``:
    its primary category is flagged so (SR-09)."""
    rules = policy.rating
    marks = int(sums.unconfirmed // rules.marks_per) if confirmed else 0
    counts = {
        "described": sums.described_n,
        "communication": sums.communication_n,
        "dispatch": sums.r_dispatch_n + marks,
        "delivery": sums.r_delivery_n,
    }
    means = {
        "described": ratio(sums.described_sum, counts["described"]),
        "communication": ratio(sums.communication_sum, counts["communication"]),
        "dispatch": ratio(sums.r_dispatch_ontime, counts["dispatch"], STARS),
        "delivery": ratio(sums.r_delivery_ontime, counts["delivery"], STARS),
    }
    uplifted = high_value and _is_uplifted(sums, rules, day)
    weights = part_weights(rules.high_value_weights if uplifted else rules.weights)
    rated = sums.described_n > 0 and is_rated_type(policy, store_type)
    shipping = [mean for mean in (means["dispatch"], means["delivery"]) if mean is not None]
    there = [(weights[name], mean) for name, mean in means.items() if mean is not None]
    return Rating(
        means=means,
        whole_weights=weights,
        counts=counts,
        marks=marks,
        uplifted=uplifted,
        shipping_exact=weighted_mean([(1, mean) for mean in shipping]) if shipping else None,
        exact=weighted_mean(there) if rated else None,
    )


def _is_uplifted(sums: RatingSums, rules: RatingRules, day: date) -> bool:
    """Whether the mean order of a high-value category is worth enough (SR-09)."""
    in_time = rules.high_value_until is None or day <= rules.high_value_until
    least = Fraction(rules.high_value_min_usd) * 100
    return in_time and sums.r_value_n > 0 and sums.r_value_cents_usd >= least * sums.r_value_n


@lru_cache(maxsize=64)
def part_weights(weights: RatingWeights) -> dict[str, int]:
    """The weights of the parts as whole numbers."""
    return whole_weights({name: getattr(weights, name) for name in PARTS})


def is_rated_type(policy: Policy, store_type: str) -> bool:
    """Whether stores of the type have a rating (SR-15); a type that no source gave is standard."""
    return not store_type or store_type in policy.rating.rated_store_types


def rescaled(weights: Mapping[str, int] | Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Weights scaled to sum to 1; empty stays empty."""
    whole = sum(weights.values(), Fraction())
    return {name: Fraction(weight) / whole for name, weight in weights.items()}


@dataclass(frozen=True, slots=True)
class TierStatus:
    """The tier of a rating and how far the next one up and the loss of this one are (SR-05). ``to_next`` is None at
    the top; ``above_threshold`` is the distance to the threshold of this tier, None in the lowest."""

    code: str
    name_en: str
    name_zh: str
    at_least: Fraction
    next_code: str | None
    to_next: Fraction | None
    above_threshold: Fraction | None


def tier_of(score: Fraction, policy: Policy) -> TierStatus:
    """The tier of an unrounded rating (MX-06, SR-05)."""
    ladder = sorted(policy.rating.tiers, key=lambda tier: tier.at_least, reverse=True)
    place = next(index for index, tier in enumerate(ladder) if score >= Fraction(tier.at_least))
    tier = ladder[place]
    above = ladder[place - 1] if place else None
    lowest = place == len(ladder) - 1
    return TierStatus(
        code=tier.code,
        name_en=tier.name_en,
        name_zh=tier.name_zh,
        at_least=Fraction(tier.at_least),
        next_code=above.code if above else None,
        to_next=Fraction(above.at_least) - score if above else None,
        above_threshold=None if lowest else score - Fraction(tier.at_least),
    )
