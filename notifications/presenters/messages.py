"""The message centre, and the pages of e-mail preferences (PG-19, BX-08)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.forms import Form
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.outgoing import detail_words
from core.pages.components import Tab
from notifications.kinds import message_kind
from notifications.models import Delivery, InboxMessage
from notifications.queries.messages import UNREAD, URGENT, MessageQuery
from rulebook.queries import PolicyPeriod

State = Delivery.State
TONES = {State.WAITING: "few", State.SENT: "ok", State.FAILED: "red", State.SKIPPED: "na"}


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """How a message went to a person or a chat: ``state`` in words with ``level``, what went wrong, when it is tried
    again."""

    channel: str
    recipient: str
    level: str
    state: str
    note: str
    error: str
    next_at: datetime | None
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message in the reader's words; ``url`` reads it and leads to what it is about. ``resend_url``: empty where
    nothing failed, or the reader may not have it sent again."""

    message: InboxMessage
    title: str
    text: str
    level: str
    url: str
    is_read: bool
    deliveries: list[DeliveryRow]
    worst: DeliveryRow | None
    resend_url: str


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """What templates/notifications/messages.html reads."""

    tabs: list[Tab]
    form: Form
    page: Page[InboxMessage]
    rows: list[MessageRow]
    show: str
    is_filtered: bool
    clear_url: str
    back: str


@dataclass(frozen=True, slots=True)
class UnsubscribePage:
    """What templates/notifications/unsubscribe.html reads."""

    groups: list[str]
    done: bool


def messages_page_of(
    request: HttpRequest, form: Form, query: MessageQuery, page: Page[InboxMessage], periods: Sequence[PolicyPeriod]
) -> MessagesPage:
    """A page of a person's messages."""
    parts = (("", _("All")), (UNREAD, _("Unread")), (URGENT, _("Urgent")))
    show = query.show if query.show in (UNREAD, URGENT) else ""
    return MessagesPage(
        tabs=[Tab(label, _shown(request.path, name), current=name == show) for name, label in parts],
        form=form,
        page=page,
        rows=message_rows(page, periods),
        show=show,
        is_filtered=bool(set(query.chosen) - {"show"} or query.first or query.last),
        clear_url=_shown(request.path, show),
        back=request.GET.urlencode(),
    )


def _shown(path: str, show: str) -> str:
    return f"{path}?{urlencode({'show': show})}" if show else path


def message_rows(messages: Iterable[Any], periods: Sequence[PolicyPeriod]) -> list[MessageRow]:
    """Messages with ``is_read``, ``may_resend`` and ``shown_deliveries`` in the reader's words."""
    return [_row(message, periods) for message in messages]


def _row(message: Any, periods: Sequence[PolicyPeriod]) -> MessageRow:
    kind = message_kind(message.kind)
    title, text = kind.words(message, periods)
    deliveries = [_delivery(one) for one in message.shown_deliveries]
    worst = next((one for one in deliveries if one.delivery.state == State.FAILED), None)
    may_resend = worst is not None and message.may_resend
    return MessageRow(
        message=message,
        title=title,
        text=text,
        level=kind.level(message),
        url=reverse("notifications:message", args=[message.pk]),
        is_read=message.is_read,
        deliveries=deliveries,
        worst=worst,
        resend_url=reverse("notifications:message_resend", args=[message.pk]) if may_resend else "",
    )


def _delivery(delivery: Delivery) -> DeliveryRow:
    return DeliveryRow(
        channel=delivery.get_channel_display(),
        recipient=delivery.connection.name if delivery.connection else str(delivery.recipient),
        level=TONES[State(delivery.state)],
        state=_state(delivery),
        note=delivery.get_reason_display() if delivery.reason else "",
        error=detail_words(delivery.error),
        next_at=max(delivery.due_at, delivery.retry_at or delivery.due_at) if delivery.state == State.WAITING else None,
        delivery=delivery,
    )


def _state(delivery: Delivery) -> str:
    if delivery.state == State.WAITING and delivery.attempts:
        return pgettext("state of a delivery", "tried again")
    if delivery.state == State.WAITING and delivery.is_digest:
        return pgettext("state of a delivery", "together with others")
    return delivery.get_state_display()
