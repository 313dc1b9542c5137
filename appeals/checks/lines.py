"""The lines of a file with what they are about: which order, which dates, which column of a table (DP-09)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from appeals.checks.cases import Case, CheckedFile, CheckedOrder, CheckedPage, Line
from appeals.checks.findings import Box, Code, Finding, Severity
from appeals.checks.numbers import candidates
from appeals.checks.parcels import Named
from evidence.dates import SeenDate, dates_in, without_dates


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line of a file. ``named``: the order of the appeal that it names; ``about``: that, else the one named last
    above it, else the only one that the file can be about; None below a number that belongs to no order of the
    appeal."""

    file: CheckedFile
    page: CheckedPage
    line: Line
    text: str
    dates: tuple[SeenDate, ...]
    named: CheckedOrder | None
    about: CheckedOrder | None

    def finding(self, code: Code, severity: Severity, order_no: str, **params: str) -> Finding:
        """A finding about this line; what was read in a picture weighs least."""
        recognised = self.page.recognised
        weight = Severity.LOW if recognised and severity != Severity.PASSED else severity
        said = params | {"recognised": recognised}
        return Finding(code, weight, self.file.id, self.page.number, self.line.box(), order_no, said)


def lines_of(case: Case, file: CheckedFile, named: Named) -> list[ReadLine]:
    """The lines of a file, from the first page to the last."""
    return list(_lines(case, file, named))


def _lines(case: Case, file: CheckedFile, named: Named) -> Iterator[ReadLine]:
    orders = {order.order_no: order for order in case.orders}
    possible = [orders[order_no] for order_no in named.own] or list(case.orders)
    about = possible[0] if len(possible) == 1 and not named.others else None
    for page in file.pages:
        for place, line in enumerate(page.lines):
            order = orders.get(named.lines.get((page.number, place), ""))
            if order is not None or _names_another(line):
                about = order
            yield ReadLine(file, page, line, line.text, tuple(dates_in(line.text)), order, about)


def _names_another(line: Line) -> bool:
    """Whether a line has a number that is no date; which parcel it belongs to is not known here."""
    return next(candidates(without_dates(line.text).split()), None) is not None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its place among the headings of the table."""

    headings: tuple[Box, ...]
    place: int

    def dates_of(self, row: Line) -> list[SeenDate]:
        """The dates of a row in this column."""
        cells = zip(row.words, row.boxes, strict=True)
        return dates_in(" ".join(word for word, box in cells if self._has(box)))

    def _has(self, box: Box) -> bool:
        nearest = min(range(len(self.headings)), key=lambda place: _apart(self.headings[place], box))
        return nearest == self.place


def columns(lines: Sequence[ReadLine], words: re.Pattern[str]) -> dict[int, Column]:
    """By page, the first column whose heading has one of these words. Headings stand side by side without a date."""
    found: dict[int, Column] = {}
    for read in lines:
        if read.dates or len(read.line.words) < 2:
            continue
        for place, word in enumerate(read.line.words):
            if words.search(word):
                found.setdefault(read.page.number, Column(read.line.boxes, place))
    return found


def _apart(heading: Box, cell: Box) -> int:
    """How far a cell is from standing under a heading, whether columns are aligned left, right or in the middle."""
    left, right = abs(heading[0] - cell[0]), abs(heading[2] - cell[2])
    return min(left, right, abs(heading[0] + heading[2] - cell[0] - cell[2]) // 2)
