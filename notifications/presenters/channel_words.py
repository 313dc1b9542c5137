"""Messages about channels that fail, in words (PN-37)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from core.outgoing import detail_words
from notifications.kinds import Words
from notifications.models import CHANNELS, InboxMessage
from rulebook.queries import PolicyPeriod


def failed_chat_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    names = {"channel": dict(CHANNELS)[given["channel"]], "name": given["name"]}
    names["answer"] = detail_words(given["answer"])
    return Words(
        _("%(channel)s “%(name)s” gets no messages") % names,
        _("The chat answered: %(answer)s. Connect it anew or send it a test. Other channels still deliver.") % names,
    )
