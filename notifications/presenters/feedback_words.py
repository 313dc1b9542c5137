"""Messages about reviews and unanswered buyers in words, in the reader's language (AF-07, PN-23)."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages import formats
from core.templatetags.ui import sentences
from notifications.kinds import Words
from notifications.models import InboxMessage
from rulebook.queries import PolicyPeriod


def negative_review_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """Which orders got negative reviews, and how many stand in place of a review by the system."""
    given = message.parameters
    count, replaced = given["count"], given["replaced"]
    title = ngettext("%(count)s negative review", "%(count)s negative reviews", count) % {"count": count}
    parts = [_orders(given["orders"], count)]
    if replaced:
        text = ngettext(
            "%(count)s stands in place of a review by the system and counts from its own instant.",
            "%(count)s stand in place of reviews by the system and count from their own instants.",
            replaced,
        )
        parts.append(text % {"count": replaced})
    return Words(title, sentences(parts))


def unanswered_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """How many messages have to be answered soon, and until when the first of them."""
    given = message.parameters
    count = given["count"]
    due = formats.instant(datetime.fromisoformat(given["due_at"]), timezone.get_current_timezone())
    title = ngettext("%(count)s message to answer soon", "%(count)s messages to answer soon", count) % {"count": count}
    until = _("The first counts as unanswered from %(instant)s.") % {"instant": due}
    return Words(title, sentences([_orders(given["orders"], count), until]))


def _orders(numbers: Sequence[str], count: int) -> str:
    text = _("Orders %(numbers)s and others.") if count > len(numbers) else _("Orders: %(numbers)s.")
    return text % {"numbers": ", ".join(numbers)}
