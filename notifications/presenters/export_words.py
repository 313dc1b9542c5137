"""Messages about exports, in words (IX-13)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from core.pages import formats
from notifications.kinds import Words
from notifications.models import InboxMessage
from rulebook.queries import PolicyPeriod


def ready_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = {**message.parameters, "rows": formats.number(message.parameters["rows"])}
    return Words(_("%(name)s is ready") % given, _("%(rows)s rows. Download the file before it is removed.") % given)


def failed_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    return Words(_("%(name)s could not be made") % given, _("Its page says why, and what to do instead."))
