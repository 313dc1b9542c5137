"""The forecast (MX-14) a second time: days ahead as facts in fractions, judged like any other day.

What enters on a day ahead is what stands in its facts, filled up to the daily mean of the pace, the last 28 days (fewer
in a younger store). The rest of the computation is that of `scores`: a forecast is right when it equals the score of a
world in which these fractions happened.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import date, timedelta
from fractions import Fraction

from .catalogue import METRICS, Terms
from .scores import Score, has_feeds, score, window_sum
from .world import World

PACE_DAYS = 28
# Ratios of counters: failures and what they are failures of. Own work fails as it stands if nothing is done.
RATING_PARTS = (
    ("described_sum", "described_n"),
    ("communication_sum", "communication_n"),
    ("r_dispatch_ontime", "r_dispatch_n"),
    ("r_delivery_ontime", "r_delivery_n"),
)
OWN_WORK = {"late_dispatch", "reply_missed"}
Lost = Callable[[str, date, int], int]


def forecast(world: World, store_no: str, code: str, day: date, days: int, course: str, lost: Lost) -> list[Score]:
    """A metric on each of the ``days`` days after ``day`` along a course (nothing, in_time, pace). ``lost``: how many
    of a metric's own failures on a day no course can save."""
    policy = world.policy(day, METRICS[code].calendar)
    weights = {"shs": policy.shs_weights, "sla": policy.sla_weights}.get(code, ())
    parts = [name for name, _weight in weights] or [code]
    future = copy(world)
    future.facts = {key: dict(counters) for key, counters in world.facts.items() if key[0] == store_no}
    for part in parts:
        if has_feeds(world, METRICS[part]):
            fill(future, world, store_no, part, day, days, course, lost)
    return [score(future, store_no, code, day + timedelta(days=ahead)) for ahead in range(1, days + 1)]


def fill(future: World, world: World, store_no: str, code: str, day: date, days: int, course: str, lost: Lost) -> None:
    """Put what enters of a metric's counters on each day ahead."""
    metric = METRICS[code]
    age = world.stores[store_no].age(day, metric.calendar)
    pace = PACE_DAYS if age is None else max(1, min(PACE_DAYS, age + 1))
    for ahead in range(1, days + 1):
        then = day + timedelta(days=ahead)
        facts = future.facts.setdefault((store_no, then), {})
        if metric.kind == "score":
            for upper, lower in RATING_PARTS:
                pair = (((1, upper),), ((1, lower),))
                up, low = entering(world, store_no, pair, day, pace, then)
                facts[upper], facts[lower] = up, low
            facts["unconfirmed"] = unconfirmed(world, store_no, day, pace, then, course, lost)
            continue
        pair = failures_of(code)
        if code not in OWN_WORK:
            up, low = at_pace(world, store_no, pair, day, pace, then)
        else:
            up, low = own(world, store_no, code, day, pace, then, course, lost)
        write(facts, code, up, low)


def failures_of(code: str) -> tuple[Terms, Terms]:
    return METRICS[code].upper, METRICS[code].denominator


def usual(world: World, store_no: str, terms: Terms, day: date, pace: int) -> int:
    return window_sum(world, store_no, terms, day, pace)


def expected(
    world: World, store_no: str, pair: tuple[Terms, Terms], day: date, pace: int, number: Fraction
) -> Fraction:
    """The upper part that usually goes with ``number`` of the lower."""
    upper, lower = (usual(world, store_no, terms, day, pace) for terms in pair)
    return Fraction(upper, lower) * number if lower else Fraction(upper, pace)


def entering(
    world: World, store_no: str, pair: tuple[Terms, Terms], day: date, pace: int, then: date
) -> tuple[Fraction, Fraction]:
    """What stands is settled; only what is missing to a usual day goes at the pace."""
    standing_upper, standing = (window_sum(world, store_no, terms, then, 1) for terms in pair)
    lower = max(Fraction(standing), Fraction(usual(world, store_no, pair[1], day, pace), pace))
    return standing_upper + expected(world, store_no, pair, day, pace, lower - standing), lower


def at_pace(
    world: World, store_no: str, pair: tuple[Terms, Terms], day: date, pace: int, then: date
) -> tuple[Fraction, Fraction]:
    """Others decide: all of it goes at the pace."""
    standing = window_sum(world, store_no, pair[1], then, 1)
    lower = max(Fraction(standing), Fraction(usual(world, store_no, pair[1], day, pace), pace))
    return expected(world, store_no, pair, day, pace, lower), lower


def own(
    world: World, store_no: str, code: str, day: date, pace: int, then: date, course: str, lost: Lost
) -> tuple[Fraction, Fraction]:
    """What is lost fails, what is open as the course says, what is new at the pace."""
    pair = failures_of(code)
    failures, standing = (window_sum(world, store_no, terms, then, 1) for terms in pair)
    gone = min(lost(code, then, failures), failures)
    upper, lower = (usual(world, store_no, terms, day, pace) for terms in pair)
    rate = min(Fraction(upper, lower), Fraction(1)) if lower else Fraction(0)
    part = {"nothing": Fraction(1), "in_time": Fraction(0), "pace": rate}[course]
    number = max(Fraction(standing), Fraction(lower, pace))
    new = expected(world, store_no, pair, day, pace, number - standing)
    return gone + part * (failures - gone) + new, number


def unconfirmed(world: World, store_no: str, day: date, pace: int, then: date, course: str, lost: Lost) -> Fraction:
    """Missed confirmations: at least the usual number if nothing is done, that many fewer if all is."""
    terms: Terms = ((1, "unconfirmed"),)
    standing = window_sum(world, store_no, terms, then, 1)
    gone = min(lost("shipping", then, standing), standing)
    mean = max(Fraction(usual(world, store_no, terms, day, pace), pace) - gone, Fraction(0))
    left = standing - gone
    return gone + {"nothing": max(Fraction(left), mean), "in_time": max(mean - left, Fraction(0)), "pace": mean}[course]


def write(facts: dict[str, Fraction | int], code: str, upper: Fraction, lower: Fraction) -> None:
    """Share a metric's failures and denominator out to counters that add up to them."""
    tops, bottoms = ([name for _sign, name in terms] for terms in failures_of(code))
    for place, name in enumerate(tops):
        facts[name] = upper if place == 0 else Fraction(0)
    others = [name for name in bottoms if name not in tops]
    rest = lower - (upper if len(others) < len(bottoms) else 0)
    for place, name in enumerate(others):
        facts[name] = rest if place == 0 else Fraction(0)
