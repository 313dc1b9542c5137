"""Dates, countries and stamps that don't fit the orders (PN-28, PN-28a, DP-09)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from appeals.checks.cases import Case, CheckedFile, CheckedOrder, CheckedPage, Line
from appeals.checks.dates import SeenDate, dates_in
from appeals.checks.findings import Code, Finding, Severity
from appeals.checks.parcels import Named
from core.timebase import SHANGHAI
from intake.canonical.rejections import RejectedCellError
from intake.canonical.sites import read_site

# Documents don't say their time zone, and clocks of carriers differ.
DAY = timedelta(days=1)
THIRD_PARTY = "third_party_document"
LATE_DISPATCH = "late_dispatch"
_DELIVERED = re.compile(
    r"签收|妥投|proof of delivery|\bdelivered\b|\bentregad[oa]\b|\bentregue\b|\blivré\b|"
    r"доставлен|вручен|\bzugestellt\b",
    re.IGNORECASE,
)
_NOT_DELIVERED = re.compile(
    r"未签收|未妥投|拒绝签收|\bnot delivered|\bundeliver|\bno entregad|\bnot yet", re.IGNORECASE
)
_HANDED_OVER = re.compile(r"交接|交运|\bhand(?:ed)?[ -]?over", re.IGNORECASE)
_DESTINATION = re.compile(
    r"(?:目的国家?|目的地国?|收件国家?|收货国家?|"
    r"destination country|country of destination|destination|ship(?:ped)? to)"
    r"\s*[:：/]?\s*(.{2,60})",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[,，;；|/()（）。]|\s{2,}")


def check_contradictions(case: Case, named: Mapping[int, Named]) -> Iterator[Finding]:
    """What each file says otherwise than the orders do."""
    for file in case.files:
        if file.is_about_parcels:
            lines = list(_lines(case, file, named[file.id]))
            yield from _delivered_early(lines)
            yield from _handed_over_late(case, lines)
            yield from _span(case, file, lines)
            yield from _country(case, lines)
        if file.kind == THIRD_PARTY and file.facts:
            yield _stamp(file)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line of a file, its dates, the order of the appeal that it names, else the only one that it can be about."""

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


def _lines(case: Case, file: CheckedFile, named: Named) -> Iterator[Spoken]:
    orders = {order.order_no: order for order in case.orders}
    possible = [orders[order_no] for order_no in named.own] or ([] if named.others else list(case.orders))
    only = possible[0] if len(possible) == 1 and not named.others else None
    for page in file.pages:
        for place, line in enumerate(page.lines):
            order_no = named.lines.get((page.number, place))
            order = orders[order_no] if order_no else None
            yield Spoken(file, page, line, line.text, tuple(dates_in(line.text)), order, order or only)


def _delivered_early(lines: Sequence[Spoken]) -> Iterator[Finding]:
    """Lines that tell of a delivery whose last date lies before the parcel was dispatched."""
    headed = {spoken.page.number for spoken in lines if _says_delivered(spoken.text) and not spoken.dates}
    for spoken in lines:
        tells = _says_delivered(spoken.text) or (spoken.page.number in headed and spoken.named)
        order = spoken.about
        if not tells or not spoken.dates or order is None or order.dispatched_at is None:
            continue
        latest = max(spoken.dates, key=lambda seen: seen.last)
        if latest.last < (order.dispatched_at - DAY).date():
            yield spoken.finding(
                Code.DELIVERED_BEFORE_DISPATCH,
                Severity.HIGH,
                order.order_no,
                written=latest.text,
                dispatched=order.dispatched_at.isoformat(),
            )


def _says_delivered(text: str) -> bool:
    return bool(_DELIVERED.search(text)) and not _NOT_DELIVERED.search(text)


def _handed_over_late(case: Case, lines: Sequence[Spoken]) -> Iterator[Finding]:
    """Rows of a list of parcels handed over whose first date lies after the deadline that the appeal says was kept."""
    if case.metric != LATE_DISPATCH:
        return
    headed = {spoken.page.number for spoken in lines if _HANDED_OVER.search(spoken.text)}
    for spoken in lines:
        order = spoken.named if spoken.page.number in headed and len(spoken.dates) > 1 else None
        if order and order.ship_by and _is_after(spoken.dates[0], order.ship_by):
            limit = order.ship_by.isoformat()
            yield spoken.finding(
                Code.HANDED_OVER_LATE, Severity.HIGH, order.order_no, written=spoken.dates[0].text, ship_by=limit
            )


def _is_after(seen: SeenDate, limit: datetime) -> bool:
    instant = seen.at_shanghai()
    return instant > limit if instant else seen.first > limit.astimezone(SHANGHAI).date()


def _span(case: Case, file: CheckedFile, lines: Sequence[Spoken]) -> Iterator[Finding]:
    """A file all of whose dates lie before the first order, or after the present."""
    dated = [spoken for spoken in lines if spoken.dates]
    if not dated or not case.orders:
        return
    begin = (min(order.created_at for order in case.orders) - DAY).date()
    end = (case.at + DAY).date()
    dates = [seen for spoken in dated for seen in spoken.dates]
    if all(seen.last < begin for seen in dates) or all(seen.first > end for seen in dates):
        nearest = min(dates, key=lambda seen: abs(seen.last - begin))
        spoken = next(spoken for spoken in dated if nearest in spoken.dates)
        yield spoken.finding(
            Code.DATES_OUTSIDE, Severity.MEDIUM, "", written=nearest.text, begin=begin.isoformat(), end=end.isoformat()
        )
    else:
        yield dated[0].finding(Code.DATES_FIT, Severity.PASSED, "")


def _country(case: Case, lines: Sequence[Spoken]) -> Iterator[Finding]:
    """The country of destination, where a line states one, against those of the orders."""
    sites = {code for order in case.orders if (code := country_of(order.site))}
    stated = [(spoken, country) for spoken in lines if (country := destination_in(spoken.text))]
    wrong = [(spoken, country) for spoken, country in stated if country not in sites]
    if not sites or not stated:
        return
    if len(wrong) < len(stated):
        yield stated[0][0].finding(Code.COUNTRY_FITS, Severity.PASSED, "")
        return
    spoken, country = wrong[0]
    order_no = spoken.about.order_no if spoken.about else ""
    yield spoken.finding(
        Code.COUNTRY_DIFFERS, Severity.MEDIUM, order_no, country=country, sites=" ".join(sorted(sites))
    )


def destination_in(text: str) -> str:
    """The two-letter code of the country that a line states as the destination, or nothing."""
    match = _DESTINATION.search(text)
    if match is None:
        return ""
    said = _PARTS.split(match[1].strip())[0].strip()
    words = said.split()
    tries = [said, *(" ".join(words[:count]) for count in (1, 2, 3)), *words[-1:]]
    return next((code for name in tries if (code := country_of(name))), "")


def country_of(name: str) -> str:
    """The two-letter code of a country by code or name. Codes count in capitals only: ``de`` and ``to`` are words."""
    if len(name) < 2 or (len(name) < 4 and name.isascii() and not name.isupper()):
        return ""
    try:
        return read_site(name)
    except RejectedCellError:
        return ""


def _stamp(file: CheckedFile) -> Finding:
    for page in file.pages:
        if page.stamp is not None:
            return Finding(Code.STAMP_SEEN, Severity.PASSED, file.id, page.number, page.stamp)
    return Finding(Code.STAMP_MISSING, Severity.LOW, file.id)
