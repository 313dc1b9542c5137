"""What is sent of messages: their words in the reader's language and zone."""

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import tzinfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages import formats
from notifications.kinds import message_kind
from notifications.models import CompanySchedule, Delivery, InboxMessage
from rulebook.queries import PolicyPeriod
from stores.middleware import zone_named, zone_of

LANGUAGES = dict(settings.LANGUAGES)


@dataclass(frozen=True, slots=True)
class Item:
    """A message in what is sent."""

    title: str
    text: str
    store: str
    at: str
    url: str


@dataclass(frozen=True, slots=True)
class Note:
    """One message, or those of a digest. ``id`` is the same whenever the same rows are sent (RL-02)."""

    id: str
    title: str
    items: Sequence[Item]
    url: str


def compose_note(rows: Sequence[Delivery], periods: Sequence[PolicyPeriod]) -> Note:
    """What the rows of one target say to who reads there."""
    with read_by(rows[0]):
        items = [item_of(row.message, periods) for row in rows]
        if len(items) == 1:
            return Note(note_id(rows), items[0].title, items, items[0].url)
        return Note(note_id(rows), digest_title(len(items)), items, messages_url())


def note_id(rows: Sequence[Delivery]) -> str:
    """Nobody's to guess the contents of."""
    return keyed_hash(f"note {' '.join(str(row.pk) for row in rows)}")[:16]


def keyed_hash(text: str) -> str:
    """32 hexadecimal digits."""
    return hashlib.blake2b(text.encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=16).hexdigest()


def digest_title(count: int) -> str:
    """Of several messages that go as one."""
    return ngettext("%(count)s message", "%(count)s messages", count) % {"count": count}


def messages_url() -> str:
    """The message centre, unread ones first."""
    return str(settings.BASE_URL + reverse("notifications:messages"))


def item_of(message: InboxMessage, periods: Sequence[PolicyPeriod]) -> Item:
    """A message in the language and zone that are active."""
    words = message_kind(message.kind).words(message, periods)
    return Item(
        words.title,
        words.text,
        message.store.name,
        formats.instant(message.at, timezone.get_current_timezone()),
        settings.BASE_URL + reverse("notifications:message", args=[message.pk]),
    )


def read_by(row: Delivery) -> ExitStack:
    """Language and zone of whom a delivery is for."""
    if row.recipient is not None:
        return speaking(row.recipient.language, zone_of(row.recipient))
    assert row.connection is not None
    schedule = CompanySchedule.objects.filter(company=row.connection.company_id).first()
    return speaking(row.connection.language, zone_named(schedule.time_zone if schedule else ""))


def speaking(language: str, zone: tzinfo) -> ExitStack:
    """A language, or the default one where it is unknown, and a zone."""
    stack = ExitStack()
    stack.enter_context(translation.override(language_of(language)))
    stack.enter_context(timezone.override(zone))
    return stack


def language_of(language: str) -> str:
    """A language of the product."""
    return language if language in LANGUAGES else settings.LANGUAGE_CODE


def code_line(note: Note) -> str:
    """The line by which people tell a message that came twice from a new one."""
    return _("No. %(id)s") % {"id": note.id}


@dataclass(frozen=True, slots=True)
class Brief:
    """What a phone's lock screen may show: what it is about and the store, no words about people or orders."""

    id: str
    title: str
    store: str
    path: str


def compose_brief(rows: Sequence[Delivery], periods: Sequence[PolicyPeriod]) -> Brief:
    """What the rows of one person say in short."""
    with read_by(rows[0]):
        if len(rows) > 1:
            return Brief(note_id(rows), digest_title(len(rows)), "", reverse("notifications:messages"))
        message = rows[0].message
        path = reverse("notifications:message", args=[message.pk])
        return Brief(note_id(rows), brief_title(message, periods), message.store.name, path)


def brief_title(message: InboxMessage, periods: Sequence[PolicyPeriod]) -> str:
    """Titles of messages about notices say level and number; others may name whom they are about."""
    kind = message_kind(message.kind)
    return kind.words(message, periods).title if message.notice_id is not None else str(kind.label)
