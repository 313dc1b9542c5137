"""Messages about webhooks in words, in the reader's language (IX-23)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from notifications.kinds import Words
from notifications.models import InboxMessage, WebhookEndpoint
from rulebook.queries import PolicyPeriod


def webhook_failed_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """A delivery was tried for 24 hours and given up."""
    title = _("Webhook to %(host)s: events could not be delivered") % message.parameters
    return Words(title, _("They were tried for 24 hours. Look at the answers, mend the cause and send them again."))


def webhook_disabled_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """An endpoint was switched off by itself."""
    title = _("Webhook to %(host)s switched off") % message.parameters
    if message.parameters["reason"] == WebhookEndpoint.Reason.GONE:
        return Words(title, _("Its server answered 410 Gone. Switch it on again when it shall receive events."))
    text = _("Nothing was delivered for 5 days. Mend the cause, switch it on and send what it missed.")
    return Words(title, text)
