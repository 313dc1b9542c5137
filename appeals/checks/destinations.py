"""The country of destination that a document states, against those of the orders (DP-09)."""

import re
from collections.abc import Iterable, Iterator, Sequence

from appeals.checks.cases import Case
from appeals.checks.findings import Code, Finding, Severity
from appeals.checks.lines import ReadLine
from intake.canonical.rejections import RejectedCellError
from intake.canonical.sites import read_site

_DESTINATION = re.compile(
    r"(?:目的国家?|目的地国?|收件国家?|收货国家?|país de destin[oa]|pays de destination|"
    r"destination country|country of destination|destination|ship(?:ped)? to)"
    r"\s*[:：/]?\s*(.{2,60})",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[,，;；|/()（）。]|\s{2,}")


def check_destination(case: Case, lines: Sequence[ReadLine]) -> Iterator[Finding]:
    """Whether a file that states destinations states one of the orders' countries."""
    sites = {code for order in case.orders if (code := country_of(order.site))}
    stated = [(read, *destinations_in(read.text)) for read in lines]
    fitting = next((read for read, countries, codes in stated if (countries | codes) & sites), None)
    other = next(((read, countries) for read, countries, _codes in stated if countries), None)
    if fitting is not None:
        yield fitting.finding(Code.COUNTRY_FITS, Severity.PASSED, "")
    elif other is not None and sites:
        yield _differs(*other, sites)


def _differs(read: ReadLine, countries: set[str], sites: set[str]) -> Finding:
    order_no = read.about.order_no if read.about else ""
    return read.finding(
        Code.COUNTRY_DIFFERS,
        Severity.MEDIUM,
        order_no,
        country=" ".join(sorted(countries)),
        sites=" ".join(sorted(sites)),
    )


def destinations_in(text: str) -> tuple[set[str], set[str]]:
    """The countries that a line states as the destination, and those that codes in it may stand for. Only whole parts
    of an address count, since Jersey City is no island; codes say nothing against an order: CA may be California."""
    match = _DESTINATION.search(text)
    if match is None:
        return set(), set()
    parts = [part.strip() for part in _PARTS.split(match[1]) if part.strip()]
    names = [name for part in parts for name in _names_in(part)]
    codes = {name for name in names if len(name) == 2 and name.isascii() and len(parts) > 1}
    return _countries(name for name in names if name not in codes), _countries(codes)


def _countries(names: Iterable[str]) -> set[str]:
    return {code for name in names if (code := country_of(name))}


def _names_in(part: str) -> Iterator[str]:
    """What may be the name of a country: the whole part, and its words in Chinese."""
    yield part
    yield from (word for word in part.split() if not word.isascii() and word != part)


def country_of(name: str) -> str:
    """The two-letter code of a country by code or name. Codes count in capitals only: ``de`` and ``to`` are words."""
    if len(name) < 2 or (len(name) < 4 and name.isascii() and not name.isupper()):
        return ""
    try:
        return read_site(name)
    except RejectedCellError:
        return ""
