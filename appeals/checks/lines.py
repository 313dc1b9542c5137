"""The lines of a file with what they are about: which order, which dates, which column of a table (DP-09)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from appeals.checks.cases import Case, CheckedFile, CheckedOrder, CheckedPage, Line
from appeals.checks.dates import SeenDate, dates_in, without_dates
from appeals.checks.findings import Box, Code, Finding, Severity
from appeals.checks.numbers import candidates
from appeals.checks.parcels import Named

# A cell belongs to a heading if they overlap from left to right, give or take this much of the page's thousandths.
SLACK = 20


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


def headings(lines: Sequence[ReadLine], words: re.Pattern[str]) -> dict[int, Box]:
    """The heading of the column of a table on each page (by number) whose heading has one of these words."""
    found: dict[int, Box] = {}
    for read in lines:
        if read.dates or len(read.line.words) < 2:
            continue
        for word, box in zip(read.line.words, read.line.boxes, strict=True):
            if words.search(word):
                found.setdefault(read.page.number, box)
    return found


def dates_under(heading: Box, line: Line) -> list[SeenDate]:
    """The dates of a row in the column of a heading."""
    left, right = heading[0] - SLACK, heading[2] + SLACK
    cells = [word for word, box in zip(line.words, line.boxes, strict=True) if box[0] <= right and box[2] >= left]
    return dates_in(" ".join(cells))
