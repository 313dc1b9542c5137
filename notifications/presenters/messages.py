"""The messages of a person (PG-19)."""

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Page
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from notifications.models import InboxMessage
from notifications.presenters.parts import Part, notice_url
from notifications.presenters.texts import message_text

Kind = InboxMessage.Kind
CALM = frozenset({Kind.PREDICTED, Kind.ADVICE, Kind.UNFROZEN, Kind.FREEZE_PREDICTED})


def messages_context(request: HttpRequest, page: Page[InboxMessage], unread_only: bool) -> Part:
    """What templates/notifications/messages.html reads."""
    tabs = [
        {"label": _("All"), "url": request.path, "current": not unread_only, "count": None},
        {"label": _("Unread"), "url": f"{request.path}?show=unread", "current": unread_only, "count": None},
    ]
    return {"tabs": tabs, "page": page, "rows": message_rows(page), "unread_only": unread_only}


def message_url(message: InboxMessage) -> str:
    """What a message is about: its notice, else the rating."""
    if message.notice is None:
        return reverse("dashboard:rating", args=[message.store.store_no])
    return notice_url(message.notice, message.store.store_no)


def message_rows(messages: Iterable[Any]) -> list[Part]:
    """Messages in the reader's words."""
    rows = []
    for message in messages:
        title, text = message_text(message)
        alarm = message.parameters.get("level", "yellow")
        rows.append(
            {
                "message": message,
                "title": title,
                "text": text,
                "level": "info" if message.kind in CALM else alarm,
                "url": message_url(message),
                "is_read": message.is_read,
            }
        )
    return rows
