"""Messages about copyright in words, in the reader's language (PN-24)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages import formats
from notifications.kinds import Words
from notifications.models import InboxMessage
from rulebook.queries import PolicyPeriod


def image_flagged_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """Images to replace before they are complained about."""
    count = int(message.parameters["count"])
    title = ngettext(
        "%(count)s listing image looks like one that was complained about",
        "%(count)s listing images look like one that was complained about",
        count,
    )
    text = _("A complaint about such an image was upheld. Show an image of your own before the next complaint.")
    return Words(title % {"count": formats.number(count)}, text)


def complaint_named_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """A complaint that adds nothing to the notice that is open."""
    title = _("Complaint %(complaint)s upheld: it is named on notice %(number)s") % message.parameters
    return Words(
        title, _("No further notice is issued while this one is open. It ends once no listing shows the images.")
    )
