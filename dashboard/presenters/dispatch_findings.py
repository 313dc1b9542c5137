"""Findings on a line of dispatched parcels: what is wrong, how to mend it (PG-06, TM-18)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.queries.dispatch import CheckedLine
from orders.models import OrderState
from orders.rules.tracking_numbers import Code, Finding

Text = str | Promise
WORDS: Mapping[Code, tuple[Text, Text]] = {
    Code.MISSING: (gettext_lazy("No tracking number"), gettext_lazy("Add it at the end of the line.")),
    Code.NOT_A_NUMBER: (
        gettext_lazy("Not a tracking number"),
        gettext_lazy("Copy or scan it again; a spreadsheet may have shortened it."),
    ),
    Code.CHECK_DIGIT: (gettext_lazy("Check digit wrong"), ""),
    Code.OTHER_FORM: (
        gettext_lazy("Unusual for this carrier"),
        gettext_lazy("Its numbers look like %(example)s."),
    ),
    Code.OTHER_CARRIER: (
        gettext_lazy("Another carrier's number"),
        gettext_lazy("It looks like a number of %(carrier)s."),
    ),
    Code.NO_COUNTRY: (
        gettext_lazy("Unknown country"),
        gettext_lazy("No country has the code %(country)s at the end of the number."),
    ),
    Code.UNTRACKED: (
        gettext_lazy("Not tracked"),
        gettext_lazy("Items of the service %(service)s get no scans."),
    ),
    Code.REUSED_HERE: (gettext_lazy("Number re-used"), gettext_lazy("An order of this store has it already:")),
    Code.REUSED_ELSEWHERE: (
        gettext_lazy("Number in use elsewhere"),
        gettext_lazy("A parcel of another store has it. Copy it from the label again."),
    ),
    Code.TWICE_IN_LIST: (gettext_lazy("Number twice here"), gettext_lazy("Another line has it too:")),
    Code.CARRIER_MISSING: (
        gettext_lazy("No carrier"),
        gettext_lazy("Name it on the line, or choose one for lines without."),
    ),
    Code.CARRIER_UNKNOWN: (gettext_lazy("Unknown carrier"), gettext_lazy("“%(carrier)s” is none that is known here.")),
    Code.CARRIER_UNAPPROVED: (
        gettext_lazy("Carrier not approved"),
        gettext_lazy("The order goes onto the risk board."),
    ),
    Code.CARRIER_UNREGISTERED: (
        gettext_lazy("Carrier not registered"),
        gettext_lazy("Register it before the first dispatch."),
    ),
    Code.NO_ORDER: (gettext_lazy("No such order"), gettext_lazy("This store has no order with this number.")),
    Code.SHIPPED_OTHERWISE: (
        gettext_lazy("Dispatched already"),
        gettext_lazy("With %(number)s. Add a parcel or replace the number there:"),
    ),
    Code.NOT_SHIPPABLE: (gettext_lazy("Can't be dispatched"), gettext_lazy("The order is %(state)s.")),
}
# Findings whose order is worth a look.
ABOUT_AN_ORDER = frozenset({Code.REUSED_HERE, Code.TWICE_IN_LIST, Code.SHIPPED_OTHERWISE, Code.NOT_SHIPPABLE})


@dataclass(frozen=True, slots=True)
class Mend:
    """What to write instead: ``value`` names line, old and new text, ``text`` is the new one."""

    label: str
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A finding in words; ``link`` and ``url``: the order that it is about, or where it is mended."""

    level: str
    word: str
    text: str = ""
    mend: Mend | None = None
    link: str = ""
    url: str = ""


def fault_rows(
    one: CheckedLine, carriers: Mapping[str, str], address: Callable[[str], str], register_url: str
) -> Iterator[FaultRow]:
    """The findings of a line, those that block first; ``address`` gives the page of an order, ``register_url`` is the
    store's register of carriers."""
    for finding in sorted(one.findings, key=lambda found: not found.blocks):
        word, text = WORDS[finding.code]
        link, url = "", ""
        if finding.code in ABOUT_AN_ORDER:
            link = finding.params.get("order", one.line.order_no)
            url = address(link)
        elif finding.code == Code.CARRIER_UNREGISTERED:
            link, url = _("Registered carriers"), register_url
        yield FaultRow(
            "red" if finding.blocks else "yellow",
            str(word),
            str(text) % _named(finding, carriers) if text else "",
            _mend(finding, one),
            link,
            url,
        )


def _named(finding: Finding, carriers: Mapping[str, str]) -> dict[str, str]:
    named = dict(finding.params)
    if "carrier" in named:
        named["carrier"] = carriers.get(named["carrier"], named["carrier"])
    if "state" in named:
        named["state"] = str(OrderState(named["state"]).label)
    return named


def _mend(finding: Finding, one: CheckedLine) -> Mend | None:
    line = one.line
    known = {
        Code.CHECK_DIGIT: (line.tracking_no, finding.suggestion),
        Code.NO_ORDER: (line.order_no, (one.nearest or {}).get(Code.NO_ORDER, "")),
        Code.CARRIER_UNKNOWN: (line.carrier, (one.nearest or {}).get(Code.CARRIER_UNKNOWN, "")),
    }
    old, new = known.get(finding.code, ("", ""))
    if not new or old not in line.text:
        return None
    return Mend(_("Change to %(text)s") % {"text": new}, f"{line.place}\t{old}\t{new}", new)
