"""How messages about disputes read (DP-01, DP-19)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from core.pages import formats
from core.templatetags.ui import instant
from disputes.models import Dispute
from notifications.kinds import Words
from notifications.models import InboxMessage
from rulebook.queries import PolicyPeriod

LIABLE = dict(Dispute.Liability.choices)


def escalated_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """The dispute went to operations."""
    title = _("Dispute %(number)s went to arbitration") % message.parameters
    return Words(title, _("Operations decide about order %(order_no)s and tell you the verdict.") % message.parameters)


def closed_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """The verdict with its reason."""
    given = message.parameters
    title = _("Verdict on dispute %(number)s: liable is %(who)s") % {
        "number": given["number"],
        "who": LIABLE.get(given["liability"], "–"),
    }
    return Words(title, " ".join(filter(None, (_paid(given["outcome_usd"]), given["reason"]))))


def settled_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """Both sides agreed; without evidence the seller is liable all the same."""
    given = message.parameters
    blamed = given["liability"] == Dispute.Liability.SELLER
    note = _("You are liable, because you gave no evidence in time.") if blamed else ""
    title = _("Dispute %(number)s is settled") % given
    return Words(title, " ".join(filter(None, (_paid(given["outcome_usd"]), note))))


def withdrawn_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """The buyer took it back."""
    title = _("The buyer withdrew dispute %(number)s") % message.parameters
    return Words(title, _("Nobody is liable for order %(order_no)s.") % message.parameters)


def reopened_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """The clocks began anew."""
    due = {"at": instant(datetime.fromisoformat(message.parameters["due_at"]))}
    title = _("The buyer re-opened dispute %(number)s") % message.parameters
    return Words(title, _("Answer with evidence by %(at)s; then it goes to arbitration without your side.") % due)


def _paid(amount: str) -> str:
    if not amount or not Decimal(amount):
        return _("Nothing is paid to the buyer.")
    return _("Paid to the buyer: %(amount)s.") % {"amount": formats.money(Decimal(amount), "USD")}
