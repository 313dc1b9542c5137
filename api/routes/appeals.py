"""Appeals with what was decided (IX-22, AP-01)."""

from datetime import datetime
from typing import Annotated, Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import Field

from api.auth import ApiRequest, granted_store, needs
from api.cursors import Cursor, Limit, Page, page_of
from appeals.models import Appeal, AppealFile, AppealOrder
from appeals.queries.deadlines import deadlines_of
from appeals.rules import AppealKind, AppealState, OrderDecision
from core.models import Deadline
from stores.models import Store

router = Router(tags=["appeals"])


class AppealDeadline(Schema):
    """A countdown of the appeal; the latest of its kind."""

    kind: str = Field(examples=["appeal_review"])
    due_at: datetime
    state: str = Field(description="`open`, `met`, `lapsed` or `void`")


class AppealedOrder(Schema):
    """An order of the appeal and what was decided on it."""

    order_no: str
    exception: str = Field(description="Why it should not count", examples=["carrier_fault"])
    claim: str
    decision: OrderDecision
    reason: str = Field(alias="reason_code")
    remedy: str = Field(description="What would pass")

    @staticmethod
    def resolve_order_no(row: AppealOrder) -> str:
        return row.order.order_no


class AppealedFile(Schema):
    """A file of the appeal. ``round``: 0 with the submission, then one for each supplement."""

    place: int = Field(description="Names the file in addresses")
    name: str = Field(examples=["trace.pdf"])
    kind: str = Field(description="Kind of evidence; empty: not declared", examples=["carrier_trace"])
    size: int = Field(description="Bytes")
    round: int
    added_at: datetime

    @staticmethod
    def resolve_size(row: AppealFile) -> int:
        return row.file.size


class AppealItem(Schema):
    """An appeal against a notice, a review or a liability verdict."""

    number: str = Field(examples=["AP20261130-000001"])
    version: int = Field(description="Rises with every change; whoever changes the appeal says which one was read")
    kind: AppealKind
    subject: str = Field(alias="subject_key", description="Number of the notice, order or dispute")
    state: AppealState
    previous: str | None = Field(description="Number of the first appeal, of a second one")
    expedited: bool
    is_complex: bool
    created_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None
    reason: str = Field(description="What the reviewer wrote")
    statement: str
    named_error: str = Field(description="Of a second appeal: what the first decision got wrong")
    deadlines: list[AppealDeadline]
    orders: list[AppealedOrder]
    files: list[AppealedFile]

    @staticmethod
    def resolve_previous(row: Appeal) -> str | None:
        return row.previous.number if row.previous else None

    @staticmethod
    def resolve_orders(row: Appeal) -> list[AppealOrder]:
        return list(row.orders.all())

    @staticmethod
    def resolve_files(row: Appeal) -> list[AppealFile]:
        return list(row.files.all())


class AppealPage(Page):
    items: list[AppealItem] = Field(description="Newest first")


@router.get(
    "/stores/{store_no}/appeals",
    auth=needs("appeals:read"),
    response=AppealPage,
    operation_id="listAppeals",
    summary="Appeals",
    by_alias=False,
)
def list_appeals(
    request: ApiRequest,
    store_no: str,
    state: Annotated[AppealState | None, Query(None, description="Only those in this state")] = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """Appeals of the store with their orders, decisions and deadlines."""
    store = granted_store(request, store_no)
    rows = _appeals(store)
    if state:
        rows = rows.filter(state=state)
    items, following = page_of(rows, cursor=cursor, limit=limit)
    return {"items": _with_deadlines(store, items), "next_cursor": following}


@router.get(
    "/stores/{store_no}/appeals/{number}",
    auth=needs("appeals:read"),
    response=AppealItem,
    operation_id="getAppeal",
    summary="One appeal",
    by_alias=False,
)
def get_appeal(request: ApiRequest, store_no: str, number: str) -> Appeal:
    """The appeal as it stands now."""
    return appeal_found(granted_store(request, store_no), number)


def appeal_found(store: Store, number: str) -> Appeal:
    """The appeal of this number with all that its document shows; raises Http404."""
    found = _appeals(store).filter(number=number).first()
    if found is None:
        raise Http404
    (appeal,) = _with_deadlines(store, [found])
    return appeal


def _appeals(store: Store) -> QuerySet[Appeal]:
    orders = AppealOrder.objects.select_related("order").order_by("place")
    rows = Appeal.objects.filter(store=store).select_related("previous")
    files = AppealFile.objects.select_related("file").order_by("place")
    return rows.prefetch_related(Prefetch("orders", queryset=orders), Prefetch("files", queryset=files))


def _with_deadlines(store: Store, appeals: list[Appeal]) -> list[Appeal]:
    found: dict[str, dict[str, Deadline]] = deadlines_of(store, [appeal.number for appeal in appeals])
    for appeal in appeals:
        vars(appeal)["deadlines"] = list(found[appeal.number].values())
    return appeals
