"""The HTTP API below /api/v1 (IX-20 … IX-24)."""

import json
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.renderers import JSONRenderer

from api.openapi import Document
from api.problems import ProblemError, problem_response
from api.routes import ROUTERS
from api.validation import field_errors

JSON_TYPES = frozenset({"application/json"})


class JsonParser(Parser):
    """Takes JSON alone, and nothing that only Python calls JSON."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type not in JSON_TYPES:
            raise ProblemError("unsupported-media-type", headers={"Accept": "application/json"})
        return json.loads(request.body.decode(), parse_constant=_refuse)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class JsonWriter(JSONRenderer):
    """Writes every language as it is."""

    json_dumps_params = {"ensure_ascii": False}


class Api(NinjaAPI):
    """The API with our own OpenAPI document."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        return Document(self, path_prefix if path_prefix is not None else self.get_root_path(path_params or {}))


api = Api(
    title="Dianwei",
    version="1.0.0",
    description="Seller performance, store ratings, notices and appeals. Instants are UTC unless they say otherwise.",
    urls_namespace="api-v1",
    docs_url=None,
    parser=JsonParser(),
    renderer=JsonWriter(),
)
for router in ROUTERS:
    api.add_router("", router)


@api.exception_handler(ProblemError)
def answer_problem(_request: HttpRequest, error: ProblemError) -> HttpResponse:
    """What a route or a check says is wrong."""
    return problem_response(error)


@api.exception_handler(ValidationError)
def answer_invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Values that are not what the schema says."""
    return problem_response(ProblemError("invalid", errors=field_errors(error.errors)))


@api.exception_handler(HttpError)
def answer_unreadable(_request: HttpRequest, error: HttpError) -> HttpResponse:
    """A body that is not JSON; ninja wraps what its parser raises."""
    cause = error.__cause__
    return problem_response(cause if isinstance(cause, ProblemError) else ProblemError("malformed"))


@api.exception_handler(RequestDataTooBig)
def answer_too_large(_request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    """A body over DATA_UPLOAD_MAX_MEMORY_SIZE."""
    return problem_response(ProblemError("too-large"))


@api.exception_handler(Http404)
def answer_not_found(_request: HttpRequest, _error: Http404) -> HttpResponse:
    """What does not exist and what others own, byte for byte alike (RL-08)."""
    return problem_response(ProblemError("not-found"))


@api.exception_handler(PermissionDenied)
def answer_forbidden(_request: HttpRequest, _error: PermissionDenied) -> HttpResponse:
    """A store that the program sees, but may not treat so."""
    return problem_response(ProblemError("insufficient-scope"))


@api.exception_handler(Exception)
def answer_fault(_request: HttpRequest, error: Exception) -> HttpResponse:
    """Django logs it and answers as for pages; `api.middleware` makes a problem of that."""
    raise error
