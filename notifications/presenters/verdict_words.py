"""Messages about pickup proofs, logistics claims and risk cases in words (TM-11, AF-08, TM-07)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from core.pages import formats
from core.templatetags.ui import sentences
from notifications.kinds import Words
from notifications.models import InboxMessage
from orders.cases import case_kind
from orders.models import RiskCase
from orders.models.logistics import CLAIM_KINDS
from orders.rules.logistics import ClaimKind
from rulebook.queries import PolicyPeriod

KINDS = dict(CLAIM_KINDS)


def accepted_claim_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """What follows from the acceptance."""
    given = message.parameters
    title = _("Accepted: %(kind)s for order %(order)s")
    if given["claim"] == ClaimKind.PICKUP:
        texts = [_("The pickup was added to the trace of parcel %(tracking_no)s.")]
    else:
        texts = [_("The carrier's fault with parcel %(tracking_no)s is proven.")]
    if given.get("compensation"):
        due = {"amount": formats.money(formats.exact(given["compensation"]), given["currency"])}
        texts.append(_("Shipping compensation due: %(amount)s.") % due)
    named = {**given, "kind": KINDS[given["claim"]]}
    return Words(title % named, sentences([text % named if "%(" in text else text for text in texts]))


def refused_claim_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """Why, and that it can be handed in again."""
    given = message.parameters
    title = _("Refused: %(kind)s for order %(order)s") % {**given, "kind": KINDS[given["claim"]]}
    return Words(title, sentences([given["reason"], _("Mend it and hand it in again.")]))


def confirmed_case_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    title = _("Confirmed by operations: %(case)s, %(subject)s") % _named(message)
    listed = [str(RiskCase.Reason(given["code"]).label)] if given.get("code") else []
    return Words(title, sentences([*listed, given["reason"]]))


def dismissed_case_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    title = _("Cleared up: %(case)s, %(subject)s") % _named(message)
    return Words(title, _("Operations looked into it and found nothing wrong. Nothing follows."))


def seldom_scans_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """Which carrier, and what it leads to (AF-13)."""
    given = message.parameters
    title = _("%(carrier)s scans its parcels too seldom") % given
    known = _("One scan every %(hours)s hours on average; a valid trace needs one every %(target)s.") % given
    harm = _("Its traces fall silent or become invalid: the orders under way would be held. Consider another carrier.")
    return Words(title, sentences([known, harm]))


def _named(message: InboxMessage) -> dict[str, object]:
    given = message.parameters
    return {"case": case_kind(given["case"]).label, "subject": given["subject"]}
