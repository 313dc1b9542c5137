"""The form of a profile that maps a table's columns, whether it is shipped or made in the browser (IX-06)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from intake.canonical import FILES
from intake.canonical.columns import Column, Kind

# What rows of orders may tell beside the columns of orders.csv: their items, and whether the order ended.
ITEM_COLUMNS = ("quantity", "line_amount", "items")
STATUS = "status"
EXTRA_COLUMNS = (*ITEM_COLUMNS, STATUS)
# Words that `STATUS` knows; what a file calls otherwise says nothing.
CANCELLED, ENDED, OPEN = "cancelled", "ended", "open"
STATES = (CANCELLED, ENDED, OPEN)
# At the end of a heading or word: it only begins so.
BEGINS = "…"
DATES = ("year", "day", "month", "decide")
DECIMALS = ("point", "comma")
GRAINS = ("order", "item")
# What a day without a time of day stands for.
FIRST_SECOND, LAST_SECOND, NOT_TAKEN = "first", "last", "none"
_LAST_SECONDS = frozenset({"ship_by", "estimated_delivery_at"})


@dataclass(frozen=True)
class ColumnMapping:
    """Where a canonical column's values come from: the first of ``headings`` that the row fills.

    ``words``: the file's words and what they mean; a word that isn't there is no value. ``default``: the value where
    the table has none. ``sums``: the rows of an order are added up, else the first one counts. ``adds`` and
    ``subtracts``: headings of further amounts of the same row. ``day_only``: what a day alone stands for.
    """

    column: str
    headings: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    default: str = ""
    sums: bool = False
    adds: tuple[str, ...] = ()
    subtracts: tuple[str, ...] = ()
    day_only: str = ""

    @property
    def day_stands_for(self) -> str:
        """What a day alone stands for: a limit ends with it, anything else begins with it."""
        return self.day_only or (LAST_SECOND if self.column in _LAST_SECONDS else FIRST_SECOND)


@dataclass(frozen=True)
class SkipRule:
    """Rows that are none of the file's subject, by the cell below ``heading``: ``empty``, ``wordy`` (no digit in it),
    ``not_positive``, ``begins`` with one of ``words``, or ``is`` one of them. ``note`` tells why, where the report
    should count them, by the words below the heading ``by``."""

    heading: str
    when: str
    words: tuple[str, ...] = ()
    note: str = ""
    by: str = ""


@dataclass(frozen=True)
class MappingProfile:
    """A table in another format and what becomes of it.

    ``recognised_by``: sets of headings, of which one must be there; ``lacks``: headings that a neighbour has.
    ``file``: the canonical file; orders bring order lines and shipments along. ``grain``: rows are orders or items;
    ``group_by``: headings that tell orders apart (default: the order number's); ``item_key``: headings that tell items
    apart, so that the same one counts once, the latest by ``version``; ``summary``: the heading that rows summing up
    an order leave empty. ``fills_down``: cells below merged ones are empty; ``erp_number``: the heading of an ERP's own
    order numbers: a row with another one is not the rest of the order above. ``copies``: headings that mark split,
    merged, re-sent and gift rows of an ERP, which are never orders of their own; ``suffix``: what an ERP puts behind
    the order number. ``persons``: never stored nor shown. ``ignored``: known, and not needed. ``zone`` and
    ``currency`` are only proposed; ``has_offsets``: times name theirs, so that no zone is asked for.
    """

    name: str
    label: str
    recognised_by: tuple[tuple[str, ...], ...]
    columns: tuple[ColumnMapping, ...]
    file: str = "orders"
    grain: str = "order"
    fills_down: bool = False
    erp_number: str = ""
    group_by: tuple[str, ...] = ()
    item_key: tuple[str, ...] = ()
    version: str = ""
    summary: str = ""
    skip: tuple[SkipRule, ...] = ()
    copies: tuple[str, ...] = ()
    suffix: str = ""
    lacks: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    dates: str = "year"
    decimal: str = "point"
    is_quoted: bool = True
    has_offsets: bool = False
    zone: str = ""
    currency: str = ""

    def mapping_of(self, column: str) -> ColumnMapping | None:
        """The mapping of a canonical column."""
        return next((one for one in self.columns if one.column == column), None)


def kind_of_column(file: str, column: str) -> Kind:
    """What the cells of a canonical column hold, `EXTRA_COLUMNS` of orders included."""
    known = FILES[file].by_name.get(column)
    if known is not None:
        return known.kind
    return {"quantity": Kind.WHOLE, "line_amount": Kind.DECIMAL, STATUS: Kind.CHOICE}.get(column, Kind.TEXT)


def choices_of_column(file: str, column: str) -> tuple[str, ...]:
    """The words that a column may hold; none for columns of free values."""
    known: Column | None = FILES[file].by_name.get(column)
    if column == STATUS:
        return STATES
    if known is None:
        return ()
    return ("true", "false") if known.kind is Kind.TRUTH else known.choices


def columns_of_file(file: str) -> list[str]:
    """The columns that a table may be mapped to."""
    return [*FILES[file].by_name, *(EXTRA_COLUMNS if file == "orders" else ())]
