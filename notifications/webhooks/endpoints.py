"""What people do with webhooks: add, change, rotate the secret, switch off and on, test, replay (IX-23)."""

import secrets as tokens
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from core.events import record_event
from core.outgoing import parse_target
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.webhooks.addresses import host_of
from notifications.webhooks.feeding import Occurrence, wake_worker
from notifications.webhooks.kinds import TEST, declared_webhooks
from notifications.webhooks.rules import OVERLAP, RETRIED_FOR
from notifications.webhooks.secrets import new_secret, sealed, signing_secrets
from notifications.webhooks.sending import Sent, record_attempt, request
from stores.models import Company, Store

MOST_ENDPOINTS = 10
State = WebhookEndpoint.State
Reason = WebhookDelivery.Reason


class TooManyEndpointsError(ValueError):
    """A company has as many webhooks as it may have."""


class EndpointChangedError(RuntimeError):
    """Somebody else was first."""


@dataclass(frozen=True)
class Wishes:
    """What an endpoint is to be sent. No stores: those of the whole company."""

    url: str
    kinds: Collection[str]
    stores: Collection[Store] = ()

    def check(self, company: Company) -> None:
        """Raises RefusedTargetError, or ValueError for an unknown event or a store of another company."""
        parse_target(self.url)
        if not self.kinds or not set(self.kinds) <= {kind.name for kind in declared_webhooks()}:
            raise ValueError("no such events")
        if any(store.company_id != company.pk for store in self.stores):
            raise ValueError("a store of another company")


@transaction.atomic
def add_endpoint(*, company: Company, wishes: Wishes, actor: str, at: datetime) -> tuple[WebhookEndpoint, str]:
    """Add an endpoint; returns it with its secret, which is not shown again. Raises as `Wishes.check` does, and
    TooManyEndpointsError."""
    wishes.check(company)
    Company.objects.select_for_update().get(pk=company.pk)
    if WebhookEndpoint.objects.filter(company=company).count() >= MOST_ENDPOINTS:
        raise TooManyEndpointsError
    key, secret = tokens.token_hex(16), new_secret()
    endpoint = WebhookEndpoint.objects.create(
        company=company,
        key=key,
        url=wishes.url,
        kinds=sorted(wishes.kinds),
        secret=sealed(key, secret),
        created_at=at,
    )
    endpoint.stores.set(wishes.stores)
    _record("webhook.added", endpoint, actor, at, _told(endpoint))
    return endpoint, secret


@transaction.atomic
def change_endpoint(*, endpoint: WebhookEndpoint, wishes: Wishes, actor: str, at: datetime) -> None:
    """Change address, events and stores. What waits goes to the new address. Raises as `Wishes.check` does."""
    wishes.check(endpoint.company)
    before = _told(endpoint)
    endpoint.url, endpoint.kinds = wishes.url, sorted(wishes.kinds)
    endpoint.save(update_fields=["url", "kinds"])
    endpoint.stores.set(wishes.stores)
    _record("webhook.changed", endpoint, actor, at, _told(endpoint), before)


@transaction.atomic
def remove_endpoint(*, endpoint: WebhookEndpoint, actor: str, at: datetime) -> None:
    """Remove an endpoint with its log; what waits for it is not sent."""
    _record("webhook.removed", endpoint, actor, at, {}, _told(endpoint))
    endpoint.delete()


@transaction.atomic
def rotate_secret(*, endpoint: WebhookEndpoint, actor: str, at: datetime) -> str:
    """Give an endpoint another secret, which is returned and not shown again. The present one signs as well for 24
    hours; one that was replaced before stops at once. Raises EndpointChangedError where somebody else was first."""
    secret = new_secret()
    changes = {"secret": sealed(endpoint.key, secret), "former_secret": endpoint.secret, "former_until": at + OVERLAP}
    if not WebhookEndpoint.objects.filter(pk=endpoint.pk, secret=endpoint.secret).update(**changes):
        raise EndpointChangedError
    for name, value in changes.items():
        setattr(endpoint, name, value)
    _record("webhook.rotated", endpoint, actor, at, {})
    return secret


@transaction.atomic
def switch_off(*, endpoint: WebhookEndpoint, actor: str, at: datetime) -> None:
    """Send nothing until it is switched on. Raises EndpointChangedError if it is off already."""
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk).exclude(state=State.DISABLED)
    if not rows.update(state=State.DISABLED, reason=WebhookEndpoint.Reason.PERSON):
        raise EndpointChangedError
    _record("webhook.disabled", endpoint, actor, at, {})


@transaction.atomic
def switch_on(*, endpoint: WebhookEndpoint, actor: str, at: datetime) -> None:
    """Send again. What it missed can be replayed. Raises EndpointChangedError if it is on already."""
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk, state=State.DISABLED)
    if not rows.update(state=State.ACTIVE, reason="", failures=0, failing_since=None, retry_at=None):
        raise EndpointChangedError
    _record("webhook.enabled", endpoint, actor, at, {})


@transaction.atomic
def replay(*, endpoint: WebhookEndpoint, deliveries: Iterable[WebhookDelivery], actor: str, at: datetime) -> int:
    """Send deliveries once more, delivered ones too, with the ids and bodies that they have; returns how many. Those
    that wait or are under way stay as they are."""
    keys = [row.pk for row in deliveries]
    rows = WebhookDelivery.objects.filter(pk__in=keys, endpoint=endpoint).exclude(kind=TEST)
    count = rows.exclude(state=WebhookDelivery.State.WAITING).update(
        state=WebhookDelivery.State.WAITING,
        reason="",
        attempts=0,
        lease_until=None,
        retry_at=None,
        expires_at=at + RETRIED_FOR,
    )
    # A person says that it works again: no need to wait for the end of a pause.
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(retry_at=None)
    if count:
        _record("webhook.replayed", endpoint, actor, at, {"deliveries": count})
        transaction.on_commit(wake_worker)
    return count


def failed_deliveries(endpoint: WebhookEndpoint) -> list[WebhookDelivery]:
    """All deliveries of the log that failed; tests are none."""
    rows = WebhookDelivery.objects.filter(endpoint=endpoint, state=WebhookDelivery.State.FAILED)
    return list(rows.exclude(kind=TEST).order_by("id"))


def send_test(*, endpoint: WebhookEndpoint, actor: str, at: datetime) -> tuple[WebhookDelivery, Sent]:
    """Send a test event at once, to an endpoint that is switched off too; it is not repeated. Raises UnsealError."""
    signed_by = signing_secrets(endpoint, at)
    with transaction.atomic():
        delivery = _test_delivery(endpoint, at)
        _record("webhook.tested", endpoint, actor, at, {})
    sent = request(delivery, signed_by, at)
    with transaction.atomic():
        record_attempt(delivery, sent, at)
        if sent.is_accepted:
            delivery.state, delivery.reason, delivery.delivered_at = WebhookDelivery.State.DELIVERED, "", at
        delivery.attempts = 1
        delivery.save(update_fields=["state", "reason", "delivered_at", "attempts"])
    return delivery, sent


def _test_delivery(endpoint: WebhookEndpoint, at: datetime) -> WebhookDelivery:
    """A row that counts as failed until its answer is there."""
    occurrence = Occurrence(f"test-{tokens.token_hex(8)}", TEST, at, endpoint.company, None, {}, "/")
    return WebhookDelivery.objects.create(
        endpoint=endpoint,
        event_id=occurrence.id,
        kind=TEST,
        body=occurrence.body,
        at=at,
        expires_at=at,
        state=WebhookDelivery.State.FAILED,
        reason=Reason.TEST,
    )


def _told(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """What the audit trail keeps: the host, since paths may hold secrets."""
    numbers = sorted(store.store_no for store in endpoint.stores.all())
    return {"host": host_of(endpoint.url), "kinds": endpoint.kinds, "stores": numbers}


def _record(
    kind: str,
    endpoint: WebhookEndpoint,
    actor: str,
    at: datetime,
    after: dict[str, Any],
    before: dict[str, Any] | None = None,
) -> None:
    record_event(
        kind=kind,
        subject_kind="webhook",
        subject_key=str(endpoint.pk),
        company_no=endpoint.company.company_no,
        actor=actor,
        at=at,
        cause="IX-23",
        before=before,
        after=after,
    )
