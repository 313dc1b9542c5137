"""The problem orders of a metric to be ticked in what-if, and those that are ticked (BX-04)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy

from dashboard.forms.problems import ProblemFilter
from dashboard.presenters.problems import OrderRow, filter_names, list_row
from dashboard.presenters.whatif.presets import PRESET, PresetLink, preset_links
from dashboard.presenters.whatif_links import exclusion_of
from dashboard.queries.whatif import TickList
from insights.queries.whatif.ticked_orders import EXCLUDE, EXCLUDE_DISPUTE, EXCLUDE_REVIEW, KINDS, PREVENT, Chosen
from metrics.catalogue import problem_counters
from metrics.queries.problems import ProblemRow
from stores.models import Store

TICKED_WORDS: Mapping[str, Any] = {
    EXCLUDE: gettext_lazy("%(number)s excluded"),
    EXCLUDE_REVIEW: gettext_lazy("review of %(number)s excluded"),
    EXCLUDE_DISPUTE: gettext_lazy("disputes of %(number)s excluded"),
    PREVENT: gettext_lazy("%(number)s prevented"),
}
EARLIER, LATER = "e:", "l:"


@dataclass(frozen=True, slots=True)
class Tick:
    """A box to tick, or a tick: the kind of supposition, the order's number, what it says."""

    kind: str
    number: str
    text: str
    on: bool


@dataclass(frozen=True, slots=True)
class TickRow:
    """A problem order with its boxes; None stands for a box that the order has in a row above."""

    problem: OrderRow
    ticks: list[Tick | None]


@dataclass(frozen=True, slots=True)
class OrdersPart:
    """What templates/dashboard/_what_if_orders.html reads. ``ticked``: the ticks that no row shows; ``place``: of the
    shown page in the list."""

    rows: list[TickRow]
    presets: list[PresetLink]
    form: ProblemFilter
    filtered: bool
    total: int
    more: bool
    place: str
    earlier: str
    later: str
    ticked: list[Tick]
    tick_all_url: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list of a metric: ``earlier`` or ``later`` is its cursor. In the list of another metric it means
    nothing."""

    text: str = ""
    earlier: str = ""
    later: str = ""

    @classmethod
    def parse(cls, text: str, code: str) -> "Place":
        """Read ``metric:e:cursor``."""
        cursor = text.removeprefix(f"{code}:") if text.startswith(f"{code}:") else ""
        return cls(
            text if cursor else "",
            cursor.removeprefix(EARLIER) if cursor.startswith(EARLIER) else "",
            cursor.removeprefix(LATER) if cursor.startswith(LATER) else "",
        )


def orders_part(
    params: QueryDict, store: Store, code: str, form: ProblemFilter, found: TickList, chosen: Chosen, now: datetime
) -> OrdersPart:
    """The problem orders of a metric."""
    page, place = found.page, Place.parse(params.get("place", ""), code)
    rows = _rows(page.rows, store.store_no, filter_names(form), problem_counters(code), chosen, now)
    shown = {(tick.kind, tick.number) for row in rows for tick in row.ticks if tick}
    return OrdersPart(
        rows=rows,
        presets=preset_links(params, code, found.carriers),
        form=form,
        filtered=found.filtered,
        total=page.total,
        more=page.more,
        place=place.text if page.rows else "",
        earlier=f"{code}:{EARLIER}{page.earlier}" if page.earlier else "",
        later=f"{code}:{LATER}{page.later}" if page.later else "",
        ticked=[tick for tick in all_ticks(chosen) if (tick.kind, tick.number) not in shown],
        tick_all_url=_tick_all(params, rows, chosen),
    )


def all_ticks(chosen: Chosen) -> list[Tick]:
    """Everything that is ticked."""
    return [_tick(kind, number) for kind in KINDS for number in chosen.numbers[kind]]


def _tick(kind: str, number: str, *, on: bool = True) -> Tick:
    return Tick(kind, number, TICKED_WORDS[kind] % {"number": number}, on)


def _rows(
    found: Sequence[ProblemRow],
    store_no: str,
    names: Mapping[str, Mapping[str, str]],
    counters: Sequence[str],
    chosen: Chosen,
    now: datetime,
) -> list[TickRow]:
    rows: list[TickRow] = []
    seen: set[tuple[str, str]] = set()
    for one in found:
        ticks = _ticks_of(one, chosen)
        # An order that fails twice is ticked where it stands first.
        shown = [tick if (tick.kind, tick.number) not in seen else None for tick in ticks]
        seen |= {(tick.kind, tick.number) for tick in ticks}
        rows.append(TickRow(list_row(one, store_no, names, counters, now), shown))
    return rows


def _ticks_of(row: ProblemRow, chosen: Chosen) -> list[Tick]:
    """Excluded and prevented; none for a complaint, which is no order."""
    if row.order is None:
        return []
    number = row.order.order_no
    kinds = (exclusion_of(row.problem.counter), PREVENT)
    return [_tick(kind, number, on=number in chosen.numbers[kind]) for kind in kinds]


def _tick_all(params: QueryDict, rows: Sequence[TickRow], chosen: Chosen) -> str:
    """The address with every order of the page excluded besides, but for those that are prevented."""
    query = params.copy()
    query.pop(PRESET, None)
    for tick in (row.ticks[0] for row in rows if row.ticks):
        if tick and not tick.on and tick.number not in chosen.numbers[PREVENT]:
            query.appendlist(tick.kind, tick.number)
    return f"?{query.urlencode()}"
