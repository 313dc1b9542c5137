"""Events become deliveries: one row per endpoint and event, whatever runs twice (IX-23, RL-02)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction

from core.models import Event
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.webhooks.kinds import VERSION, Data, webhooks_following
from notifications.webhooks.rules import RETRIED_FOR
from stores.models import Company, Store

log = structlog.get_logger("dianwei.webhooks")

ROWS_AT_ONCE = 500
# By name: tasks are a layer above this module.
TASK = "notifications.deliver_webhooks"


@dataclass(frozen=True)
class Occurrence:
    """What a webhook tells of. ``id``: the same however often it is told."""

    id: str
    kind: str
    at: datetime
    company: Company
    store: Store | None
    data: Data
    path: str

    @property
    def body(self) -> str:
        return json.dumps(
            {
                "id": self.id,
                "type": self.kind,
                "version": VERSION,
                "created_at": self.at.isoformat(),
                "company": self.company.company_no,
                "store": self.store.store_no if self.store else None,
                "url": f"{settings.BASE_URL}{self.path}",
                "data": self.data,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )


def feed_webhooks(events: Sequence[Event]) -> None:
    """Queue what the endpoints of the events' companies want to know."""
    companies = {
        company.company_no: company
        for company in Company.objects.filter(
            company_no__in={event.company_no for event in events}, webhooks__isnull=False
        ).distinct()
    }
    if not companies:
        return
    rows = Store.objects.filter(
        store_no__in={event.store_no for event in events}, company__in=[one.pk for one in companies.values()]
    )
    queue_webhooks(_occurrences(events, companies, {store.store_no: store for store in rows}))


def _occurrences(
    events: Sequence[Event], companies: dict[str, Company], stores: dict[str, Store]
) -> Iterator[Occurrence]:
    for event in events:
        company, store = companies.get(event.company_no), stores.get(event.store_no)
        if company is None or (event.store_no and (store is None or store.company_id != company.pk)):
            continue
        for kind in webhooks_following(event.kind):
            data = kind.data(event, store)
            if data is not None:
                yield Occurrence(f"evt-{event.pk}", kind.name, event.at, company, store, data, kind.url(event, store))


def queue_webhooks(occurrences: Iterable[Occurrence]) -> int:
    """Store a delivery for each endpoint that wants an occurrence, in the caller's transaction, and wake a worker after
    the commit. What an endpoint that is switched off misses is kept as failed, so that it can be replayed."""
    told = list(occurrences)
    endpoints = _endpoints({one.company.pk for one in told})
    rows = [
        _row(endpoint, one)
        for one in told
        for endpoint, stores in endpoints[one.company.pk]
        if _wants(endpoint, stores, one)
    ]
    WebhookDelivery.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)
    if rows:
        transaction.on_commit(wake_worker)
    return len(rows)


def _endpoints(companies: Iterable[int]) -> dict[int, list[tuple[WebhookEndpoint, set[int]]]]:
    found: dict[int, list[tuple[WebhookEndpoint, set[int]]]] = defaultdict(list)
    rows = WebhookEndpoint.objects.filter(company__in=companies).prefetch_related("stores").order_by("id")
    for endpoint in rows:
        found[endpoint.company_id].append((endpoint, {store.pk for store in endpoint.stores.all()}))
    return found


def _wants(endpoint: WebhookEndpoint, stores: set[int], occurrence: Occurrence) -> bool:
    if occurrence.kind not in endpoint.kinds:
        return False
    return not stores or occurrence.store is None or occurrence.store.pk in stores


def _row(endpoint: WebhookEndpoint, occurrence: Occurrence) -> WebhookDelivery:
    is_off = endpoint.state == WebhookEndpoint.State.DISABLED
    return WebhookDelivery(
        endpoint=endpoint,
        store=occurrence.store,
        event_id=occurrence.id,
        kind=occurrence.kind,
        body=occurrence.body,
        at=occurrence.at,
        expires_at=occurrence.at + RETRIED_FOR,
        state=WebhookDelivery.State.FAILED if is_off else WebhookDelivery.State.WAITING,
        reason=WebhookDelivery.Reason.DISABLED if is_off else "",
    )


def wake_worker() -> None:
    """Send the hint; should the broker be down, the schedule finds the rows (RL-01)."""
    try:
        current_app.send_task(TASK)
    except Exception:
        log.warning("no worker woken", exc_info=True)
