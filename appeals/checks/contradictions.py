"""Dates that don't fit the orders (PN-28, DP-09)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from appeals.checks.cases import Case
from appeals.checks.destinations import check_destination
from appeals.checks.findings import Code, Finding, Severity
from appeals.checks.lines import ReadLine, columns, lines_of
from appeals.checks.parcels import Named
from core.timebase import SHANGHAI
from evidence.dates import SeenDate

# Documents don't say their time zone, and clocks of carriers differ.
DAY = timedelta(days=1)
LATE_DISPATCH = "late_dispatch"
_DELIVERED = re.compile(
    r"签收|妥投|proof of delivery|\bdelivered\b|\bentregad[oa]\b|\bentregue\b|\blivré\b|"
    r"доставлен|вручено|\bzugestellt\b",
    re.IGNORECASE,
)
_NOT_DELIVERED = re.compile(
    r"未签收|未妥投|拒绝签收|预计|\bnot delivered|\bundeliver|\bno entregad|\bnot yet|"
    r"\bbe delivered|\bexpected|\bestimat",
    re.IGNORECASE,
)
# What may stand between a delivery and its date.
_BETWEEN = re.compile(
    r"[\s:：,，.;|·()（）–—-]*(?:on|at|date|time|时间|日期|于|为|em|el|le|am)?[\s:：,，]*", re.IGNORECASE
)
_HANDED_OVER = re.compile(r"交接|交运|\bhand(?:ed)?[ -]?over", re.IGNORECASE)


def check_contradictions(case: Case, named: Mapping[int, Named]) -> Iterator[Finding]:
    """What each file about parcels says otherwise than the orders do."""
    for file in case.files:
        if file.is_about_parcels:
            lines = lines_of(case, file, named[file.id])
            yield from _delivered_early(lines)
            yield from _handed_over_late(case, lines)
            yield from _span(case, lines)
            yield from check_destination(case, lines)


def _delivered_early(lines: Sequence[ReadLine]) -> Iterator[Finding]:
    """Deliveries whose date lies before the parcel was dispatched."""
    tables = columns(lines, _DELIVERED)
    for read in lines:
        order, dates = read.about, delivery_dates(read.text, read.dates)
        if read.named and not dates and read.page.number in tables:
            dates = tables[read.page.number].dates_of(read.line)
        if not dates or order is None or order.dispatched_at is None:
            continue
        latest = max(dates, key=lambda seen: seen.last)
        if latest.last < (order.dispatched_at - DAY).date():
            dispatched = order.dispatched_at.isoformat()
            yield read.finding(
                Code.DELIVERED_BEFORE_DISPATCH,
                Severity.HIGH,
                order.order_no,
                written=latest.text,
                dispatched=dispatched,
            )


def delivery_dates(text: str, dates: Sequence[SeenDate]) -> list[SeenDate]:
    """The dates beside the word that says that something was delivered."""
    if _NOT_DELIVERED.search(text):
        return []
    words = [match.span() for match in _DELIVERED.finditer(text)]
    return [seen for seen in dates if any(_is_beside(text, seen, start, end) for start, end in words)]


def _is_beside(text: str, seen: SeenDate, start: int, end: int) -> bool:
    between = text[seen.end : start] if seen.end <= start else text[end : seen.start]
    return _BETWEEN.fullmatch(between) is not None


def _handed_over_late(case: Case, lines: Sequence[ReadLine]) -> Iterator[Finding]:
    """Rows of a table of parcels handed over later than the deadline that the appeal says was kept."""
    if case.metric != LATE_DISPATCH:
        return
    tables = columns(lines, _HANDED_OVER)
    for read in lines:
        order = read.named if read.page.number in tables else None
        if order is None or order.ship_by is None:
            continue
        late = [seen for seen in tables[read.page.number].dates_of(read.line) if _is_after(seen, order.ship_by)]
        if late:
            limit = order.ship_by.isoformat()
            yield read.finding(
                Code.HANDED_OVER_LATE, Severity.HIGH, order.order_no, written=late[0].text, ship_by=limit
            )


def _is_after(seen: SeenDate, limit: datetime) -> bool:
    instant = seen.at_shanghai()
    return instant > limit if instant else seen.first > limit.astimezone(SHANGHAI).date()


def _span(case: Case, lines: Sequence[ReadLine]) -> Iterator[Finding]:
    """A file all of whose dates lie before the first order, or after the present."""
    dated = [read for read in lines if read.dates]
    if not dated or not case.orders:
        return
    begin = (min(order.created_at for order in case.orders) - DAY).date()
    end = (case.at + DAY).date()
    dates = [seen for read in dated for seen in read.dates]
    if all(seen.last < begin for seen in dates) or all(seen.first > end for seen in dates):
        nearest = min(dates, key=lambda seen: abs(seen.last - begin))
        read = next(read for read in dated if nearest in read.dates)
        yield read.finding(
            Code.DATES_OUTSIDE, Severity.MEDIUM, "", written=nearest.text, begin=begin.isoformat(), end=end.isoformat()
        )
    else:
        yield dated[0].finding(Code.DATES_FIT, Severity.PASSED, "")
