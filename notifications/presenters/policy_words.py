"""Messages about coming policy versions in words, in the reader's language (BX-14)."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from core.pages import formats
from core.templatetags.ui import sentences
from core.timebase import performance_day
from notifications.kinds import Words
from notifications.models import InboxMessage
from notifications.titles import title_of
from rulebook.queries import PolicyPeriod


def announced_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """What a coming version changes for the company's stores."""
    given = message.parameters
    day = formats.day(performance_day(datetime.fromisoformat(given["starts"])))
    metrics = _(", ").join(str(title_of(code)) for code in given["metrics"])
    told = [_("Thresholds change: %(metrics)s.") % {"metrics": metrics}] if metrics else []
    if given["penalties"]:
        told.append(_("What brings penalties changes."))
    told.append(_("Every parameter before and after is on the page of the version."))
    return Words(_("New rules from %(day)s") % {"day": day}, sentences(told))
