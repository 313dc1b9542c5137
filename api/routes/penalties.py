"""Penalties and penalty points (IX-22, PN-42, PN-43)."""

from datetime import datetime
from typing import Annotated, Any

from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from api.auth import ApiRequest, granted_store, needs
from api.cursors import Cursor, Limit, Page, page_of
from penalties.models import Penalty
from penalties.queries.penalties import points_found
from penalties.queries.standing import penalties_in_force
from penalties.rules import SCOPES, PenaltyKind

router = Router(tags=["notices"])


class PenaltyItem(Schema):
    """A penalty, as the export of penalties has it (IX-13)."""

    kind: PenaltyKind
    scope: str = Field(description="What it restricts", examples=["funds"])
    listing: str | None = Field(description="SKU, where it is about one listing")
    source: str = Field(examples=["notice"])
    cause: str = Field(description="For a notice its number", examples=["PN20261130-000001"])
    rule: str = Field(description="Rule of the rulebook", examples=["PN-14"])
    starts_at: datetime
    ends_at: datetime | None = Field(description="Null: until lifted")
    ended_at: datetime | None
    ending: str | None = Field(description="`expired`, `met` or `lifted`")
    predicted: bool = Field(description="The store mirrors another platform, which decides")

    @staticmethod
    def resolve_scope(row: Penalty) -> str:
        return str(SCOPES[PenaltyKind(row.kind)])

    @staticmethod
    def resolve_listing(row: Penalty) -> str | None:
        return row.subject or None

    @staticmethod
    def resolve_ending(row: Penalty) -> str | None:
        return row.ending or None


class PenaltyPage(Page):
    items: list[PenaltyItem] = Field(description="Newest first")


class PointsItem(Schema):
    """Penalty points for one cause."""

    at: datetime
    points: int
    source: str
    cause: str
    rule: str
    lifted_at: datetime | None = Field(description="Lifted points count no more, from the beginning")


class Points(Schema):
    """The points of the present calendar year."""

    year: int
    total: int
    items: list[PointsItem]


@router.get(
    "/stores/{store_no}/penalties",
    auth=needs("notices:read"),
    response=PenaltyPage,
    operation_id="listPenalties",
    summary="Penalties",
)
def list_penalties(
    request: ApiRequest,
    store_no: str,
    in_force: Annotated[bool, Query(False, description="Only those that hold now")] = False,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """Penalties in force and past ones."""
    store = granted_store(request, store_no)
    rows = penalties_in_force([store.pk], timezone.now()) if in_force else Penalty.objects.filter(store=store)
    items, following = page_of(rows, cursor=cursor, limit=limit)
    return {"items": items, "next_cursor": following}


@router.get(
    "/stores/{store_no}/points",
    auth=needs("notices:read"),
    response=Points,
    operation_id="getPoints",
    summary="Penalty points of this year",
)
def get_points(request: ApiRequest, store_no: str) -> dict[str, Any]:
    """The year is the calendar year of performance days."""
    found = points_found(granted_store(request, store_no), timezone.now())
    return {"year": found.year, "total": found.total, "items": list(found.entries)}
