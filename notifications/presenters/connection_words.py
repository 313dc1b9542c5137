"""Messages about the connections of stores in words (IX-25)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages import formats
from notifications.kinds import Words
from notifications.models import InboxMessage
from rulebook.queries import PolicyPeriod


def ending_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """How long the authorisation lasts."""
    days = int(message.parameters["days"])
    title = ngettext(
        "The connection to the platform ends in %(days)s day",
        "The connection to the platform ends in %(days)s days",
        days,
    )
    return Words(
        title % {"days": formats.number(days)},
        _("Authorise it again before that: then no data is missed."),
    )


def stopped_words(_message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """Nothing comes in until somebody acts."""
    return Words(
        _("The connection to the platform has stopped"),
        _("No data comes in until somebody authorises it again; its page says why. Files can be imported meanwhile."),
    )
