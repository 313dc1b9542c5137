"""The smallest change that brings a metric back, in words and as a strip of cells (BX-16)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from core.pages import formats
from core.templatetags.ui import sentences
from dashboard.queries.what_now import WhatNow
from insights.queries.status import MetricStatus
from insights.rules.smallest_change import Cost, SmallestChange
from insights.rules.smallest_rating_change import RatingChange
from metrics import words
from metrics.catalogue import Kind
from notifications.models import Notice

# More failures than this are drawn as one bar per kind instead of a cell each.
MOST_CELLS = 120
CELL = 10
GAP = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """A rectangle of the strip, in its units: ``kind`` past, open, claim or chosen."""

    x: int
    width: int
    kind: str


@dataclass(frozen=True, slots=True)
class Legend:
    """What a colour of the strip stands for."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class RescuePart:
    """The smallest change: a sentence, how it works out, and a strip with a cell per failing order. Everything right of
    ``limit`` has to go; ``width``: of the whole strip."""

    say: str
    how: str
    cells: list[Cell]
    width: int
    limit: int
    allowed: str
    over: str
    label: str
    legend: list[Legend]


def rescue_part(notice: Notice, status: MetricStatus, now: WhatNow) -> RescuePart | None:
    """The smallest change that brings the metric back; None where it can't be told in orders."""
    change = now.change
    if change is None:
        return None
    parts = _parts(now, change)
    most = sum(parts.values()) - len(change.chosen) if change.suffices else max(sum(parts.values()) - _over(change), 0)
    cells, width, step = _cells(parts)
    return RescuePart(
        say=_say(notice, status, now, change),
        how=sentences(_how_sentences(status, now, change)),
        cells=cells,
        width=width,
        limit=most * step if _over(change) else width,
        allowed=_allowed(most) if _over(change) and isinstance(change, SmallestChange) else "",
        over=_must_go(_over(change)) if _over(change) else "",
        label=sentences(legend.text + _(".") for legend in _legend(parts)),
        legend=_legend(parts),
    )


def _over(change: SmallestChange | RatingChange) -> int:
    """How many failures have to go: those that suffice, else as many as excluded orders would have to be."""
    if change.suffices or isinstance(change, RatingChange):
        return len(change.chosen)
    share = change.after
    excess = share.excess + sum(share.gain(one) for one in change.chosen)
    return -(-excess // share.allowed.denominator)


def _parts(now: WhatNow, change: SmallestChange | RatingChange) -> dict[str, int]:
    """How many failures are of each kind, from left to right."""
    chosen = {one.key for one in change.chosen}
    able = sum(one.cost is not Cost.WAIT and one.key not in chosen for one in now.failing)
    past = len(now.failing) - len(chosen) - able - now.acting_cells
    parts = {"past": max(past, 0), "open": now.acting_cells, "claim": able, "chosen": len(chosen)}
    return {kind: number for kind, number in parts.items() if number}


def _cells(parts: Mapping[str, int]) -> tuple[list[Cell], int, int]:
    """The rectangles, the whole width, and how wide one failure is."""
    total = sum(parts.values())
    each = [kind for kind, number in parts.items() for _one in range(number)]
    if total <= MOST_CELLS:
        return [Cell(place * CELL, CELL - GAP, kind) for place, kind in enumerate(each)], total * CELL, CELL
    cells, x = [], 0
    for kind, number in parts.items():
        cells.append(Cell(x, number, kind))
        x += number
    return cells, total, 1


def _legend(parts: Mapping[str, int]) -> list[Legend]:
    named = {
        "past": ngettext_lazy("%(count)s is past", "%(count)s are past", "count"),
        "open": ngettext_lazy("%(count)s is still open", "%(count)s are still open", "count"),
        "claim": ngettext_lazy("%(count)s can be appealed", "%(count)s can be appealed", "count"),
    }
    counts = {"past": parts.get("past", 0), "open": parts.get("open", 0)}
    counts["claim"] = parts.get("claim", 0) + parts.get("chosen", 0)
    return [Legend(kind, str(named[kind] % {"count": number})) for kind, number in counts.items() if number]


def _allowed(most: int) -> str:
    text = ngettext("%(count)s at most within the threshold", "%(count)s at most within the threshold", most)
    return text % {"count": formats.number(most)}


def _must_go(count: int) -> str:
    text = ngettext("this %(count)s has to go", "these %(count)s have to go", count)
    return text % {"count": formats.number(count)}


def _line(notice: Notice, status: MetricStatus) -> str:
    threshold = status.result.red if notice.level == "red" else status.result.yellow
    return words.threshold_text(threshold, status.unit) if threshold is not None else ""


def _say(notice: Notice, status: MetricStatus, now: WhatNow, change: SmallestChange | RatingChange) -> str:
    line, count = _line(notice, status), len(change.chosen)
    if change.suffices and not count:
        return _("The metric is within %(line)s at present.") % {"line": line}
    if change.suffices:
        text = ngettext(
            "%(count)s order not counted brings you back within %(line)s",
            "%(count)s orders not counted bring you back within %(line)s",
            count,
        )
        return text % {"count": formats.number(count), "line": line}
    able = sum(one.cost is not Cost.WAIT for one in now.failing)
    if able:
        text = ngettext(
            "%(count)s order can be appealed: that alone does not bring you back within %(line)s",
            "%(count)s orders can be appealed: that alone does not bring you back within %(line)s",
            able,
        )
        return text % {"count": formats.number(able), "line": line}
    return _("No order can be taken out now: only time brings you back within %(line)s") % {"line": line}


def _how_sentences(status: MetricStatus, now: WhatNow, change: SmallestChange | RatingChange) -> Iterator[str]:
    if change.chosen:
        yield _("Once they are accepted: %(sum)s.") % {"sum": _sum_of(status, change)}
    able = sum(one.cost is not Cost.WAIT for one in now.failing)
    ready = sum(one.cost is Cost.READY for one in now.failing)
    if able:
        text = ngettext(
            "%(able)s can be appealed, with all evidence there for %(ready)s.",
            "%(able)s can be appealed, with all evidence there for %(ready)s of them.",
            able,
        )
        yield text % {"able": formats.number(able), "ready": formats.number(ready)}
    if isinstance(change, RatingChange):
        return
    if change.with_chosen_days and change.chosen:
        yield _("With them, and no new failure, the evaluation of %(day)s is within it at the earliest.") % {
            "day": _day_in(status, change.with_chosen_days)
        }
    if change.wait_days:
        yield _("By waiting alone, without a new failure, the evaluation of %(day)s at the earliest.") % {
            "day": _day_in(status, change.wait_days)
        }


def _day_in(status: MetricStatus, days: int) -> str:
    return formats.day(status.result.day + timedelta(days=days))


def _sum_of(status: MetricStatus, change: SmallestChange | RatingChange) -> str:
    """``12 ÷ 272 = 4.41 %``; for a floor ``(272 − 12) ÷ 272``; of a rating its value."""
    if isinstance(change, RatingChange):
        return words.value_text(change.after, status.unit, status.thresholds)
    after = change.after
    failures, whole = formats.number(after.failures), formats.number(after.denominator)
    if not after.denominator:
        return f"{failures} ÷ {whole}"
    share = formats.exact(after.failures) / after.denominator
    if status.metric.kind == Kind.FLOOR:
        value = words.value_text(1 - share, status.unit, status.thresholds)
        return f"({whole} − {failures}) ÷ {whole} = {value}"
    return f"{failures} ÷ {whole} = {words.value_text(share, status.unit, status.thresholds)}"
