"""The messages of a person (PG-19)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from core.pages.components import Tab
from notifications.models import InboxMessage
from notifications.presenters.parts import notice_url
from notifications.presenters.wording import message_text
from rulebook.queries import PolicyPeriod

Kind = InboxMessage.Kind
CALM = frozenset({Kind.PREDICTED, Kind.ADVICE, Kind.UNFROZEN, Kind.FREEZE_PREDICTED})


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message in the reader's words; ``url``: the page it is about."""

    message: InboxMessage
    title: str
    text: str
    level: str
    url: str
    is_read: bool


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """What templates/notifications/messages.html reads."""

    tabs: list[Tab]
    page: Page[InboxMessage]
    rows: list[MessageRow]
    unread_only: bool


def messages_page_of(
    request: HttpRequest, page: Page[InboxMessage], periods: Sequence[PolicyPeriod], *, unread_only: bool
) -> MessagesPage:
    """A page of a person's messages."""
    tabs = [
        Tab(_("All"), request.path, current=not unread_only),
        Tab(_("Unread"), f"{request.path}?show=unread", current=unread_only),
    ]
    return MessagesPage(tabs, page, message_rows(page, periods), unread_only)


def message_url(message: InboxMessage) -> str:
    """What a message is about: its notice, else the rating."""
    if message.notice is None:
        return reverse("dashboard:rating", args=[message.store.store_no])
    return notice_url(message.notice, message.store.store_no)


def message_rows(messages: Iterable[Any], periods: Sequence[PolicyPeriod]) -> list[MessageRow]:
    """Messages with ``is_read`` in the reader's words."""
    return [_row(message, periods) for message in messages]


def _row(message: Any, periods: Sequence[PolicyPeriod]) -> MessageRow:
    title, text = message_text(message, periods)
    return MessageRow(
        message=message,
        title=title,
        text=text,
        level="info" if message.kind in CALM else message.parameters.get("level", "yellow"),
        url=message_url(message),
        is_read=message.is_read,
    )
