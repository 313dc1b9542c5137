"""The findings of the guard against misjudgement in words, with what to do (DP-14)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core.templatetags.ui import duration, instant
from disputes.rules.guard import GuardFinding, Risk


@dataclass(frozen=True, slots=True)
class GuardRow:
    """A finding in words and what to do about it."""

    level: str
    title: str
    advice: str


def guard_rows(findings: Iterable[GuardFinding], at: datetime) -> list[GuardRow]:
    """Findings as rows of a page."""
    return [WORDS[finding.risk](finding, at) for finding in findings]


def _reused(finding: GuardFinding, at: datetime) -> GuardRow:
    other = finding.params["order"]
    title = (
        _("%(number)s is also the tracking number of order %(order)s") % {"number": finding.subject, "order": other}
        if other
        else _("%(number)s is in use for an order of another store") % {"number": finding.subject}
    )
    return GuardRow(
        "red", title, _("Replace it by the parcel's own number; proof under a shared number is not accepted.")
    )


def _malformed(finding: GuardFinding, at: datetime) -> GuardRow:
    title = _("%(number)s is no number that its carrier gives") % {"number": finding.subject}
    if meant := finding.params["suggestion"]:
        return GuardRow(
            "red", title, _("Perhaps %(meant)s is meant. Look at the label and replace it.") % {"meant": meant}
        )
    return GuardRow("red", title, _("Look at the label and replace it, or correct the carrier."))


def _silent(finding: GuardFinding, at: datetime) -> GuardRow:
    since = datetime.fromisoformat(finding.params["since"])
    if until := finding.params["until"]:
        told = {
            "number": finding.subject,
            "span": duration(datetime.fromisoformat(until) - since),
            "at": instant(since),
        }
        title = _("%(number)s had no scan for %(span)s from %(at)s") % told
        return GuardRow("yellow", title, _("Ask the carrier for the full trace, so that the gap is explained."))
    told = {"number": finding.subject, "span": duration(at - since)}
    title = _("%(number)s has had no scan for %(span)s") % told
    return GuardRow("yellow", title, _("Ask the carrier where it is, and tell the buyer before they ask."))


def _claim(finding: GuardFinding, at: datetime) -> GuardRow:
    told = {"sku": finding.subject, "claims": finding.params["claims"]}
    title = _("The listing %(sku)s makes absolute claims: %(claims)s") % told
    return GuardRow("yellow", title, _("Take them out of its text: any defect contradicts them."))


WORDS: Mapping[Risk, Callable[[GuardFinding, datetime], GuardRow]] = {
    Risk.NUMBER_REUSED: _reused,
    Risk.NUMBER_MALFORMED: _malformed,
    Risk.TRACE_SILENT: _silent,
    Risk.ABSOLUTE_CLAIM: _claim,
}
