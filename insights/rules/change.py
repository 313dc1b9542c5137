"""What changed between two days of a rating (MX-16, SR-12): parts that sum exactly to the change. Pure.

Of a mean, an order that enters adds (x − m_old) ÷ n_new, one that leaves takes it away; times the part's weight of the
new day that is its effect on the rating. What weights did (a part that came or went, the uplift) is a line of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from metrics.rules.rating import PARTS, STARS, Rating

# Stars that one unit of a part's sum is worth: sums of the first two are stars, of the others orders on time.
WORTH = {"described": 1, "communication": 1, "dispatch": STARS, "delivery": STARS}


@dataclass(frozen=True, slots=True)
class Flow:
    """What entered a part's window and what left it: number of orders and sum of what they are worth, in stars."""

    entered_n: int
    entered_sum: int
    left_n: int
    left_sum: int


@dataclass(frozen=True, slots=True)
class PartChange:
    """The effect of one part on the rating: of what entered, of what left, and of marks for unconfirmed dispatches."""

    part: str
    entered: Fraction
    left: Fraction
    marks: Fraction

    @property
    def effect(self) -> Fraction:
        return self.entered + self.left + self.marks


@dataclass(frozen=True, slots=True)
class RatingChange:
    """The whole change and what it is made of; ``weights`` is what no order did."""

    old: Fraction
    new: Fraction
    parts: tuple[PartChange, ...]
    weights: Fraction

    @property
    def change(self) -> Fraction:
        return self.new - self.old


def change_of(old: Rating, new: Rating, flows: Mapping[str, Flow]) -> RatingChange | None:
    """The change from one day's rating to another's; None where one of them is not rated."""
    if old.score is None or new.score is None:
        return None
    parts = tuple(
        _part_change(name, old, new, flows[name])
        for name in PARTS
        if old.parts[name] is not None and new.parts[name] is not None
    )
    rest = new.score - old.score - sum((part.effect for part in parts), Fraction())
    return RatingChange(old.score, new.score, parts, rest)


def _part_change(name: str, old: Rating, new: Rating, flow: Flow) -> PartChange:
    mean = old.parts[name]
    assert mean is not None
    unit = unit_effect(new, name)
    marks = new.marks - old.marks if name == "dispatch" else 0
    return PartChange(
        part=name,
        entered=unit * (flow.entered_sum - flow.entered_n * mean),
        left=-unit * (flow.left_sum - flow.left_n * mean),
        marks=-unit * marks * mean,
    )


def unit_effect(new: Rating, part: str) -> Fraction:
    """What one star of one order moves the rating by: weight ÷ n of the new day."""
    return new.weights[part] / new.counts[part]
