"""Requests that change something: their JSON, and one effect however often they are sent (IX-21, IX-24)."""

import hashlib
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Header, Schema
from pydantic import ValidationError

from api.auth import ApiRequest
from api.batches import read_body
from api.problems import FieldError, ProblemError
from api.services.idempotency import Answer, KeyInUseError, KeyReusedError, answer_once
from api.validation import field_errors

S = TypeVar("S", bound=Schema)

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Any text that is new for each batch. The same request with the same key has its effect once in 24 "
        "hours, and gets the same answer.",
        examples=["orders-2026-11-30-0001"],
    ),
]


def read_json(request: ApiRequest, schema: type[S]) -> S:
    """The body as a schema. A route calls it after it found the store, so that who may not see the store learns nothing
    from the body. Raises ProblemError."""
    body = read_body(request, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    try:
        return schema.model_validate_json(body)
    except ValidationError as error:
        found = error.errors()
        if any(one["type"] == "json_invalid" for one in found):
            raise ProblemError("malformed") from None
        errors = [{**one, "loc": ("body", "", *one["loc"])} for one in found]
        raise ProblemError("invalid", errors=field_errors(errors)) from None


def described(schema: type[Schema]) -> dict[str, Any]:
    """The request body of a route that calls `read_json`, for its ``openapi_extra``."""
    whole = schema.model_json_schema()
    content = {"application/json": {"schema": _inlined(whole, whole.pop("$defs", {}))}}
    return {"requestBody": {"required": True, "content": content}}


def _inlined(part: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_inlined(one, definitions) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _inlined(definitions[part["$ref"].rpartition("/")[2]], definitions)
    return {name: _inlined(one, definitions) for name, one in part.items()}


def answered(request: ApiRequest, key: str | None, what: bytes, act: Callable[[], bytes]) -> HttpResponse:
    """The JSON that ``act`` makes, or made before for the same key. ``what`` tells requests apart. Raises ProblemError
    where the key can't be used."""
    if key is None:
        return _response(Answer(act()))
    try:
        answer = answer_once(
            client=request.caller.grant.client,
            key=key,
            request_hash=hashlib.sha256(what).hexdigest(),
            act=act,
            at=timezone.now(),
        )
    except KeyInUseError:
        detail = _("A request with this Idempotency-Key is being answered: send it again after a moment.")
        raise ProblemError("conflict", detail, headers={"Retry-After": "1"}) from None
    except KeyReusedError:
        detail = _("This Idempotency-Key was used for another request: take a new one for each batch.")
        raise ProblemError("invalid", errors=[FieldError(detail, parameter="Idempotency-Key")]) from None
    return _response(answer)


def _response(answer: Answer) -> HttpResponse:
    headers = {"Idempotency-Replayed": "true"} if answer.is_repeated else {}
    return HttpResponse(answer.body, content_type="application/json", headers=headers)
