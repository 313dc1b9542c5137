"""The appeals of a store (PG-11)."""

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

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
    return Paginator(listed_appeals(store, part), A_PAGE).get_page(page)


def listed_appeals(store: Store, part: str) -> QuerySet[Any]:
    """Every appeal of a part, the newest first, each with how many orders it names (``named``)."""
    rows = Appeal.objects.filter(PARTS[part], store=store).select_related("notice")
    return rows.annotate(named=Count("orders")).order_by("-id")


def part_asked(asked: str, counts: Mapping[str, int]) -> str:
    """The part that an address names, else what waits for the seller, if anything does."""
    if asked in PARTS:
        return asked
    return "waiting" if counts["waiting"] else "all"


def count_parts(store: Store) -> dict[str, int]:
    """How many appeals each part has."""
    counts = {name: Count("id", filter=part) for name, part in PARTS.items()}
    return Appeal.objects.filter(store=store).aggregate(**counts)


def appeals_waiting_for_seller(store: Store) -> QuerySet[Appeal]:
    """Those of a store."""
    return Appeal.objects.filter(WAITING, store=store)
