"""Cells of the Olist data set (IX-06a): times of São Paulo, items, and why a row can't be read."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from core.identifiers import canonical
from intake.canonical.instants import written_instant
from intake.canonical.nothing import is_no_date
from intake.reading.lines import BadRow

ZONE = ZoneInfo("America/Sao_Paulo")
Cells = dict[str, str]
_AMOUNT = re.compile(r"[0-9]+(?:\.[0-9]+)?")


class Row(Cells):
    """A row by column, its ids in the canonical form; ``original``: as it stands."""

    def __init__(self, original: Cells) -> None:
        super().__init__(original)
        self.original = original
        for column, text in original.items():
            if column.endswith("_id") and not (text.isascii() and text.isalnum()):
                self[column] = canonical(text)


@dataclass(frozen=True, slots=True)
class Item:
    """A position of an order."""

    line: int
    number: str
    product: str
    seller: str
    limit: datetime
    price: Decimal
    freight: Decimal


class Times:
    """The times of a row; ``bad`` is the first that can't be read."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self._read: dict[str, datetime | None] = {}
        self.bad: BadRow | None = None

    def at(self, column: str) -> datetime | None:
        """A local time of São Paulo as a UTC instant."""
        if column not in self._read:
            self._read[column] = self._instant(column)
        return self._read[column]

    def _instant(self, column: str) -> datetime | None:
        text = self._row[column]
        try:
            return None if not text or is_no_date(text) else _local(text)
        except ValueError:
            self.bad = self.bad or BadRow(column, text, _("is not a time such as 2018-08-17 12:15:10"))
            return None

    def end_of_day(self, column: str) -> datetime | None:
        """The last second of the local day: estimates are midnights, which mean the whole day."""
        instant = self.at(column)
        if instant is None:
            return None
        tomorrow = instant.astimezone(ZONE).date() + timedelta(days=1)
        # Where the clocks are put forward at 0:00 there is no midnight: read with the offset before, it is the day's
        # end.
        midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=ZONE)
        return midnight.astimezone(UTC) - timedelta(seconds=1)

    def text(self, column: str, instant: datetime | None) -> str:
        """An instant made of a column as a cell; where that can't be read, what stands there."""
        return instant_text(instant) or self._row[column]


def read_item(line: int, row: Row) -> Item | BadRow:
    """An item, or why it is none: the first of its cells that can't be read."""
    for column in ("order_id", "seller_id"):
        if not row[column]:
            return BadRow(column, "", _("is required"))
    amounts = {}
    for column in ("price", "freight_value"):
        if not _AMOUNT.fullmatch(row[column]):
            return BadRow(
                column, row[column], _("is not a number: write it in plain digits with a point, such as 1234.50")
            )
        amounts[column] = Decimal(row[column])
    times = Times(row)
    limit = times.at("shipping_limit_date")
    if limit is None:
        return times.bad or BadRow("shipping_limit_date", "", _("is required"))
    return Item(
        line,
        row["order_item_id"],
        row["product_id"],
        row["seller_id"],
        limit,
        amounts["price"],
        amounts["freight_value"],
    )


def _local(text: str) -> datetime:
    """A local time of São Paulo as a UTC instant; raises ValueError."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE).astimezone(UTC)
    except ValueError:
        # As a spreadsheet program saves it.
        found = written_instant(text)
        if found is None:
            raise
    return (found if found.tzinfo else found.replace(tzinfo=ZONE)).astimezone(UTC)


def instant_text(instant: datetime | None) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ") if instant else ""
