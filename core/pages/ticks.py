"""Positions and labels of the ticks of a chart's axes: round steps, each label once."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from math import ceil, floor

from core.pages import formats

ROUND = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))
# Days and weeks, so that a tick a week on falls on the same weekday.
DAY_STEPS = (1, 2, 7, 14, 28, 56, 112, 364)
Tick = tuple[float, str]


def number_ticks(low: float, high: float, most: int, *, percent: bool = False, whole: bool = False) -> list[Tick]:
    """At most ``most`` round numbers from ``low`` to ``high`` with their labels, which have as many decimals as tell
    neighbours apart; ``percent``: the numbers are shares; ``whole``: of things that are counted."""
    scale = 100 if percent else 1
    bottom, top = (Decimal(repr(end)) * scale for end in (low, high))
    step = _step((top - bottom) / most, whole=whole)
    places = max(0, -int(step.normalize().as_tuple().exponent))
    unit = formats.NBSP + "%" if percent else ""
    numbers = [step * count for count in range(ceil(bottom / step), floor(top / step) + 1)]
    return [(float(number / scale), formats.grouped(formats.half_up(number, places)) + unit) for number in numbers]


def _step(least: Decimal, *, whole: bool) -> Decimal:
    """The smallest round step that is no shorter."""
    power = Decimal(1).scaleb(least.adjusted()) if least > 0 else Decimal(1)
    step = next(power * one for one in ROUND if power * one >= least)
    return max(step, Decimal(1)) if whole else step


def day_ticks(first: date, last: date, most: int) -> list[date]:
    """At most ``most`` days an even step apart, the last of them ``last``."""
    span = (last - first).days
    step = next((one for one in DAY_STEPS if span // one < most), span or 1)
    return [last - timedelta(days=back) for back in range(span - span % step, -1, -step)]


def fewer(days: Sequence[date], apart: float) -> list[date]:
    """Every second of the ticks, or every third and so on, so that they are at least so many days apart; the last
    stays."""
    step = (days[-1] - days[-2]).days if len(days) > 1 else 1
    return list(days)[:: -max(1, ceil(apart / step))][::-1]
