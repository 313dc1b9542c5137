"""What the database says about pasted lines of dispatched parcels (PG-06, TM-18)."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from core.sql import dialect_of
from dashboard.rules.dispatch_lines import Line, read_lines, with_carrier
from intake.reading.headings import heading_key
from orders.commands.dispatching import DispatchRow, check_dispatch
from orders.models import Order
from orders.queries.number_checks import in_parts
from orders.queries.tabs import SELLER_SHIPS
from orders.rules.tracking_numbers import Code, Finding
from stores.models import Carrier, Store

# Unknown numbers for which one is looked for that is written alike, and the orders looked at for each.
MOST_UNKNOWN, MOST_NEAR = 20, 50
# So many of the last characters of a number may be wrong.
TAIL = 4
ALIKE = 0.6


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """A line with the code of its carrier, or what is written where none is known, and what speaks against it.

    ``shipped``: its order was dispatched before. ``nearest``: the order or carrier that may be meant.
    """

    line: Line
    carrier: str
    findings: Sequence[Finding]
    shipped: bool = False
    nearest: Mapping[Code, str] | None = None

    @property
    def blocked(self) -> bool:
        """Whether it can't be dispatched."""
        return any(finding.blocks for finding in self.findings)

    @property
    def row(self) -> DispatchRow:
        """What is dispatched."""
        return DispatchRow(self.line.order_no, self.carrier, self.line.tracking_no, self.line.place)


@dataclass(frozen=True, slots=True)
class DispatchCheck:
    """``lines``: all lines as pasted; ``checked``: those that are not blank, by place; ``carriers``: names by code."""

    lines: Sequence[Line]
    checked: Mapping[int, CheckedLine]
    carriers: Mapping[str, str]

    @property
    def shipped(self) -> frozenset[int]:
        """Places of the lines that were dispatched before."""
        return frozenset(place for place, one in self.checked.items() if one.shipped)

    def sendable(self) -> list[CheckedLine]:
        """The lines that can go, those with warnings included: all lines of an order wait for one that is blocked."""
        return self._without(lambda one: one.blocked)

    def safe(self) -> list[CheckedLine]:
        """The lines of orders of which none has a finding."""
        return self._without(lambda one: bool(one.findings))

    def _without(self, stops: Callable[[CheckedLine], bool]) -> list[CheckedLine]:
        stopped = {one.line.order_no for one in self.checked.values() if stops(one)}
        return [one for one in self.checked.values() if not one.shipped and one.line.order_no not in stopped]


def check_lines(store: Store, text: str, carrier: str) -> DispatchCheck:
    """Check a pasted text; ``carrier`` is that of lines that name none. A fixed number of queries, three more for each
    500 lines, and one for each of up to MOST_UNKNOWN orders that nobody knows."""
    names = dict(Carrier.objects.order_by("name").values_list("code", "name"))
    codes = {heading_key(text): code for code, name in names.items() for text in (name, code)}
    lines = [with_carrier(line, carrier) for line in read_lines(text, codes)]
    asked = [line for line in lines if not line.is_blank]
    rows = [
        DispatchRow(line.order_no, codes.get(heading_key(line.carrier), line.carrier), line.tracking_no, line.place)
        for line in asked
    ]
    findings = check_dispatch(store=store, rows=rows)
    shipped = _shipped(store, {line.order_no for line in asked})
    nearest = _nearest(store, [row.order_no for row, found in zip(rows, findings, strict=True) if _lacks_order(found)])
    checked = {
        line.place: CheckedLine(
            line, row.carrier, found, line.order_no in shipped and not any(one.blocks for one in found),
            {Code.NO_ORDER: nearest.get(line.order_no, ""), Code.CARRIER_UNKNOWN: _like(line.carrier, codes)},
        )
        for line, row, found in zip(asked, rows, findings, strict=True)
    }  # fmt: skip
    return DispatchCheck(lines, checked, names)


def _lacks_order(findings: Iterable[Finding]) -> bool:
    return any(finding.code is Code.NO_ORDER for finding in findings)


def _shipped(store: Store, numbers: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for some in in_parts(sorted(numbers)):
        orders = Order.objects.filter(store=store, order_no__in=some, shipped_at__isnull=False)
        found.update(orders.values_list("order_no", flat=True))
    return found


def _like(written: str, codes: Mapping[str, str]) -> str:
    """The carrier whose code or name is written most like it; empty where none is, or it is one."""
    key = heading_key(written)
    close = [] if key in codes else difflib.get_close_matches(key, codes, 1, ALIKE)
    return codes[close[0]] if close else ""


def _nearest(store: Store, unknown: Iterable[str]) -> dict[str, str]:
    """For unknown numbers the order to ship that is written most alike among those that begin the same: a range of the
    index for each."""
    begins = dialect_of(connection).begins
    waiting = Order.objects.filter(SELLER_SHIPS, store=store).order_by("order_no").values_list("order_no", flat=True)
    found: dict[str, str] = {}
    for number in [one for one in dict.fromkeys(unknown) if len(one) > TAIL][:MOST_UNKNOWN]:
        alike = difflib.get_close_matches(
            number, list(waiting.filter(begins("order_no", number[:-TAIL]))[:MOST_NEAR]), 1
        )
        found[number] = alike[0] if alike else ""
    return found
