"""The mail that names overdue reviews, in the senior reviewer's language and zone (PN-09)."""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appeals.models import OverdueMail
from core.pages import formats
from notifications.channels.mail.composing import compose_items, read_by
from notifications.channels.notes import Item

# The queue has the others.
MOST_REVIEWS = 20


def compose_overdue(mail: OverdueMail) -> EmailMultiAlternatives:
    """Composed again it has the same Message-ID."""
    with read_by(mail.user):
        count = len(mail.reviews)
        title = ngettext("%(count)s review is overdue", "%(count)s reviews are overdue", count)
        return compose_items(
            mail.user,
            key=f"overdue {mail.pk}",
            title=title % {"count": formats.number(count)},
            items=[_item(review) for review in mail.reviews[:MOST_REVIEWS]] + _others(count - MOST_REVIEWS),
            why=_("You get this as a senior reviewer: at once when a review becomes overdue, then once a day."),
        )


def _item(review: dict[str, str]) -> Item:
    due = formats.instant(datetime.fromisoformat(review["due_at"]), timezone.get_current_timezone())
    title = _("Appeal %(number)s") % {"number": review["number"]}
    return Item(title, _("Due %(at)s") % {"at": due}, review["store"], "", queue_url())


def _others(count: int) -> list[Item]:
    if count <= 0:
        return []
    title = ngettext("and %(count)s further review", "and %(count)s further reviews", count)
    return [Item(title % {"count": formats.number(count)}, "", "", "", queue_url())]


def queue_url() -> str:
    """The queue's tab of overdue reviews."""
    return f"{settings.BASE_URL}{reverse('admin:appeals_appeal_queue')}?part=overdue"
