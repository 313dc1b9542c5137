"""The smallest change that brings a rating back to its threshold (BX-16). Pure, exact, by integers.

A rating is the weighted mean of parts, each a sum over a count (SR-01). Leaving an order out takes its stars and its
review from two parts, and makes its dispatch or delivery count as on time. For given numbers of reviews that leave, all
counts are fixed and the rating is linear in what else changes, so the largest gains are the best choice; the numbers
of reviews are few enough to try each.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, product
from math import prod

from insights.rules.smallest_change import Cost

Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the rating: ``factor`` · ``total`` ÷ ``count``, with its whole-number ``weight``."""

    total: int
    count: int
    weight: int
    factor: int = 1


@dataclass(frozen=True, slots=True)
class FailingRated:
    """An order that pulls the rating down: by how much the totals and counts of parts fall without it (a total that
    rises falls by less than 0), and what that takes."""

    key: int
    cost: Cost
    totals: Mapping[str, int]
    counts: Counts = ()


@dataclass(frozen=True, slots=True)
class RatingChange:
    """``chosen``: the fewest orders that bring the rating to its threshold, of the cheapest kinds that need no more;
    None in ``after`` where no part is left."""

    chosen: tuple[FailingRated, ...]
    suffices: bool
    after: Fraction | None


def rating_of(parts: Mapping[str, Part], some: Iterable[FailingRated] = ()) -> Fraction | None:
    """The weighted mean of the parts that have data, without some orders."""
    there = {name: part for name, part in _without(parts, some).items() if part.count > 0}
    weights = sum(part.weight for part in there.values())
    if not weights:
        return None
    return sum((Fraction(p.weight * p.factor * p.total, p.count) for p in there.values()), Fraction()) / weights


def smallest_rating_change(parts: Mapping[str, Part], least: Fraction, failing: Sequence[FailingRated]) -> RatingChange:
    """The smallest change that brings a rating to at least ``least``; empty where it is there, or where nothing brings
    it there. No part may lose all of its count."""
    able = [one for one in failing if one.cost is not Cost.WAIT]
    best = _fewest(parts, least, able)
    if best is None:
        return RatingChange((), False, rating_of(parts))
    for dearest in (Cost.ACT, Cost.READY, Cost.APPEAL):
        cheaper = _fewest(parts, least, [one for one in able if one.cost <= dearest])
        if cheaper is not None and len(cheaper) == len(best):
            best = cheaper
            break
    return RatingChange(tuple(best), True, rating_of(parts, best))


def _fewest(parts: Mapping[str, Part], least: Fraction, able: Sequence[FailingRated]) -> list[FailingRated] | None:
    by_counts: dict[Counts, list[FailingRated]] = {}
    for one in able:
        by_counts.setdefault(one.counts, []).append(one)
    leaving = {counts: group for counts, group in by_counts.items() if counts}
    best: list[FailingRated] | None = None
    for numbers in product(*(range(len(group) + 1) for group in leaving.values())):
        taken = dict(zip(leaving, numbers, strict=True))
        if best is not None and sum(numbers) >= len(best):
            continue
        found = _with_numbers(parts, least, by_counts, taken)
        if found is not None and (best is None or len(found) < len(best)):
            best = found
    return best


def _with_numbers(
    parts: Mapping[str, Part],
    least: Fraction,
    by_counts: Mapping[Counts, Sequence[FailingRated]],
    taken: Mapping[Counts, int],
) -> list[FailingRated] | None:
    """The fewest orders where so many of each kind leave the counts; None where they don't suffice."""
    counts = {name: part.count for name, part in parts.items()}
    for changed, number in taken.items():
        for name, fall in changed:
            counts[name] -= number * fall
    if any(counts[name] <= 0 < part.count for name, part in parts.items()):
        return None
    there = [name for name, part in parts.items() if part.count > 0]
    common = prod(counts[name] for name in there)
    scale = {name: parts[name].weight * parts[name].factor * (common // counts[name]) for name in there}

    def gain(one: FailingRated) -> int:
        return -sum(scale[name] * fall for name, fall in one.totals.items() if name in scale)

    value = sum(scale[name] * parts[name].total for name in there)
    weights = sum(parts[name].weight for name in there)
    lacking = least.numerator * weights * common - value * least.denominator
    chosen = [one for kind, number in taken.items() for one in _best(by_counts[kind], gain)[:number]]
    lacking -= least.denominator * sum(map(gain, chosen))
    free = [one for one in _best(by_counts.get((), ()), gain) if gain(one) > 0]
    sums = accumulate((least.denominator * gain(one) for one in free), initial=0)
    size = next((place for place, reached in enumerate(sums) if reached >= lacking), None)
    return None if size is None else [*chosen, *free[:size]]


def _best(group: Sequence[FailingRated], gain: Callable[[FailingRated], int]) -> list[FailingRated]:
    return sorted(group, key=gain, reverse=True)


def _without(parts: Mapping[str, Part], some: Iterable[FailingRated]) -> dict[str, Part]:
    found = dict(parts)
    for one in some:
        for name, (total, count) in _falls(one):
            part = found[name]
            found[name] = Part(part.total - total, part.count - count, part.weight, part.factor)
    return found


def _falls(one: FailingRated) -> Iterator[tuple[str, tuple[int, int]]]:
    counts = dict(one.counts)
    for name in {**one.totals, **counts}:
        yield name, (one.totals.get(name, 0), counts.get(name, 0))
