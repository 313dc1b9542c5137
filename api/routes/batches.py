"""`PUT /stores/{store_no}/…`: batches of items, one route per resource (IX-21)."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from api.answering import IdempotencyKey, answered
from api.auth import ApiRequest, granted_store, needs
from api.batches import ItemBatch, read_batch, read_body, result_of
from api.openapi import may_answer
from api.problems import FieldError, ProblemError
from api.resources import RESOURCES, Resource
from api.routes import orders
from intake.pipeline.batch import Verdict
from intake.pushing import push_rows
from intake.reading import ManifestError
from stores.models import Store

# Django finds a path in one router only, so what is written and read at one address is in the same.
router = orders.router


class ItemResult(Schema):
    """The outcome of an item; of a rejected one also the column, its value and the reason."""

    index: int = Field(description="Place in the request, from 0", examples=[0])
    verdict: Verdict = Field(
        description="`same`: known already; `older`: a later export was applied before; `waiting`: its order is not "
        "there yet; `duplicate`: a later item of the batch has the same key",
        examples=["new"],
    )
    column: str | None = Field(None, examples=["total_amount"])
    value: str | None = Field(None, examples=["ten"])
    reason: str | None = Field(None, description="In the language of Accept-Language")


class BatchReport(Schema):
    """What became of a batch."""

    counts: dict[str, int] = Field(description="Items by verdict", examples=[{"new": 2, "rejected": 1}])
    ignored: list[str] = Field(description="Names of columns that do not exist", examples=[["colour"]])
    results: list[ItemResult] = Field(description="In the order of the items")


def _view(resource: Resource) -> Callable[..., HttpResponse]:
    """The view of a resource's route."""

    def put_items(request: ApiRequest, store_no: str, idempotency_key: IdempotencyKey = None) -> HttpResponse:
        store = granted_store(request, store_no)
        body = read_body(request, settings.API_BODY_BYTES)
        batch = read_batch(body, resource.spec)
        what = f"PUT {store.pk} {resource.name}\n".encode() + body
        return answered(request, idempotency_key, what, lambda: _pushed(request, store, resource, batch))

    put_items.__name__ = f"put_{resource.file}"
    return put_items


def _pushed(request: ApiRequest, store: Store, resource: Resource, batch: ItemBatch) -> bytes:
    """Push a batch; returns the report as JSON."""
    try:
        results = push_rows(
            store=store,
            file=resource.file,
            rows=batch.rows,
            principal=request.principal,
            at=timezone.now(),
            exported_at=batch.exported_at,
            known_until=batch.known_until,
        )
    except ManifestError as error:
        raise ProblemError("invalid", errors=[FieldError(str(error), pointer="#/exported_at")]) from None
    found = batch.in_order(results)
    report: dict[str, Any] = {
        "counts": dict(Counter(result.verdict.value for result in found)),
        "ignored": batch.ignored,
        "results": [result_of(place, result) for place, result in enumerate(found)],
    }
    return json.dumps(report).encode()


def _described(resource: Resource) -> dict[str, Any]:
    content = {"application/json": {"schema": resource.batch_schema}}
    return {"requestBody": {"required": True, "content": content}} | may_answer(400, 409, 413, 415, 422)


for _resource in RESOURCES:
    router.put(
        f"/stores/{{store_no}}/{_resource.name}",
        auth=needs("orders:write"),
        response=BatchReport,
        operation_id=_resource.operation_id,
        summary=_resource.summary,
        description=_resource.description,
        tags=["writing"],
        openapi_extra=_described(_resource),
    )(_view(_resource))
