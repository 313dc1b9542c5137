"""What each finding of the Smart Check is called, and what to do about it, in the reader's language (PN-28)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from appeals.checks.findings import Code, Finding, Severity
from appeals.models import EXCEPTION_TYPES
from core.pages import formats
from disputes.models import Dispute
from rulebook.reading import word

EXCEPTIONS: dict[str, Any] = dict(EXCEPTION_TYPES) | dict(Dispute.Kind.choices)
MOST_NAMED = 5

# Title and advice.
Words = tuple[str, str]


def words_of(finding: Finding) -> Words:
    """A finding in words: what is so, and what to do; the advice is empty where nothing is to be done."""
    return _WORDS[finding.code](finding)


def finding_text(finding: Finding) -> str:
    """What a finding says, in one line."""
    return words_of(finding)[0]


def _not_examined(finding: Finding) -> Words:
    return _("The file was not examined"), _(
        "It waits for its examination, or its content can't be read. Check again in a minute. If this stays, save it as"
        " a new PDF or JPEG and attach that."
    )


def _not_read(finding: Finding) -> Words:
    return _("The text in the picture was not read"), _(
        "Text recognition is not installed here, or the file has more pictures than are read. Reviewers look at the"
        " picture themselves; nothing counts against you."
    )


def _type_differs(finding: Finding) -> Words:
    told = {"ending": finding.params["ending"] or "–", "type": _TYPES[finding.params["type"]]}
    title = _("The name ends in %(ending)s, but the file is a %(type)s") % told
    return title, _("Give the file a name with the right ending, so that nobody wonders what it is.")


_TYPES = {"pdf": "PDF", "jpeg": "JPEG"}


def _picture_editor(finding: Finding) -> Words:
    title = _("Saved by %(program)s") % {"program": finding.params["program"]}
    return title, _("If it was only cropped or made smaller, that is no problem. The original convinces more.")


def _encrypted(finding: Finding) -> Words:
    return _("The PDF is encrypted"), _("Print it to a new PDF without a password and attach that.")


def _active_content(finding: Finding) -> Words:
    parts = ", ".join(_part(part) for part in finding.params["parts"])
    title = _("The PDF holds more than pages: %(parts)s") % {"parts": parts}
    return title, _("Print it to a new PDF and attach that: what is to be read stays, the rest doesn't.")


def _part(code: str) -> str:
    return {
        "script": pgettext("part of a PDF", "a script"),
        "launch": pgettext("part of a PDF", "a program to start"),
        "opens_itself": pgettext("part of a PDF", "an action on opening"),
        "sends_form": pgettext("part of a PDF", "a form that sends data"),
        "attachment": pgettext("part of a PDF", "an attachment"),
        "xfa": pgettext("part of a PDF", "an XFA form"),
        "media": pgettext("part of a PDF", "media"),
    }[code]


def _signature_outrun(finding: Finding) -> Words:
    advice = _("Attach the file as the signer sent it.")
    if finding.params["pages"]:
        return _("Changed after it was signed: %(pages)s") % {"pages": _pages(finding.params["pages"])}, advice
    return _("Something was appended after it was signed; the pages look the same"), advice


def _saved_again(finding: Finding) -> Words:
    advice = _("Notes and stamps added later look like this too. If you have the file as it was received, attach that.")
    if finding.params["pages"]:
        return _("Changed since it was made: %(pages)s") % {"pages": _pages(finding.params["pages"])}, advice
    return _("Saved again since it was made; the pages look the same"), advice


def _pages(numbers: Sequence[int]) -> str:
    named = ", ".join(str(number) for number in numbers[:MOST_NAMED]) + ("…" if len(numbers) > MOST_NAMED else "")
    return ngettext("page %(numbers)s", "pages %(numbers)s", len(numbers)) % {"numbers": named}


def _file_reused(finding: Finding) -> Words:
    title = _("The same file was handed in before: %(appeals)s") % {"appeals": _appeals(finding)}
    return title, _("A letter about several parcels may serve twice. See that it names the orders of this appeal.")


def _picture_reused(finding: Finding) -> Words:
    title = _("The same picture was handed in before: %(appeals)s") % {"appeals": _appeals(finding)}
    return title, _("Attach a picture that shows the parcels of this appeal.")


def _picture_alike(finding: Finding) -> Words:
    title = _("The picture looks like one that was handed in before: %(appeals)s") % {"appeals": _appeals(finding)}
    return title, _(
        "Their text was not read, so they may show two parcels on one kind of page. See that this is the right one."
    )


def _appeals(finding: Finding) -> str:
    numbers = finding.params.get("appeals") or [finding.params.get("appeal", "")]
    named = [number for number in numbers if number][:MOST_NAMED]
    return ", ".join([*named, *([_("an appeal of another store of your company")] if "" in numbers else [])])


def _number_found(finding: Finding) -> Words:
    return _("Order %(order)s is named: %(number)s") % {"order": finding.order, "number": finding.params["written"]}, ""


def _number_missing(finding: Finding) -> Words:
    count = finding.params["count"]
    title = ngettext(
        "The tracking number of order %(orders)s is in none of the files",
        "The tracking numbers of %(count)s orders are in none of the files: %(orders)s",
        count,
    ) % {"count": formats.number(count), "orders": _orders(finding)}
    if finding.params["recognised"]:
        return title, _(
            "Text in pictures is read by recognition, which misses some numbers. If a picture shows it, leave it so:"
            " what recognition reads is never held against you."
        )
    return title, _("Attach a document that names it, or leave the order out of the appeal.")


def _orders(finding: Finding) -> str:
    orders: Sequence[str] = finding.params["orders"]
    return ", ".join(orders[:MOST_NAMED]) + ("…" if finding.params["count"] > MOST_NAMED else "")


def _number_near(finding: Finding) -> Words:
    told = {**finding.params, "order": finding.order}
    title = _("%(written)s is one sign off from %(meant)s, the number of order %(order)s") % told
    if finding.params["recognised"]:
        return title, _(
            "Recognition may have misread it. Look at the picture; if the number is right there, leave it so: what"
            " recognition reads is never held against you."
        )
    if finding.params["valid"] is False:
        return title, _("Its check digit is wrong, so no parcel has it. Ask whoever wrote the document to correct it.")
    return title, _("Ask whoever wrote the document to correct it, or leave the order out of the appeal.")


def _other_order(finding: Finding) -> Words:
    title = _("The file names order %(order)s, which this appeal doesn't") % {"order": finding.order}
    if finding.params["recognised"]:
        return title, _("It was read by recognition. See whether the picture shows the right parcel.")
    return title, _("It names none of the appeal's orders. Attach the right file, or add that order.")


def _delivered_before_dispatch(finding: Finding) -> Words:
    told = {"written": finding.params["written"], "dispatched": _instant(finding.params["dispatched"])}
    title = _("Delivered %(written)s, before it was dispatched on %(dispatched)s") % told
    return title, _("The document may be that of another parcel. Reviewers reject an order whose proof contradicts it.")


def _handed_over_late(finding: Finding) -> Words:
    title = _("Handed over after the deadline, so not in time")
    told = {"written": finding.params["written"], "ship_by": _instant(finding.params["ship_by"])}
    return title, _(
        "The list says %(written)s; the order had to be dispatched by %(ship_by)s. With this document it will hardly be"
        " accepted: leave it out of the appeal, or attach another document."
    ) % told


def _dates_outside(finding: Finding) -> Words:
    title = _("The dates in the file don't fit the orders: %(written)s") % {"written": finding.params["written"]}
    told = {"begin": _day(finding.params["begin"]), "end": _day(finding.params["end"])}
    return title, _("The orders' time is from %(begin)s to %(end)s. See that this is the right document.") % told


def _country_differs(finding: Finding) -> Words:
    told = {"country": finding.params["country"], "sites": finding.params["sites"]}
    title = _("The destination is %(country)s, the orders go to %(sites)s") % told
    return title, _("See that the document is about the parcels of this appeal.")


def _stamp_missing(finding: Finding) -> Words:
    return _("No red stamp was seen"), _(
        "Letters of carriers and customs should be stamped. A pale stamp or one of another colour isn't seen: then"
        " leave it so."
    )


def _evidence_missing(finding: Finding) -> Words:
    told = {
        "exception": EXCEPTIONS.get(finding.params["exception"], finding.params["exception"]),
        "kind": word(finding.params["kind"]),
        "orders": _orders(finding),
    }
    title = _("“%(exception)s” lacks evidence: %(kind)s") % told
    if finding.order:
        return title, _("Without it such an order is usually rejected.")
    return title, _("Without it such orders are usually rejected. It concerns %(orders)s.") % told


def _evidence_invalid(finding: Finding) -> Words:
    kinds = ", ".join(word(kind) for kind in finding.params["kinds"])
    title = _("None of the files can carry an appeal against a verdict")
    return title, _("At least one of these is needed: %(kinds)s.") % {"kinds": kinds}


def _messages_as_file(finding: Finding) -> Words:
    return _("Messages are attached as a file"), _(
        "Reviewers see the conversation beside the order. Take the file out and use its place for something else."
    )


def _statement_empty(finding: Finding) -> Words:
    return _("The statement is empty"), _("Say what happened to which order, when, and what shows it.")


def _statement_names_no_order(finding: Finding) -> Words:
    return _("The statement names no order"), _(
        "Name the orders by number, or by the last six digits, with what happened to each."
    )


def _statement_alike(finding: Finding) -> Words:
    told = {"percent": finding.params["percent"], "appeal": _appeals(finding)}
    title = _("The statement is %(percent)s %% alike to an earlier one: %(appeal)s") % told
    return title, _("Reviewers often reject statements that fit any appeal. Say what is particular to these orders.")


def _instant(text: str) -> str:
    return formats.instant(datetime.fromisoformat(text), timezone.get_current_timezone())


def _day(text: str) -> str:
    return formats.day(date.fromisoformat(text))


def _passed(text: Callable[[], str]) -> Callable[[Finding], Words]:
    return lambda finding: (text(), "")


_WORDS: Mapping[Code, Callable[[Finding], Words]] = {
    Code.NOT_EXAMINED: _not_examined,
    Code.NOT_READ: _not_read,
    Code.TYPE_DIFFERS: _type_differs,
    Code.TYPE_SAME: _passed(lambda: _("Name and content are of one type")),
    Code.PICTURE_EDITOR: _picture_editor,
    Code.NO_EDITOR: _passed(lambda: _("No trace of a picture editor")),
    Code.ENCRYPTED: _encrypted,
    Code.ACTIVE_CONTENT: _active_content,
    Code.NO_ACTIVE_CONTENT: _passed(lambda: _("No scripts, no attachments")),
    Code.SIGNATURE_OUTRUN: _signature_outrun,
    Code.SIGNATURE_WHOLE: _passed(lambda: _("The signature covers the whole file")),
    Code.SAVED_AGAIN: _saved_again,
    Code.SAVED_ONCE: _passed(lambda: _("Not changed since it was made")),
    Code.FILE_REUSED: _file_reused,
    Code.PICTURE_REUSED: _picture_reused,
    Code.PICTURE_ALIKE: _picture_alike,
    Code.FILE_NEW: _passed(lambda: _("Not handed in before")),
    Code.NUMBER_FOUND: _number_found,
    Code.NUMBER_MISSING: _number_missing,
    Code.NUMBER_NEAR: _number_near,
    Code.OTHER_ORDER: _other_order,
    Code.DELIVERED_BEFORE_DISPATCH: _delivered_before_dispatch,
    Code.HANDED_OVER_LATE: _handed_over_late,
    Code.DATES_OUTSIDE: _dates_outside,
    Code.DATES_FIT: _passed(lambda: _("The dates fit the orders")),
    Code.COUNTRY_DIFFERS: _country_differs,
    Code.COUNTRY_FITS: _passed(lambda: _("The destination fits the orders")),
    Code.STAMP_MISSING: _stamp_missing,
    Code.STAMP_SEEN: _passed(lambda: _("A red stamp can be seen")),
    Code.EVIDENCE_MISSING: _evidence_missing,
    Code.EVIDENCE_INVALID: _evidence_invalid,
    Code.EVIDENCE_COMPLETE: _passed(lambda: _("Every kind of evidence needed is there")),
    Code.MESSAGES_AS_FILE: _messages_as_file,
    Code.STATEMENT_EMPTY: _statement_empty,
    Code.STATEMENT_NAMES_NO_ORDER: _statement_names_no_order,
    Code.STATEMENT_ALIKE: _statement_alike,
    Code.STATEMENT_OWN: _passed(lambda: _("The statement names its orders and is no boilerplate")),
}


def severity_word(severity: Severity) -> str:
    """What the weight of a finding is called before submission: something to do, never a charge."""
    return {
        Severity.HIGH: pgettext("severity of a finding", "must be checked"),
        Severity.MEDIUM: pgettext("severity of a finding", "should be checked"),
        Severity.LOW: pgettext("severity of a finding", "note"),
        Severity.PASSED: pgettext("severity of a finding", "passed"),
    }[severity]
