"""Messages about orders in words, in the reader's language."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from notifications.kinds import Words
from notifications.models import InboxMessage
from rulebook.queries import PolicyPeriod


def unconfirmed_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """The warning "not confirmed in time" (TM-02)."""
    title = _("Dispatch of order %(order_no)s not confirmed in time") % message.parameters
    return Words(title, _("Ship it before its dispatch deadline. Every third such warning counts as a late dispatch."))


def blocked_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """Orders wait for the store's account (AF-10)."""
    title = _("Orders held: identity or payout account missing")
    text = _("Order %(order_no)s was the first today. Have the identity verified and bind a payout account.")
    return Words(title, text % message.parameters)
