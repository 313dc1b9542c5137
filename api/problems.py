"""Errors of the API as problem documents (RFC 9457, IX-24).

A route raises `ProblemError`, or Http404 and PermissionDenied as pages do. Whatever else goes wrong on the way becomes
a problem in `api.middleware`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MEDIA_TYPE = "application/problem+json"
TYPE_BASE = "/api/v1/docs#"


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of problem. ``code`` never changes; programs compare it."""

    status: HTTPStatus
    code: str
    title: "StrPromise"
    detail: "StrPromise"


_DECLARED = (
    Problem(
        HTTPStatus.BAD_REQUEST,
        "malformed",
        _("The request can't be read"),
        _("The body is not valid JSON, or the request is not valid HTTP."),
    ),
    Problem(
        HTTPStatus.UNAUTHORIZED,
        "unauthorized",
        _("A valid access token is needed"),
        _("Send an access token as “Authorization: Bearer …”. This one is missing, unknown, expired or revoked."),
    ),
    Problem(
        HTTPStatus.FORBIDDEN,
        "insufficient-scope",
        _("The token does not allow this"),
        _("An owner of the company has to grant the scope that this needs."),
    ),
    Problem(
        HTTPStatus.NOT_FOUND,
        "not-found",
        _("There is nothing here"),
        _("It does not exist, or the token's grant does not include it."),
    ),
    Problem(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "method-not-allowed",
        _("This method does not exist here"),
        _("The header Allow lists the methods of this address."),
    ),
    Problem(
        HTTPStatus.NOT_ACCEPTABLE,
        "not-acceptable",
        _("The API answers in JSON only"),
        _("Let the header Accept include application/json."),
    ),
    Problem(
        HTTPStatus.CONFLICT,
        "conflict",
        _("It changed meanwhile"),
        _("Read the present state, then decide anew."),
    ),
    Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too-large",
        _("The body is too large"),
        _("Send fewer items in one request."),
    ),
    Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "unsupported-media-type",
        _("The body has another type than is expected"),
        _("Send it as “Content-Type: application/json” in UTF-8."),
    ),
    Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid",
        _("Some values are not valid"),
        _("The list of errors says which, and why."),
    ),
    Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too-many-requests",
        _("Too many requests"),
        _("Wait as many seconds as the header Retry-After says."),
    ),
    Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal-error",
        _("Something failed on our side"),
        _("It is in our log. Send the request again later; tell us the X-Request-ID if it keeps failing."),
    ),
    Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "unavailable",
        _("The service is busy"),
        _("Nothing was changed. Send the request again later."),
    ),
    Problem(
        HTTPStatus.INSUFFICIENT_STORAGE,
        "storage-full",
        _("The server has no room left"),
        _("Nothing was changed. The operator has to make room."),
    ),
)
PROBLEMS = {problem.code: problem for problem in _DECLARED}
BY_STATUS = {int(problem.status): problem for problem in _DECLARED}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one value: where it stands in the body (``pointer``, a JSON Pointer as a fragment, such as
    ``#/orders/3/amount``), or which query, path or header parameter it is."""

    detail: "str | StrPromise"
    pointer: str = ""
    parameter: str = ""

    def document(self) -> dict[str, str]:
        place = {"pointer": self.pointer} if self.pointer else {"parameter": self.parameter} if self.parameter else {}
        return {"detail": str(self.detail), **place}


class ProblemError(Exception):
    """Answer with a problem document. ``code``: one of `PROBLEMS`."""

    def __init__(
        self,
        code: str,
        detail: "str | StrPromise" = "",
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(code)
        self.problem, self.detail, self.errors, self.headers = PROBLEMS[code], detail, errors, headers or {}
        self.more = more


def problem_response(error: ProblemError) -> HttpResponse:
    """The problem document in the reader's language."""
    problem = error.problem
    document = {
        "type": f"{TYPE_BASE}{problem.code}",
        "title": str(problem.title),
        "status": int(problem.status),
        "detail": str(error.detail or problem.detail),
        "code": problem.code,
        **error.more,
    }
    if error.errors:
        document["errors"] = [field.document() for field in error.errors]
    return HttpResponse(
        orjson.dumps(document), status=problem.status, content_type=MEDIA_TYPE, headers=dict(error.headers)
    )


def problem_of_status(status: int, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """The problem document for an answer that is none yet."""
    known = BY_STATUS.get(status) or BY_STATUS[500 if status >= 500 else 400]
    return problem_response(ProblemError(known.code, headers=headers))
