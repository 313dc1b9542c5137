"""What a first reading of a mapped table finds: rows, dates of two readings, bare amounts, names of stores (IX-06)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from intake.canonical.columns import Kind
from intake.canonical.rejections import RejectedCellError
from intake.profiles.mapping.amounts import read_money
from intake.profiles.mapping.declared import kind_of_column
from intake.profiles.mapping.layout import Layout
from intake.profiles.mapping.moments import has_two_readings, order_told, read_moment
from intake.profiles.mapping.rows import Skipped, taken_rows
from intake.profiles.mapping.values import name_key

MOST_NAMES = 200
_UTC = ZoneInfo("UTC")


@dataclass
class Survey:
    """``orders``: which parts of dates were seen in front; ``names``: how stores are called, by their keys;
    ``latest``: the latest creation, for telling which of two files is the later one."""

    rows: int = 0
    is_bare: bool = False
    has_two_readings: bool = False
    orders: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    latest: str = ""

    def date_order(self, declared: str) -> str:
        """Which part comes first in dates with the year last; '' where nobody knows."""
        if declared in ("day", "month"):
            return declared
        return next(iter(self.orders)) if declared == "decide" and len(self.orders) == 1 else ""


def survey_of(layout: Layout) -> Survey:
    """Read a table once."""
    found, profile = Survey(), layout.profile
    moments = [place for column, place in layout.places.items() if kind_of_column(profile.file, column) is Kind.INSTANT]
    money = [column for column in ("total_amount", "amount") if column in layout.places]
    names, created = layout.places.get("store_no", -1), layout.places.get("created_at", -1)
    for row in taken_rows(layout, Skipped()):
        found.rows += 1
        if row.bad is not None:
            continue
        _survey_moments(found, [layout.cell(row.cells, place) for place in moments], profile.dates)
        found.is_bare = found.is_bare or any(_is_bare(layout, row.cells, column) for column in money)
        name = layout.cell(row.cells, names)
        if name and len(found.names) < MOST_NAMES:
            found.names.setdefault(name_key(name), name)
        found.latest = max(found.latest, _moment(layout.cell(row.cells, created), profile.dates))
    return found


def _survey_moments(found: Survey, texts: Sequence[str], declared: str) -> None:
    if declared != "decide":
        return
    for text in filter(None, texts):
        if has_two_readings(text):
            found.has_two_readings = True
            found.orders |= {order_told(text)} - {""}


def _is_bare(layout: Layout, cells: Sequence[str], column: str) -> bool:
    """Whether nothing says the currency of an amount."""
    text = layout.cell(cells, layout.places[column])
    if not text or layout.currency_of_heading(column) or layout.cell(cells, layout.places.get("currency", -1)):
        return False
    mapping = layout.profile.mapping_of("currency")
    if mapping is not None and mapping.default:
        return False
    try:
        return not read_money(text, layout.profile.decimal)[1]
    except RejectedCellError:
        return False


def _moment(text: str, declared: str) -> str:
    try:
        return read_moment(text, _UTC, "month" if declared == "month" else "day", "").text if text else ""
    except RejectedCellError:
        return ""
