"""How messages about refunds and funds read (TM-04, TM-12)."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from core.templatetags.ui import instant
from notifications.kinds import Words
from notifications.models import InboxMessage
from orders.presenters.hold_words import held_words, lifted_by, reasons_of
from rulebook.queries import PolicyPeriod
from stores.models import Store


def asked_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """A buyer asks for money; what silence brings."""
    given = message.parameters
    title = _("A buyer asks for a refund: %(number)s") % given
    if not given["due_at"]:
        return Words(title, _("It is answered already."))
    due = {"at": instant(datetime.fromisoformat(given["due_at"]))}
    if message.store.mode == Store.Mode.MIRRORED:
        return Words(title, _("Answer on the platform by %(at)s, else it refunds in full.") % due)
    return Words(title, _("Answer by %(at)s, else it is refunded in full.") % due)


def defaulted_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """Nobody answered."""
    title = _("Refund %(number)s was paid in full") % message.parameters
    return Words(title, _("Nobody answered it in time."))


def held_funds_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """Why funds are held, and what lifts it."""
    reasons = reasons_of(message.parameters["reason"])
    title = _("The funds of order %(number)s are held") % message.parameters
    why = _("Because %(why)s.") % {"why": held_words(reasons)}
    return Words(title, " ".join(filter(None, (why, lifted_by(reasons)))))


def released_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """Funds were released on a day."""
    title = _("Funds were released on %(day)s") % message.parameters
    return Words(title, _("The funds page shows how much, by currency."))
