"""Canonical rows from the rows of one order: the order, its lines, its parcels (IX-06, DM-17)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from intake.profiles.items import LINE_COLUMNS, PARCEL_COLUMNS, numbers_in
from intake.profiles.mapping.declared import CANCELLED, STATUS
from intake.profiles.mapping.layout import Layout
from intake.profiles.mapping.rows import is_copy, without_suffix
from intake.profiles.mapping.spill import SourceRow
from intake.profiles.mapping.values import MONEY, Row, UnfitError, Values
from intake.reading.lines import BadRow

__all__ = ["LINE_COLUMNS", "PARCEL_COLUMNS", "Assembled", "Assembler"]

_OF_PARCELS: tuple[str, ...] = ("carrier", "shipped_at")
_EARLIEST = ("created_at", "paid_at", "dispatch_confirmed_at", "shipped_at")
# Of several rows the last one's, and none while it lacks in one.
_LAST = ("delivered_at", "cancelled_at", "confirmed_at", "refunded_at")
# Items that were cancelled never arrive; the others' arrival is the order's.
_WITHOUT_CANCELLED = ("delivered_at", "confirmed_at")


@dataclass
class Item:
    """A row read: its values, amounts, and whether it sums up an order."""

    row: SourceRow
    values: Row
    amounts: dict[str, Decimal]
    currency: str
    is_summary: bool = False
    is_copy: bool = False


@dataclass
class Assembled:
    """What the rows of an order become; ``bad``: why they can't be taken, ``source``: the row that it is said of.
    ``is_left``: nothing of them is taken, as was asked for, or only their parcels are."""

    source: SourceRow
    order: Row = field(default_factory=dict)
    lines: list[Row] = field(default_factory=list)
    parcels: list[Row] = field(default_factory=list)
    bad: BadRow | None = None
    is_left: bool = False


@dataclass
class Assembler:
    """Puts the rows of an order together; ``seen`` counts what the report should say."""

    layout: Layout
    values: Values
    seen: Counter[str] = field(default_factory=Counter)

    def assemble(self, group: Sequence[SourceRow]) -> Assembled:
        """The order of these rows."""
        made = Assembled(group[0])
        bad = next((row for row in group if row.bad is not None), None)
        if bad is not None:
            return Assembled(bad, bad=bad.bad)
        items: list[Item] = []
        for row in group:
            try:
                items.append(self._read(row))
            except UnfitError as unfit:
                return Assembled(row, bad=unfit.bad)
        if not self._name_store(items, made):
            return made
        try:
            self._fill(made, self._latest(items))
        except UnfitError as unfit:
            made.bad = unfit.bad
        return made

    def _read(self, row: SourceRow) -> Item:
        values, amounts, currency = self.values.read(row.cells)
        if "currency" in values:
            currency = values["currency"].upper()
        return Item(row, values, amounts, currency, is_copy=is_copy(self.layout, row.cells))

    def _name_store(self, items: list[Item], made: Assembled) -> bool:
        """Whether the rows are of a store that is taken; its number stands in the order then."""
        named = next((item.values["store_no"] for item in items if "store_no" in item.values), "")
        number = self.values.store_named(named)
        if number is None:
            self.seen["left_out"] += len(items)
            made.is_left = True
            return False
        made.order["store_no"] = number
        return True

    def _latest(self, items: list[Item]) -> list[Item]:
        """The items, each once, as the latest row tells it; what sums them up is marked."""
        profile, layout = self.layout.profile, self.layout
        if profile.summary and len(items) > 1:
            place = layout.place([profile.summary])
            for item in items:
                item.is_summary = not layout.cell(item.row.cells, place)
        keys = [place for heading in profile.item_key if (place := layout.place([heading])) >= 0]
        if not keys:
            return items
        version = layout.place([profile.version]) if profile.version else -1
        found: dict[tuple[str, ...], Item] = {}
        for number, item in enumerate(items):
            told = tuple(layout.cell(item.row.cells, place) for place in keys)
            key = told if any(told) else (str(number),)
            former = found.setdefault(key, item)
            self.seen["repeated"] += former is not item
            if self._version(item, version) >= self._version(former, version):
                found[key] = item
        return list(found.values())

    def _version(self, item: Item, place: int) -> str:
        return self.values.version(self.layout.cell(item.row.cells, place)) if place >= 0 else ""

    def _fill(self, made: Assembled, items: list[Item]) -> None:
        number = next((item.values["order_no"] for item in items if "order_no" in item.values), "")
        made.order["order_no"] = without_suffix(number, self.layout.profile.suffix)
        if self.layout.profile.file != "orders":
            self._fill_other(made.order, items)
            return
        self._mark_copies(items, made.order["order_no"])
        own = [item for item in items if not item.is_copy]
        made.parcels = self._parcels(made.order, items)
        if not own:
            self.seen["copies"] += 1
            made.is_left = True
            return
        made.lines = self._lines(made.order, [item for item in own if not item.is_summary])
        self._fill_order(made, own)

    def _mark_copies(self, items: list[Item], number: str) -> None:
        """Rows with a suffix are copies where the order itself is there; without it they are its parts."""
        if self.layout.profile.suffix and any(item.values.get("order_no") == number for item in items):
            for item in items:
                item.is_copy = item.is_copy or item.values.get("order_no") != number

    def _fill_order(self, made: Assembled, items: list[Item]) -> None:
        order = made.order
        # A row that sums up the order tells it best.
        told = sorted(items, key=lambda item: not item.is_summary)
        for item in told:
            for column, text in item.values.items():
                if column not in order:
                    order[column] = text
        self._fill_moments(order, items)
        self._fill_amounts(order, told)
        if made.parcels:
            order["tracking_no"] = made.parcels[0]["tracking_no"]
            order["carrier"] = made.parcels[0].get("carrier", "")
        self._fill_end(order, items)
        order["sku"] = self._sku(made.lines)

    def _fill_other(self, row: Row, items: list[Item]) -> None:
        """A row of another canonical file; of several rows of an order the last instant counts."""
        if not row["order_no"]:
            del row["order_no"]
        for item in items:
            row |= {column: text for column, text in item.values.items() if column not in row}
        if told := [item.values["released_at"] for item in items if "released_at" in item.values]:
            row["released_at"] = max(told)
        self._fill_amounts(row, items)

    def _fill_moments(self, order: Row, items: list[Item]) -> None:
        all_rows = [item for item in items if not item.is_summary] or items
        kept = [item for item in all_rows if item.values.get(STATUS) != CANCELLED] or all_rows
        for column in _EARLIEST:
            if told := [item.values[column] for item in items if column in item.values]:
                order[column] = min(told)
        for column in _LAST:
            rows = kept if column in _WITHOUT_CANCELLED else all_rows
            told = [item.values[column] for item in rows if column in item.values]
            summed_up = [item.values[column] for item in items if item.is_summary and column in item.values]
            if len(told) == len(rows) or summed_up:
                order[column] = max([*told, *summed_up])
            else:
                order.pop(column, None)
        shipped, paid = order.get("shipped_at", ""), order.get("paid_at", "")
        # A day alone begins at midnight: goods are not sent before the payment of the same day.
        if self.values.days["shipped_at"] and "" < shipped < paid and self.values.is_same_day(shipped, paid):
            order["shipped_at"] = paid

    def _fill_amounts(self, order: Row, told: list[Item]) -> None:
        currencies = {item.currency for item in told if item.currency}
        if len(currencies) > 1:
            raise UnfitError(BadRow("currency", ", ".join(sorted(currencies)), _("has rows in several currencies")))
        order["currency"] = next(iter(currencies), self.values.said.currency)
        for mapping in self.layout.profile.columns:
            if mapping.column in MONEY and mapping.column != "line_amount":
                amounts = [item.amounts[mapping.column] for item in told if mapping.column in item.amounts]
                if amounts:
                    is_whole = not mapping.sums or (told[0].is_summary and mapping.column in told[0].amounts)
                    order[mapping.column] = str(amounts[0] if is_whole else sum(amounts))

    def _fill_end(self, order: Row, items: list[Item]) -> None:
        """A cancelled order without the instant: never paid, it ended where it began; paid, nobody knows when."""
        states = [item.values.get(STATUS, "") for item in items]
        order.pop(STATUS, None)
        if order.get("cancelled_at") or not states or set(states) != {CANCELLED}:
            return
        if self.layout.has("paid_at") and not order.get("paid_at") and order.get("created_at"):
            order["cancelled_at"] = order["created_at"]
        else:
            order["end_unclear"] = "true"
            self.seen["unclear"] += 1

    def _sku(self, lines: list[Row]) -> str:
        """The order's listing; with several amounts it is that of the largest line, which is left to the order."""
        if len(lines) > 1 and any(line.get("amount") for line in lines):
            return ""
        return lines[0]["sku"] if lines else ""

    def _lines(self, order: Row, items: list[Item]) -> list[Row]:
        found: dict[str, Row] = {}
        for item in items:
            for sku, quantity in _items_told(item.values):
                amount = item.amounts.get("line_amount")
                former = found.get(sku)
                if former is None:
                    line = {"store_no": order["store_no"], "order_no": order["order_no"], "sku": sku}
                    line |= {"line_no": str(len(found) + 1), "quantity": quantity}
                    found[sku] = line | ({"amount": str(amount)} if amount is not None else {})
                else:
                    former["quantity"] = _added(former["quantity"], quantity)
                    if amount is not None:
                        former["amount"] = _added(former.get("amount", "0"), str(amount))
        return list(found.values())

    def _parcels(self, order: Row, items: list[Item]) -> list[Row]:
        """The parcels, the one that left first before the others."""
        found: dict[str, Row] = {}
        for item in items:
            for number in numbers_in(item.values.get("tracking_no", "")):
                told: Row = {name: item.values[name] for name in _OF_PARCELS if name in item.values}
                parcel: Row = {"store_no": order["store_no"], "order_no": order["order_no"], **told}
                parcel["tracking_no"] = number
                former = found.setdefault(number, parcel)
                if _left_at(parcel) < _left_at(former):
                    found[number] = parcel
        self.seen["parcels"] += len(found) > 1
        return sorted(found.values(), key=_left_at)


def _left_at(parcel: Row) -> str:
    """When a parcel left; later than all others where nobody says."""
    return parcel.get("shipped_at", "~")


def _items_told(values: Row) -> list[tuple[str, str]]:
    """SKU and quantity of a row: in columns of their own, or in one cell as ``SKU*2;OTHER*1``."""
    if told := values.get("items"):
        parts = [part.strip() for part in told.replace("；", ";").replace("\n", ";").split(";")]
        pairs = [part.rpartition("*") for part in parts if part]
        return [(sku.strip(), count.strip()) if star else (count.strip(), "") for sku, star, count in pairs]
    return [(values["sku"], values.get("quantity", ""))] if values.get("sku") else []


def _added(one: str, other: str) -> str:
    """The sum of two numbers as text; nothing where one is none."""
    try:
        return str(Decimal(one) + Decimal(other))
    except InvalidOperation:
        return ""
