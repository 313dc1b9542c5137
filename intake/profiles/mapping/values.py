"""Cells of one row as canonical text, and what of them has no meaning here (IX-06)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from core.identifiers import canonical
from intake.canonical import nothing
from intake.canonical.columns import Kind
from intake.canonical.rejections import RejectedCellError
from intake.profiles.aliexpress.cells import local_day
from intake.profiles.aliexpress.orders import buyer_ref
from intake.profiles.mapping.amounts import read_money
from intake.profiles.mapping.declared import (
    BEGINS,
    FIRST_SECOND,
    NOT_TAKEN,
    ColumnMapping,
    choices_of_column,
    kind_of_column,
)
from intake.profiles.mapping.layout import Layout
from intake.profiles.mapping.moments import read_moment
from intake.reading.lines import BadRow

MONEY = frozenset({"total_amount", "shipping_amount", "insurance_premium_usd", "line_amount", "amount"})
MOST_WORDS = 200
Row = dict[str, str]


class UnfitError(ValueError):
    """A row that can't be taken."""

    def __init__(self, bad: BadRow) -> None:
        self.bad = bad
        super().__init__(bad.reason)


@contextmanager
def naming(column: str, value: str) -> Iterator[None]:
    """Have the reason why a cell can't be taken name its column."""
    try:
        yield
    except RejectedCellError as error:
        raise UnfitError(BadRow(column, value, str(error))) from error


@dataclass(frozen=True)
class Said:
    """What a person said of the file: its store ('' where rows name theirs), zone, currency, and which part of a date
    comes first; ``stores``: the store of each name, '' for rows to leave out."""

    store: str
    zone: ZoneInfo | None
    currency: str
    date_order: str
    stores: dict[str, str] = field(default_factory=dict)


def name_key(name: str) -> str:
    """A store's name as files of one program write it: upper and lower case vary."""
    return canonical(name).casefold()


@dataclass
class Values:
    """Reads rows of a table; ``words`` counts words without a meaning by heading, ``days`` moments of a day alone."""

    layout: Layout
    said: Said
    words: Counter[tuple[str, str]] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)

    def read(self, cells: Sequence[str]) -> tuple[Row, dict[str, Decimal], str]:
        """Canonical text by column, amounts by column, the currency that a sign told; raises UnfitError."""
        row, amounts, currency = {}, {}, ""
        for mapping in self.layout.profile.columns:
            text = self._cell(cells, mapping)
            if mapping.column in MONEY:
                found = self._amount(cells, mapping, text)
                if found is not None:
                    amounts[mapping.column] = found[0]
                    currency = currency or found[1]
            elif text:
                row[mapping.column] = self._value(mapping, text)
        return {column: text for column, text in row.items() if text}, amounts, currency

    def store_named(self, name: str) -> str | None:
        """The number of a store that a row names; None for one that is left out."""
        if "store_no" not in self.layout.places or not name:
            return self.said.store
        return self.said.stores.get(name_key(name)) or None

    def is_same_day(self, one: str, other: str) -> bool:
        """Whether two instants are of one day where the file was made."""
        return self.said.zone is not None and local_day(one, self.said.zone) == local_day(other, self.said.zone)

    def version(self, text: str) -> str:
        """When a row was last changed, so that it sorts: months by name do not by themselves."""
        try:
            return read_moment(text, self.said.zone, self.said.date_order, FIRST_SECOND).text
        except RejectedCellError:
            return text

    def _cell(self, cells: Sequence[str], mapping: ColumnMapping) -> str:
        text = self.layout.told(cells, mapping.column)
        if nothing.is_word(text) and mapping.column not in ("sku", "order_no"):
            text = ""
        if not text and mapping.default:
            return mapping.default
        return text

    def _value(self, mapping: ColumnMapping, text: str) -> str:
        column, file = mapping.column, self.layout.profile.file
        if text == mapping.default:
            return text
        if mapping.words or choices_of_column(file, column):
            return self._word(mapping, text)
        if column == "buyer_ref":
            return buyer_ref(self.said.store, text)
        if kind_of_column(file, column) is Kind.INSTANT:
            return self._moment(mapping, text)
        if column == "order_no" or column == "store_no":
            return canonical(text)
        return text

    def _word(self, mapping: ColumnMapping, text: str) -> str:
        key = text.casefold()
        for word, meaning in mapping.words.items():
            known = word.casefold()
            if key == known or (known.endswith(BEGINS) and key.startswith(known.removesuffix(BEGINS))):
                return meaning
        if not mapping.words and key in choices_of_column(self.layout.profile.file, mapping.column):
            return key
        heading = self.layout.heading(mapping.column)
        if len(self.words) < MOST_WORDS or (heading, text) in self.words:
            self.words[heading, text] += 1
        return ""

    def _moment(self, mapping: ColumnMapping, text: str) -> str:
        if nothing.is_no_date(text):
            return ""
        with naming(mapping.column, text):
            moment = read_moment(text, self.said.zone, self.said.date_order, mapping.day_stands_for)
        if not moment.is_day:
            return moment.text
        self.days[mapping.column] += 1
        return "" if mapping.day_stands_for == NOT_TAKEN else moment.text

    def _amount(self, cells: Sequence[str], mapping: ColumnMapping, text: str) -> tuple[Decimal, str] | None:
        adds, subtracts = self.layout.further.get(mapping.column, ([], []))
        named = self.layout.currency_of_heading(mapping.column)
        parts = [(text, 1), *((self.layout.cell(cells, place), 1) for place in adds)]
        parts += [(self.layout.cell(cells, place), -1) for place in subtracts]
        filled = [(part, sign) for part, sign in parts if part and not nothing.is_word(part)]
        if not text:
            return None
        total, currency = Decimal(0), named
        for part, sign in filled:
            with naming(mapping.column, part):
                amount, said = read_money(part, self.layout.profile.decimal, named or self.said.currency)
            total += amount if sign > 0 else -abs(amount)
            currency = currency or said
        return total, currency
