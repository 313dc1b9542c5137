"""The tools that a notice recommends by why its orders fail (PN-15)."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from disputes.models import Dispute
from metrics.reasons.codes import COMMUNICATION, DESCRIBED, DISPUTE, REVIEW
from orders.presenters.reply_subjects import SUBJECTS
from orders.replies import ReplySubject

_DISPUTES = {
    Dispute.Kind.NOT_RECEIVED: ReplySubject.NOT_RECEIVED,
    Dispute.Kind.NOT_AS_DESCRIBED: ReplySubject.NOT_AS_DESCRIBED,
    Dispute.Kind.QUALITY: ReplySubject.QUALITY,
    Dispute.Kind.PLATFORM_CLAIM: ReplySubject.CLAIM,
    Dispute.Kind.CHARGEBACK: ReplySubject.CLAIM,
}
_STARS = {
    REVIEW: ReplySubject.DESCRIBED,
    DESCRIBED: ReplySubject.DESCRIBED,
    COMMUNICATION: ReplySubject.COMMUNICATION,
}
# Reasons that carriers have a hand in: their comparison helps.
_CARRIED = frozenset(
    {
        *("synced_late", "shipped_late", "not_delivered", "delivered_late"),
        *("returned", "lost", "not_arrived", "arrived_after", "no_first_scan", "silent"),
    }
)
_LATE_PARCELS = _CARRIED - {"synced_late", "shipped_late"}


def subject_of(kind: str) -> ReplySubject:
    """What the reply to a dispute of a kind is about."""
    return _DISPUTES[Dispute.Kind(kind)]


@dataclass(frozen=True, slots=True)
class Tool:
    """Where a tool is, and what it is."""

    text: str
    url: str


def tools_of(store_no: str, reasons: Collection[str]) -> list[Tool]:
    """The tools for these reasons: carriers compared and registered (TM-18), reply templates for what buyers complain
    of."""
    found = []
    if not _CARRIED.isdisjoint(reasons):
        found.append(Tool(_("Compare your carriers"), reverse("dashboard:carriers", args=[store_no])))
        found.append(Tool(_("Registered carriers"), reverse("dashboard:carrier_register", args=[store_no])))
    for subject in replies_for(reasons):
        url = f"{reverse('dashboard:replies', args=[store_no])}?{urlencode({'about': subject})}"
        found.append(Tool(_("Reply template: %(subject)s") % {"subject": SUBJECTS[subject]}, url))
    return found


def replies_for(reasons: Collection[str]) -> list[ReplySubject]:
    """The subjects of replies that these reasons call for, in the order of their declaration."""
    wanted = {subject for reason in reasons if (subject := _subject(reason)) is not None}
    return [subject for subject in ReplySubject if subject in wanted]


def _subject(reason: str) -> ReplySubject | None:
    family, _dot, member = reason.partition(".")
    if family == DISPUTE:
        return _DISPUTES.get(Dispute.Kind(member)) if member in set(Dispute.Kind) else None
    if reason in _LATE_PARCELS:
        return ReplySubject.SHIPPING
    return _STARS.get(family)
