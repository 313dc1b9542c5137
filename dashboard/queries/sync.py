"""How fresh and sound the data of a store is, and what has to be done about it (PN-20)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.db.models import Count, F, Q

from intake.connectors.queries import added_fields
from intake.models import Import, Source, WaitingRow
from intake.sync.queries import WaitingGroup, failed_imports, sources_of, waiting_groups, waiting_page
from notifications.models import WebhookEndpoint
from notifications.webhooks.queries import webhooks_of
from orders.data_issues import DATA_ISSUE_WORDS
from orders.models import Order
from orders.queries.tabs import NUMBERLESS, UNSYNCED, Tab, sync_grace
from stores.access import WRITE, joined_companies
from stores.models import Feed, Store
from stores.principals import Principal


@dataclass(frozen=True, slots=True)
class SyncFound:
    """``missing``: orders past the grace without a number, by tab and by where they were placed; ``issues``: orders by
    bit of data issue; ``asked``: the file whose waiting rows are shown, with a page of them; ``webhooks``: endpoints
    with failed deliveries, for those who manage them; ``added``: fields that the platform added to its answers."""

    store: Store
    at: datetime
    sources: Sequence[Source]
    feeds: Sequence[Feed]
    grace_hours: int
    missing: Mapping[str, Mapping[str, int]]
    issues: Mapping[int, int]
    failed: Sequence[Import]
    webhooks: Sequence[WebhookEndpoint]
    waiting: Sequence[WaitingGroup]
    asked: str
    rows: Page[WaitingRow] | None
    added: int


def sync_of(store: Store, principal: Principal, at: datetime, *, asked: str, page: str | None) -> SyncFound:
    """Load the page of a store; the number of queries does not depend on the data."""
    waiting = waiting_groups(store)
    asked = asked if any(group.kind == asked for group in waiting) else waiting[0].kind if waiting else ""
    return SyncFound(
        store=store,
        at=at,
        sources=sources_of(store),
        feeds=list(Feed.objects.filter(store=store).order_by("known_until", "kind")),
        grace_hours=int(sync_grace(at).total_seconds()) // 3600,
        missing={tab.code: _by_source(tab, store, at) for tab in (NUMBERLESS, UNSYNCED)},
        issues=issue_counts(store),
        failed=failed_imports(principal, store),
        webhooks=_failing_webhooks(store, principal),
        waiting=waiting,
        asked=asked,
        rows=waiting_page(store, asked, page) if asked else None,
        added=added_fields(store, at),
    )


def _by_source(tab: Tab, store: Store, at: datetime) -> dict[str, int]:
    rows = tab.select(Order.objects.filter(store=store), store, at).order_by()
    return dict(rows.values_list("source").annotate(rows=Count("pk")).values_list("source", "rows"))


def issue_counts(store: Store) -> dict[int, int]:
    """Orders by bit of `orders.data_issues`, without those that none has: one range of an index."""
    bits = {f"bit_{bit}": F("data_issues").bitand(bit) for bit, _words in DATA_ISSUE_WORDS}
    counts: dict[str, Any] = {
        f"of_{bit}": Count("pk", filter=Q(**{f"bit_{bit}__gt": 0})) for bit, _words in DATA_ISSUE_WORDS
    }
    found = Order.objects.filter(store=store, data_issues__gt=0).alias(**bits).aggregate(**counts)
    return {bit: found[f"of_{bit}"] for bit, _words in DATA_ISSUE_WORDS if found[f"of_{bit}"]}


def _failing_webhooks(store: Store, principal: Principal) -> list[WebhookEndpoint]:
    if not joined_companies(principal, WRITE).filter(pk=store.company_id).exists():
        return []
    return [endpoint for endpoint in webhooks_of(store.company) if getattr(endpoint, "failed", 0)]
