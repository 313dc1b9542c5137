"""Owners and managers are told of webhooks that fail: once per failing period, and when one is switched off (IX-23)."""

from datetime import datetime

import structlog

from notifications.models import InboxMessage, WebhookDelivery, WebhookEndpoint
from notifications.queries.recipients import ACTING
from notifications.rules import MessageGroup
from notifications.services.messages import post_messages
from notifications.webhooks.addresses import host_of
from stores.models import Membership, Store

log = structlog.get_logger("dianwei.webhooks")

FAILED, DISABLED = "webhook.failed", "webhook.disabled"


def tell_failed(endpoint: WebhookEndpoint, delivery: WebhookDelivery, at: datetime) -> None:
    """A delivery was given up. Those that follow until the next success are no news."""
    since = endpoint.failing_since or at
    _post(FAILED, f"{endpoint.pk} {since.isoformat()}", endpoint, delivery, {"since": since.isoformat()}, at)


def tell_disabled(endpoint: WebhookEndpoint, delivery: WebhookDelivery, reason: str, at: datetime) -> None:
    """An endpoint was switched off because it failed for days, or answered that it is gone."""
    _post(DISABLED, f"{endpoint.pk} {at.isoformat()}", endpoint, delivery, {"reason": reason}, at)


def _post(
    kind: str, about: str, endpoint: WebhookEndpoint, delivery: WebhookDelivery, given: dict[str, str], at: datetime
) -> None:
    log.error("webhook alarm", kind=kind, endpoint=endpoint.pk, delivery=delivery.pk)
    # A message belongs to a store: that of the event, or any of the company's.
    store = delivery.store or Store.objects.filter(company=endpoint.company_id).order_by("id").first()
    if store is None:
        return
    people = Membership.objects.filter(company=endpoint.company_id, role__in=ACTING)
    given = {
        "endpoint": str(endpoint.pk),
        "company": endpoint.company.company_no,
        "host": host_of(endpoint.url),
        **given,
    }
    post_messages(
        [
            InboxMessage(
                company_id=endpoint.company_id,
                store=store,
                recipient_id=user_id,
                kind=kind,
                group=MessageGroup.SYSTEM,
                event=f"{kind} {about} {user_id}",
                parameters=given,
                at=at,
            )
            for user_id in people.values_list("user_id", flat=True).order_by("user_id")
        ]
    )
