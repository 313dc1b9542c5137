"""Push messages: encrypted for the browser, signed by the installation, handed to the browser's push service."""

import base64
import json
from collections.abc import Sequence
from datetime import datetime

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from core.outgoing import Limits, Response, send
from core.secrets import UnsealError
from notifications.channels.chat import answer_to_http
from notifications.channels.declaring import Answer, Channel, Outcome
from notifications.channels.notes import Brief, compose_brief, language_of, speaking
from notifications.channels.push.vapid import authorization
from notifications.models import Delivery, PushSubscription
from notifications.rules import RED_GROUPS, ChannelName
from notifications.services.browsers import (
    Endpoint,
    endpoint_of,
    forget_browser,
    note_browser_arrival,
    note_browser_failure,
)
from rulebook.queries import policies
from stores.middleware import zone_of

# How long a push service keeps a message for a browser that is off: the message centre has it anyway.
KEPT_SECONDS = 24 * 3600


class PushSender:
    """Sends deliveries to browsers."""

    def send(self, rows: Sequence[Delivery]) -> Answer:
        subscription = rows[0].subscription
        assert subscription is not None
        is_urgent = any(row.message.group in RED_GROUPS for row in rows)
        return self.push(subscription, compose_brief(rows, policies()), is_urgent=is_urgent)

    def push(self, subscription: PushSubscription, brief: Brief, *, is_urgent: bool) -> Answer:
        """Send one message to one browser."""
        try:
            endpoint = endpoint_of(subscription)
            headers = headers_of(endpoint, brief, is_urgent=is_urgent)
        except UnsealError as error:
            return Answer(Outcome.DOWN, str(error))
        limits = Limits(connect=settings.CHANNEL_TIMEOUT, total=settings.CHANNEL_TIMEOUT)
        return answer_to(send(endpoint.url, body=encrypted(endpoint, brief), headers=headers, limits=limits))

    def close(self) -> None:
        """Each message has a connection of its own."""


def headers_of(endpoint: Endpoint, brief: Brief, *, is_urgent: bool) -> dict[str, str]:
    """``Topic``: of messages with one, a push service keeps the last for a browser that is off."""
    return {
        "Authorization": authorization(endpoint.url),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT_SECONDS),
        "Urgency": "high" if is_urgent else "normal",
        "Topic": brief.id,
    }


def encrypted(endpoint: Endpoint, brief: Brief) -> bytes:
    """What only the browser can read (RFC 8291). It holds nothing about people or orders."""
    content = {"id": brief.id, "title": brief.title, "body": brief.store, "path": brief.path}
    body: bytes = http_ece.encrypt(
        json.dumps(content).encode(),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=_decoded(endpoint.p256dh),
        auth_secret=_decoded(endpoint.auth),
        version="aes128gcm",
    )
    return body


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def answer_to(response: Response) -> Answer:
    """What the answer of a push service means; 404 and 410: the browser is gone."""
    answer = answer_to_http(response)
    if answer.outcome == Outcome.UNREACHABLE and response.status not in (404, 410):
        # An address that no request may go to: nothing but this message is known to fail.
        return Answer(Outcome.REFUSED, answer.text)
    return answer


def note_push_answer(row: Delivery, answer: Answer, at: datetime) -> None:
    """What an answer means for the browser."""
    assert row.subscription is not None
    if answer.outcome == Outcome.SENT:
        note_browser_arrival(subscription=row.subscription, at=at)
    elif answer.outcome == Outcome.UNREACHABLE:
        forget_browser(subscription=row.subscription)
    else:
        note_browser_failure(subscription=row.subscription, answer=answer.text, at=at)


def trial_brief(subscription: PushSubscription, number: str) -> Brief:
    """A message that says that messages arrive."""
    user = subscription.user
    with speaking(language_of(user.language), zone_of(user)):
        return Brief(
            number,
            _("This is a test."),
            _("Messages of Dianwei reach this browser."),
            reverse("notifications:messages"),
        )


PUSH = Channel(ChannelName.PUSH, PushSender, is_shared=False, note_answer=note_push_answer)
