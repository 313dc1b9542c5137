"""The appeals of a store (PG-11)."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q

from appeals.models import Appeal
from appeals.rules import OPEN_STATES, AppealState
from stores.models import Store

# What waits for the seller, for operations, and what is over.
WAITING = Q(state__in=[AppealState.DRAFT, AppealState.SUPPLEMENT])
PARTS = {
    "waiting": WAITING,
    "review": Q(state=AppealState.REVIEW),
    "decided": ~Q(state__in=OPEN_STATES),
    "all": Q(),
}
A_PAGE = 50


def appeals_page(store: Store, part: str, page: str | None) -> Page[Any]:
    """Appeals of a part, the newest first, each with how many orders it names (``named``)."""
    rows = Appeal.objects.filter(PARTS[part], store=store).select_related("notice")
    return Paginator(rows.annotate(named=Count("orders")).order_by("-id"), A_PAGE).get_page(page)


def count_parts(store: Store) -> dict[str, int]:
    """How many appeals each part has."""
    counts = {name: Count("id", filter=part) for name, part in PARTS.items()}
    return Appeal.objects.filter(store=store).aggregate(**counts)


def waiting_appeals(store: Store) -> int:
    """How many appeals wait for the seller."""
    return Appeal.objects.filter(WAITING, store=store).count()
