"""Browsers that take push messages (RFC 8030, PN-02)."""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core.events import record_event
from core.outgoing import RefusedTargetError, parse_target
from core.secrets import seal, unseal
from notifications.models import PushSubscription
from notifications.queries.routing import channel_rules_at
from notifications.rules import ChannelName
from stores.models import User
from stores.principals import Person

MOST_BROWSERS = 10
FIRST_PAUSE = timedelta(minutes=1)
DOUBLINGS = 6
POINT_BYTES, SECRET_BYTES = 65, 16


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a browser takes messages, and what they are encrypted with (RFC 8291), base64url."""

    url: str
    p256dh: str
    auth: str

    @property
    def key(self) -> str:
        """The same for the same browser; tells nobody the address."""
        return hashlib.sha256(self.url.encode()).hexdigest()


def parse_subscription(text: str) -> Endpoint:
    """What a browser's ``PushSubscription.toJSON()`` says. Raises ValidationError."""
    try:
        given = json.loads(text)
        endpoint = Endpoint(str(given["endpoint"]), str(given["keys"]["p256dh"]), str(given["keys"]["auth"]))
        parse_target(endpoint.url)
        lengths = (len(_decoded(endpoint.p256dh)), len(_decoded(endpoint.auth)))
    except (ValueError, KeyError, TypeError, RefusedTargetError, binascii.Error) as error:
        raise ValidationError(_("This browser gave no address for push messages.")) from error
    if lengths != (POINT_BYTES, SECRET_BYTES):
        raise ValidationError(_("This browser gave no address for push messages."))
    return endpoint


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@transaction.atomic
def subscribe_browser(*, user: User, endpoint: Endpoint, label: str, at: datetime) -> PushSubscription:
    """Send a person's messages to a browser, which then is nobody else's. Raises ValidationError for too many."""
    if not channel_rules_at(at).may_add(ChannelName.PUSH):
        raise ValidationError(_("The policy in force offers no messages by this channel."))
    others = PushSubscription.objects.filter(user=user).exclude(key=endpoint.key)
    if others.count() >= MOST_BROWSERS:
        raise ValidationError(_("You get messages in %(count)s browsers already.") % {"count": MOST_BROWSERS})
    content = json.dumps([endpoint.url, endpoint.p256dh, endpoint.auth])
    # A new row for a new person: what waits for the person before is not sent to this one.
    PushSubscription.objects.filter(key=endpoint.key).exclude(user=user).delete()
    subscription, is_new = PushSubscription.objects.update_or_create(
        key=endpoint.key,
        defaults={
            "user": user,
            "label": label[:80],
            "sealed": seal(content, context=context_of(endpoint.key)),
            "last_error": "",
            "failures": 0,
            "retry_at": None,
        },
        create_defaults={
            "user": user,
            "label": label[:80],
            "sealed": seal(content, context=context_of(endpoint.key)),
            "created_at": at,
        },
    )
    if is_new:
        _record("push.subscribed", user, at)
    return subscription


@transaction.atomic
def unsubscribe_browser(*, user: User, key: str, at: datetime) -> bool:
    """Send no more messages to a browser of the person. False where there was none."""
    if not PushSubscription.objects.filter(user=user, key=key).delete()[0]:
        return False
    _record("push.unsubscribed", user, at)
    return True


def endpoint_of(subscription: PushSubscription) -> Endpoint:
    """Raises `core.secrets.UnsealError` where the keys of the settings don't fit."""
    return Endpoint(*json.loads(unseal(subscription.sealed, context=context_of(subscription.key))))


# ── What push services answer ──────────────────────────────────────────────────────────────────────────────────────


def forget_browser(*, subscription: PushSubscription) -> None:
    """The push service knows the browser no more: the person removed the permission, or the browser."""
    PushSubscription.objects.filter(pk=subscription.pk).delete()


def note_browser_arrival(*, subscription: PushSubscription, at: datetime) -> None:
    """The push service took a message."""
    rows = PushSubscription.objects.filter(pk=subscription.pk)
    rows.update(last_success_at=at, last_error="", failures=0, retry_at=None)


def note_browser_failure(*, subscription: PushSubscription, answer: str, at: datetime) -> None:
    """The push service could not be used: it is asked again after a pause."""
    rows = PushSubscription.objects.filter(pk=subscription.pk)
    rows.update(failures=F("failures") + 1, last_error=answer)
    for failures in rows.values_list("failures", flat=True):
        rows.update(retry_at=at + FIRST_PAUSE * (1 << min(failures - 1, DOUBLINGS)))


def context_of(key: str) -> str:
    """The place that the address of a browser is sealed for."""
    return f"push:{key}"


def _record(kind: str, user: User, at: datetime) -> None:
    record_event(
        kind=kind, subject_kind="person", subject_key=str(user.pk), actor=Person(user).actor, at=at, cause="PG-18"
    )
