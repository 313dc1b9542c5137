"""Endpoints and events for the tests of webhooks."""

from datetime import UTC, datetime
from typing import Any

from core.events import record_event
from core.outgoing import Limits
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.webhooks.endpoints import Wishes, add_endpoint
from notifications.webhooks.sending import deliver_webhooks
from stores.models import Store
from tests.outbox import deliver

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
# Enough for an answer on a busy machine; only tests of servers that hang wait so long.
FAST = Limits(connect=2, total=2)
ALL = ("notice.issued", "notice.escalated", "penalty.applied", "risk.flagged")


def make_endpoint(
    store: Store, url: str, kinds: tuple[str, ...] = ALL, stores: tuple[Store, ...] = ()
) -> tuple[WebhookEndpoint, str]:
    """An endpoint of the store's company, and its secret."""
    wishes = Wishes(url, kinds, stores)
    return add_endpoint(company=store.company, wishes=wishes, actor="person:1", at=NOON)


def flag_orders(store: Store, at: datetime = NOON, **after: Any) -> None:
    """What the check of a store's orders records."""
    record_event(
        kind="risk.flagged",
        subject_kind="store",
        subject_key=store.store_no,
        store_no=store.store_no,
        company_no=store.company.company_no,
        actor="system",
        at=at,
        after=after or {"counts": {"late": 1}, "orders": {"late": ["O1"]}},
    )


def queued(store: Store, count: int = 1, at: datetime = NOON) -> list[WebhookDelivery]:
    """Deliveries of so many new events."""
    for _ in range(count):
        flag_orders(store, at)
    deliver()
    return list(WebhookDelivery.objects.order_by("id"))


def send_due(at: datetime = NOON) -> dict[str, int]:
    return dict(deliver_webhooks(at=at, limits=FAST).rows)
