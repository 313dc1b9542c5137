"""E-mails in the recipient's language and zone, as plain text and HTML. Nothing in them is loaded from anywhere."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages import formats
from notifications.channels.mail.unsubscribing import EVERYTHING, unsubscribe_url
from notifications.channels.notes import Item, item_of, keyed_hash, language_of, speaking
from notifications.models import Delivery, InboxMessage
from notifications.rules import URGENT_GROUPS, MessageGroup
from rulebook.queries import PolicyPeriod
from stores.middleware import zone_of
from stores.models import Invitation, User


@dataclass(frozen=True, slots=True)
class MailContext:
    """What the templates of templates/mail read. ``unsubscribe``: empty where nothing may be switched off."""

    language: str
    title: str
    items: Sequence[Item]
    why: str
    preferences: str
    unsubscribe: str
    is_digest: bool


def compose_mail(deliveries: Sequence[Delivery], periods: Sequence[PolicyPeriod]) -> EmailMultiAlternatives:
    """The mail of one delivery, or of a person's digest. Composed again it has the same Message-ID."""
    user = deliveries[0].recipient
    assert user is not None
    with read_by(user):
        items = [item_of(delivery.message, periods) for delivery in deliveries]
        if deliveries[0].is_digest:
            return _digest(user, deliveries, items)
        return _single(user, deliveries[0], items[0])


def compose_test(user: User, at: datetime) -> EmailMultiAlternatives:
    """A mail that says that mails arrive."""
    with read_by(user):
        item = Item(
            _("This is a test."),
            _("If you read this, messages of Dianwei reach you at this address."),
            "",
            formats.instant(at, timezone.get_current_timezone(), seconds=True),
            settings.BASE_URL + reverse("notifications:preferences"),
        )
        why = _("You asked for it on the page of your e-mail preferences.")
        context = MailContext(language_of(user.language), _("Test message"), [item], why, _preferences_url(), "", False)
        return _mail(user.email, context, _message_id(f"test {user.pk} {at.isoformat()}"))


def compose_items(user: User, *, key: str, title: str, items: Sequence[Item], why: str) -> EmailMultiAlternatives:
    """A mail that lists something to a person of operations, in words of the language that is active; ``key`` gives its
    Message-ID."""
    context = MailContext(language_of(user.language), title, items, why, _preferences_url(), "", True)
    return _mail(user.email, context, _message_id(key))


def compose_invitation(invitation: Invitation, url: str) -> EmailMultiAlternatives:
    """An invitation in the language of who sends it: that of the reader is not known yet."""
    title = _("Invitation to %(company)s") % {"company": invitation.company.name}
    text = _("%(inviter)s invites you to work with %(company)s in Dianwei. Role: %(role)s. The link works once.") % {
        "inviter": invitation.created_by,
        "company": invitation.company.name,
        "role": invitation.get_role_display(),
    }
    until = formats.instant(invitation.expires_at, timezone.get_current_timezone())
    item = Item(title, text, "", _("Valid until %(until)s") % {"until": until}, url)
    why = _("If you expected no invitation, you need do nothing.")
    language = translation.get_language() or settings.LANGUAGE_CODE
    context = MailContext(language, title, [item], why, _preferences_url(), "", False)
    return _mail(invitation.email, context, _message_id(f"invitation {invitation.pk}"))


def _single(user: User, delivery: Delivery, item: Item) -> EmailMultiAlternatives:
    message = delivery.message
    may_silence = MessageGroup(message.group) not in URGENT_GROUPS
    context = MailContext(
        language_of(user.language),
        f"{item.title} · {item.store}",
        [item],
        _why(message)
        if may_silence
        else _("Such messages are always mailed: a deadline or restrictions depend on them."),
        _preferences_url(),
        unsubscribe_url(user, message.group) if may_silence else "",
        False,
    )
    return _mail(user.email, context, _message_id(f"delivery {delivery.pk}"))


def _digest(user: User, deliveries: Sequence[Delivery], items: Sequence[Item]) -> EmailMultiAlternatives:
    count = len(items)
    title = ngettext("Daily digest: %(count)s message", "Daily digest: %(count)s messages", count) % {"count": count}
    why = _("You get one e-mail a day of messages that are not urgent.")
    context = MailContext(
        language_of(user.language), title, items, why, _preferences_url(), unsubscribe_url(user, EVERYTHING), True
    )
    return _mail(user.email, context, _message_id(f"digest {' '.join(str(delivery.pk) for delivery in deliveries)}"))


def _mail(address: str, context: MailContext, message_id: str) -> EmailMultiAlternatives:
    headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated"}
    if context.unsubscribe:
        headers |= {
            "List-Unsubscribe": f"<{context.unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    mail = EmailMultiAlternatives(
        # A header is one line, whatever a store is called.
        settings.ACCOUNT_EMAIL_SUBJECT_PREFIX + " ".join(context.title.split()),
        render_to_string("mail/message.txt", {"mail": context}),
        to=[address],
        headers=headers,
    )
    mail.attach_alternative(render_to_string("mail/message.html", {"mail": context}), "text/html")
    return mail


def _why(message: InboxMessage) -> str:
    return _("You get this as a member of %(company)s: %(group)s.") % {
        "company": message.company.name,
        "group": message.get_group_display(),
    }


def read_by(user: User) -> ExitStack:
    """A person's language and zone."""
    return speaking(user.language, zone_of(user))


def _preferences_url() -> str:
    return f"{settings.BASE_URL}{reverse('notifications:preferences')}"


def _message_id(what: str) -> str:
    """The same for the same content, and nobody's to guess the contents of."""
    domain = urlsplit(settings.BASE_URL).hostname or "localhost"
    return f"<{keyed_hash(what)}@{domain}>"
