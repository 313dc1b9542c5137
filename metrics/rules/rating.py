"""The store rating (SR-01, SR-05, SR-09): four parts, weighted, exact."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from metrics.rules.values import ratio
from rulebook.policy import Policy
from rulebook.policy.core import RatingWeights

STARS = 5
PARTS = ("described", "communication", "dispatch", "delivery")


@dataclass(frozen=True, slots=True)
class RatingSums:
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


@dataclass(frozen=True, slots=True)
class Rating:
    """The parts (None without data), their weights after rescaling, and what comes of them. ``score`` is None where
    the store is not yet rated or of a type without a rating (SR-15); the parts are there all the same."""

    parts: Mapping[str, Fraction | None]
    weights: Mapping[str, Fraction]
    counts: Mapping[str, int]
    marks: int
    uplifted: bool
    shipping: Fraction | None
    score: Fraction | None

    @property
    def shipping_count(self) -> int:
        """The denominator of the shipping dimension (assumption: the larger of its two parts')."""
        return max(self.counts["dispatch"], self.counts["delivery"])


def rate(sums: RatingSums, policy: Policy, *, high_value: bool, store_type: str, confirmed: bool, day: date) -> Rating:
    """SR-01 from the sums of the window. ``confirmed``: the store has the feed confirmations (TM-02); ``high_value``:
    its primary category is flagged so (SR-09)."""
    rules = policy.rating
    marks = sums.unconfirmed // rules.marks_per if confirmed else 0
    counts = {
        "described": sums.described_n,
        "communication": sums.communication_n,
        "dispatch": sums.r_dispatch_n + marks,
        "delivery": sums.r_delivery_n,
    }
    parts = {
        "described": ratio(sums.described_sum, counts["described"]),
        "communication": ratio(sums.communication_sum, counts["communication"]),
        "dispatch": ratio(sums.r_dispatch_ontime, counts["dispatch"], STARS),
        "delivery": ratio(sums.r_delivery_ontime, counts["delivery"], STARS),
    }
    in_time = rules.high_value_until is None or day <= rules.high_value_until
    uplifted = high_value and in_time and sums.r_value_n > 0 and _is_dear(sums, rules.high_value_min_usd)
    chosen = rules.high_value_weights if uplifted else rules.weights
    weights = _weights(chosen, tuple(name for name in PARTS if parts[name] is not None))
    shipping = [part for part in (parts["dispatch"], parts["delivery"]) if part is not None]
    rated = sums.described_n > 0 and is_rated_type(policy, store_type)
    return Rating(
        parts=parts,
        weights=weights,
        counts=counts,
        marks=marks,
        uplifted=uplifted,
        shipping=sum(shipping, Fraction()) / len(shipping) if shipping else None,
        score=sum((weights[name] * part for name, part in parts.items() if part is not None), Fraction())
        if rated
        else None,
    )


def _is_dear(sums: RatingSums, least_usd: Decimal) -> bool:
    """Whether the mean order is worth so much (SR-09)."""
    return sums.r_value_cents_usd >= Fraction(least_usd) * 100 * sums.r_value_n


@lru_cache(maxsize=256)
def _weights(chosen: RatingWeights, present: tuple[str, ...]) -> Mapping[str, Fraction]:
    """The weights of the parts that are there: a handful for all stores and days."""
    return rescaled({name: Fraction(getattr(chosen, name)) for name in present})


def is_rated_type(policy: Policy, store_type: str) -> bool:
    """Whether stores of the type have a rating (SR-15); a type that no source gave is standard."""
    return not store_type or store_type in policy.rating.rated_store_types


def rescaled(weights: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Weights scaled to sum to 1; empty stays empty."""
    whole = sum(weights.values(), Fraction())
    return {name: weight / whole for name, weight in weights.items()}


@dataclass(frozen=True, slots=True)
class TierStanding:
    """The tier of a rating and how far the next one up and the loss of this one are (SR-05). ``to_next`` is None at
    the top; ``above_line`` is the distance to the line of this tier, None in the lowest."""

    code: str
    name_en: str
    name_zh: str
    at_least: Fraction
    next_code: str | None
    to_next: Fraction | None
    above_line: Fraction | None


def tier_of(score: Fraction, policy: Policy) -> TierStanding:
    """The tier of an unrounded rating (MX-06, SR-05)."""
    ladder = sorted(policy.rating.tiers, key=lambda tier: tier.at_least, reverse=True)
    place = next(index for index, tier in enumerate(ladder) if score >= Fraction(tier.at_least))
    tier = ladder[place]
    above = ladder[place - 1] if place else None
    lowest = place == len(ladder) - 1
    return TierStanding(
        code=tier.code,
        name_en=tier.name_en,
        name_zh=tier.name_zh,
        at_least=Fraction(tier.at_least),
        next_code=above.code if above else None,
        to_next=Fraction(above.at_least) - score if above else None,
        above_line=None if lowest else score - Fraction(tier.at_least),
    )
