"""The page that dispatches many parcels at once: lines and their results side by side (PG-06)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.pages.addresses import address_maker
from core.pages.components import Banner, Tab
from dashboard.presenters.dispatch_findings import FaultRow, fault_rows
from dashboard.queries.dispatch import CheckedLine, DispatchCheck
from dashboard.rules.dispatch_lines import MOST_LINES, split_lines
from orders.commands.dispatching import DispatchResult
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store

PASTE, FILE, SCAN = "paste", "file", "scan"
FEWEST_ROWS = 8


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line beside its place in the box; without a ``level`` it is blank or a heading."""

    place: int
    order_no: str = ""
    carrier: str = ""
    tracking_no: str = ""
    level: str = ""
    word: str = ""
    text: str = ""
    faults: Sequence[FaultRow] = ()


@dataclass(frozen=True, slots=True)
class SentRow:
    """An order that was dispatched."""

    order_no: str
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Lines that can go without and with warnings, that have to be mended, and that went before."""

    ready: int
    risky: int
    faulty: int
    shipped: int

    @property
    def sendable(self) -> int:
        """The lines that can go."""
        return self.ready + self.risky


@dataclass(frozen=True, slots=True)
class DispatchInput:
    """What was entered: the lines, the carrier of those that name none, and the order that was scanned last."""

    way: str
    text: str
    carrier: str = ""
    scanned: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class DispatchPage:
    """What templates/dashboard/dispatch.html reads; ``copy``: the lines that can go, to be entered on the platform that
    a mirrored store belongs to."""

    nav: dict[str, Any]
    store: Store
    url: str
    back_url: str
    given: DispatchInput
    ways: list[Tab]
    box_rows: int
    most: int
    carriers: list[tuple[str, str]]
    lines: list[LineRow]
    counts: Counts
    banners: list[Banner]
    sent: list[SentRow]
    mirrored: bool
    copy: str


def dispatch_page_of(
    request: StoreRequest, given: DispatchInput, check: DispatchCheck, results: Sequence[DispatchResult] = ()
) -> DispatchPage:
    """The page with what was entered, checked; ``results``: what has just been dispatched."""
    store = request.store
    url = reverse("dashboard:dispatch", args=[store.store_no])
    address = address_maker("dashboard:order", store.store_no)
    mirrored = store.mode == Store.Mode.MIRRORED
    lines = list(_line_rows(check, address, reverse("dashboard:carrier_register", args=[store.store_no])))
    return DispatchPage(
        nav=nav(request, current="orders"),
        store=store,
        url=url,
        back_url=f"{reverse('dashboard:orders', args=[store.store_no])}?tab=ship",
        given=given,
        ways=_ways(url, given.way),
        box_rows=max(FEWEST_ROWS, len(check.lines) + 1),
        most=MOST_LINES,
        carriers=list(check.carriers.items()),
        lines=lines,
        counts=_counts(check, lines),
        banners=list(_banners(given, results, mirrored)),
        sent=[SentRow(one.row.order_no, address(one.row.order_no), str(one.outcome)) for one in results if one.holds],
        mirrored=mirrored,
        copy=_copy(check) if mirrored else "",
    )


def _ways(url: str, way: str) -> list[Tab]:
    labels = {PASTE: _("Paste"), FILE: _("File"), SCAN: _("Barcode scanner")}
    return [Tab(label, url if one == PASTE else f"{url}?by={one}", one == way) for one, label in labels.items()]


def _line_rows(check: DispatchCheck, address: Callable[[str], str], register_url: str) -> Iterator[LineRow]:
    going = {one.line.place for one in check.sendable()}
    for line in check.lines:
        one = check.checked.get(line.place)
        if one is None:
            yield LineRow(line.place, word=_("headings") if line.is_heading else "")
        else:
            faults = tuple(fault_rows(one, check.carriers, address, register_url))
            yield _line_row(one, check, faults, goes=line.place in going)


def _line_row(one: CheckedLine, check: DispatchCheck, faults: tuple[FaultRow, ...], *, goes: bool) -> LineRow:
    level, word, text = "ok", _("can go"), ""
    if one.shipped:
        level, word, text = "info", _("dispatched already"), _("This parcel is on record.")
    elif one.blocked:
        level, word = "red", ""
    elif not goes:
        level, word, text = "few", _("waits"), _("Another line of this order has to be mended first.")
    elif faults:
        level, word = "yellow", ""
    return LineRow(
        one.line.place,
        one.line.order_no,
        check.carriers.get(one.carrier, one.line.carrier),
        one.line.tracking_no,
        level,
        word,
        text,
        () if one.shipped else faults,
    )


def _counts(check: DispatchCheck, lines: Sequence[LineRow]) -> Counts:
    levels = [line.level for line in lines]
    return Counts(
        ready=levels.count("ok"),
        risky=levels.count("yellow"),
        faulty=levels.count("red") + levels.count("few"),
        shipped=levels.count("info"),
    )


def _banners(given: DispatchInput, results: Sequence[DispatchResult], mirrored: bool) -> Iterator[Banner]:
    if given.refusal:
        yield Banner("red", _("The file was not read"), given.refusal)
    if len(split_lines(given.text)) > MOST_LINES:
        most = {"most": MOST_LINES}
        yield Banner("yellow", "", _("Only the first %(most)s lines are checked; the others wait in the box.") % most)
    if mirrored:
        text = _(
            "Another platform keeps this store's orders. Check the numbers here and enter them there; the next import "
            "brings what happened."
        )
        yield Banner("info", "", text)
    late = [one for one in results if one.outcome is not None and not one.holds]
    for one in late:
        yield Banner("red", "", str(one.outcome))


def _copy(check: DispatchCheck) -> str:
    return "\n".join(
        "\t".join((one.line.order_no, check.carriers.get(one.carrier, one.carrier), one.line.tracking_no))
        for one in check.sendable()
    )
