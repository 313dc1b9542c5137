"""The OpenAPI 3.1 document: what django-ninja makes of the routes, with scopes and problem documents."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.urls import reverse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from api.auth import Bearer
from api.problems import BY_STATUS, MEDIA_TYPE, TYPE_BASE, Problem
from api.scopes import SCOPES

SCHEME = "oauth2"
# What every route may answer, and those with parameters or a body.
ALWAYS = (401, 406, 429, 500, 503)
WITH_PLACE = (404,)
WITH_VALUES = (422,)
WITH_BODY = (400, 413, 415, 422)
RATE_HEADERS = {
    "RateLimit-Limit": "Requests a minute that the client may make",
    "RateLimit-Remaining": "Requests that are left in this minute",
    "RateLimit-Reset": "Seconds until the next minute",
}


class Document(OpenAPISchema):
    """OpenAPI 3.1 with OAuth scopes per operation and a problem document per error."""

    def __init__(self, api: NinjaAPI, path_prefix: str) -> None:
        super().__init__(api, path_prefix)
        self["jsonSchemaDialect"] = "https://spec.openapis.org/oas/3.1/dialect/base"
        self["servers"] = [{"url": settings.BASE_URL}]

    def operation_details(self, operation: Operation) -> dict[str, Any]:
        details: dict[str, Any] = super().operation_details(operation)
        for parameter in details.get("parameters", []):
            _name_example(parameter)
        details["responses"] = {str(status): answer for status, answer in details["responses"].items()}
        for status, answer in details["responses"].items():
            if int(status) < HTTPStatus.BAD_REQUEST:
                answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in _header_names()}
        for status in self._errors(operation):
            details["responses"].setdefault(str(status), {"$ref": f"#/components/responses/{BY_STATUS[status].code}"})
        return details

    def _errors(self, operation: Operation) -> list[int]:
        """Statuses of problems, in order. A route adds its own by ``openapi_extra=may_answer(409)``."""
        sources = {model.__ninja_param_source__ for model in operation.models}
        found = {*ALWAYS}
        if "path" in sources:
            found.update(WITH_PLACE)
        if sources & {"query", "header", "path"}:
            found.update(WITH_VALUES)
        if "body" in sources:
            found.update(WITH_BODY)
        if any(isinstance(check, Bearer) and check.scope for check in operation.auth_callbacks):
            found.add(HTTPStatus.FORBIDDEN)
        return sorted(map(int, found))

    def operation_security(self, operation: Operation) -> list[dict[str, Any]] | None:
        checks = [check for check in operation.auth_callbacks if isinstance(check, Bearer)]
        return [{SCHEME: [check.scope] if check.scope else []} for check in checks] or None

    def get_components(self) -> dict[str, Any]:
        components: dict[str, Any] = super().get_components()
        components["schemas"]["Problem"] = PROBLEM_SCHEMA
        components["responses"] = {problem.code: _response(problem) for problem in BY_STATUS.values()}
        components["headers"] = {
            name: {"description": text, "schema": {"type": "integer", "minimum": 0}}
            for name, text in {**RATE_HEADERS, "Retry-After": "Seconds to wait before the next request"}.items()
        }
        components["headers"]["X-Request-ID"] = {
            "description": "The id of the request in our log",
            "schema": {"type": "string"},
        }
        components["headers"]["WWW-Authenticate"] = {"description": "RFC 6750", "schema": {"type": "string"}}
        components["securitySchemes"] = {SCHEME: _security_scheme()}
        return components


def may_answer(*statuses: int) -> dict[str, Any]:
    """``openapi_extra`` of a route that may answer these problems besides the usual ones."""
    return {
        "responses": {str(status): {"$ref": f"#/components/responses/{BY_STATUS[status].code}"} for status in statuses}
    }


def _name_example(parameter: dict[str, Any]) -> None:
    """A list of examples is what schemas have; a parameter has one."""
    if examples := parameter.pop("examples", None):
        parameter["example"] = examples[0]


def _header_names() -> list[str]:
    return [*RATE_HEADERS, "X-Request-ID"]


def _security_scheme() -> dict[str, Any]:
    scopes = {name: str(text) for name, text in SCOPES.items()}
    token = f"{settings.BASE_URL}{reverse('api:token')}"
    return {
        "type": "oauth2",
        "description": "Access tokens of OAuth 2.0, sent as bearer tokens",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": f"{settings.BASE_URL}{reverse('api:authorize')}",
                "tokenUrl": token,
                "refreshUrl": token,
                "scopes": scopes,
            },
            "clientCredentials": {"tokenUrl": token, "scopes": scopes},
        },
    }


def _response(problem: Problem) -> dict[str, Any]:
    names = ["X-Request-ID"]
    if problem.status == HTTPStatus.UNAUTHORIZED:
        names.append("WWW-Authenticate")
    if problem.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        names.append("Retry-After")
    example: dict[str, Any] = {
        "type": f"{TYPE_BASE}{problem.code}",
        "title": str(problem.title),
        "status": int(problem.status),
        "detail": str(problem.detail),
        "code": problem.code,
    }
    return {
        "description": str(problem.title),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
    }


PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string", "description": "In the language of Accept-Language"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "In the language of Accept-Language"},
        "code": {"type": "string", "enum": [problem.code for problem in BY_STATUS.values()]},
        "scope": {"type": "string", "description": "Of 403: the scope that is lacking"},
        "reason": {"type": "string", "description": "Of 409 about an appeal: why it can't be, such as `too_late`"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "detail": {"type": "string"},
                    "pointer": {"type": "string", "description": "JSON Pointer into the body, as a fragment"},
                    "parameter": {"type": "string", "description": "Name of a query, path or header parameter"},
                },
            },
        },
    },
}
