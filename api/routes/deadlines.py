"""What falls due when (IX-22, DM-27)."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from api.auth import ApiRequest, granted_store, needs
from api.cursors import Cursor, Limit, Order, Page, instant, page_of
from core.deadlines import kind_named, registered_kinds
from core.models import Deadline

router = Router(tags=["deadlines"])

FIRST_DUE = Order(descending=False, column="due_at", read=instant)


class OpenDeadline(Schema):
    """A countdown that runs."""

    kind: str = Field(examples=["notice_view"])
    subject_kind: str = Field(description="What it is about", examples=["notice"])
    subject: str = Field(alias="subject_key", description="Its number", examples=["PN20261130-000001"])
    opened_at: datetime
    due_at: datetime = Field(description="What happens by this second is in time")


class DeadlinePage(Page):
    items: list[OpenDeadline] = Field(description="First due first")


@router.get(
    "/stores/{store_no}/deadlines",
    auth=needs("notices:read"),
    response=DeadlinePage,
    operation_id="listDeadlines",
    summary="Deadlines that run",
    by_alias=False,
)
def list_deadlines(
    request: ApiRequest,
    store_no: str,
    kind: Annotated[str, Query("", max_length=48, description="One kind; all without it")] = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """Open countdowns of the store: to open and appeal notices, hand in plans and supplements, answer disputes and
    refunds, inspect returns, and those of operations that the store waits for."""
    store = granted_store(request, store_no)
    rows = Deadline.objects.filter(store_id=store.pk, state=Deadline.State.OPEN, kind__in=_shown_kinds())
    if kind:
        rows = rows.filter(kind=kind)
    items, following = page_of(rows, order=FIRST_DUE, cursor=cursor, limit=limit)
    return {"items": items, "next_cursor": following}


def _shown_kinds() -> list[str]:
    """The kinds whose lapse is told to people; the others only wake the product up."""
    return [kind for kind in registered_kinds() if kind_named(kind).is_recorded]
