"""A company's webhooks and their log (IX-23)."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, Q, QuerySet

from notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from stores.models import Company, Store

DELIVERIES_A_PAGE = 50
State = WebhookDelivery.State


def webhooks_of(company: Company) -> QuerySet[WebhookEndpoint]:
    """The endpoints of a company, each with how many of its deliveries wait and failed."""
    return (
        WebhookEndpoint.objects.filter(company=company)
        .select_related("company")
        .annotate(
            waiting=Count("deliveries", Q(deliveries__state=State.WAITING)),
            failed=Count("deliveries", Q(deliveries__state=State.FAILED) & ~Q(deliveries__reason="test")),
        )
        .order_by("id")
    )


def delivery_log(endpoint: WebhookEndpoint, state: str, page: str | None) -> Page[Any]:
    """Deliveries, newest first, each with ``tries``: its attempts in order; ``state``: only these."""
    rows = WebhookDelivery.objects.filter(endpoint=endpoint).select_related("store").order_by("-at", "-id")
    if state in State.values:
        rows = rows.filter(state=state)
    rows = rows.prefetch_related(Prefetch("requests", WebhookAttempt.objects.order_by("id"), to_attr="tries"))
    return Paginator(rows, DELIVERIES_A_PAGE).get_page(page)


def stores_to_choose(company: Company) -> Sequence[Store]:
    """The stores that an endpoint may be limited to."""
    return list(Store.objects.filter(company=company).order_by("name", "store_no"))
