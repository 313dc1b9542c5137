"""Who calls the API: a bearer token becomes a `Program`, and a route says which scope it needs (IX-20, RL-08).

A route declares its scope once::

    @router.get("/stores/{store_no}/orders", auth=needs("orders:read"), response=OrderPage)
    def list_orders(request: ApiRequest, store_no: str) -> OrderPage:
        store = granted_store(request, store_no)

That checks the token, counts the request, and documents the scope in OpenAPI.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.module_loading import import_string

from api.models import ApiClient
from api.problems import ProblemError
from api.queries.tokens import Caller, caller_of
from api.scopes import SCOPES
from api.services.usage import Rate, count_request, note_use
from core.ratelimits import is_within_limit
from stores.access import READ, WRITE, get_store
from stores.models import Store
from stores.principals import Act, Program, Scope

REALM = "dianwei"
MINUTE = timedelta(minutes=1)


class ApiRequest(HttpRequest):
    """A request behind `needs`: the program is known. ``client_of_day``: whose answers with errors are counted, from
    the token on."""

    principal: Program
    caller: Caller
    scope: Scope | None
    rate: Rate
    client_of_day: ApiClient


class Bearer:
    """Checks the token of a request for one scope, or for any token where none is named."""

    def __init__(self, scope: str = "") -> None:
        if scope and scope not in SCOPES:
            raise ValueError(f"no such scope: {scope}")
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Caller:
        """The caller; raises ProblemError for 401, 403 and 429."""
        at = timezone.now()
        caller = _caller(request, at)
        asked = cast(ApiRequest, request)
        asked.client_of_day = caller.grant.client
        asked.rate = count_request(client=caller.grant.client, at=at)
        if asked.rate.is_over:
            raise ProblemError("too-many-requests")
        note_use(grant=caller.grant, at=at)
        self._require_scope(caller)
        asked.principal, asked.caller, asked.scope = caller.program, caller, self._parsed()
        return caller

    def _require_scope(self, caller: Caller) -> None:
        if self.scope and self._parsed() not in caller.program.scopes:
            challenge = f'Bearer realm="{REALM}", error="insufficient_scope", scope="{self.scope}"'
            raise ProblemError("insufficient-scope", headers={"WWW-Authenticate": challenge}, scope=self.scope)

    def _parsed(self) -> Scope | None:
        return Scope.parse(self.scope) if self.scope else None


def needs(scope: str) -> Bearer:
    """What a route that needs the scope gives as ``auth``."""
    return Bearer(scope)


# For a route that every valid token may use.
any_token = Bearer()


def granted_store(request: ApiRequest, store_no: str) -> Store:
    """The store with this number, its company loaded. Raises Http404 alike for stores that don't exist and those that
    the grant doesn't include."""
    scope = request.scope
    if scope is None:
        return get_store(request.principal, store_no)
    return get_store(request.principal, store_no, READ if scope.act is Act.READ else WRITE, scope.area)


def _caller(request: HttpRequest, at: datetime) -> Caller:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthorized(request, at, f'Bearer realm="{REALM}"')
    caller = caller_of(token.strip(), at)
    if caller is None:
        raise _unauthorized(request, at, f'Bearer realm="{REALM}", error="invalid_token"')
    return caller


def _unauthorized(request: HttpRequest, at: datetime, challenge: str) -> ProblemError:
    """401, or 429 for an address that sends too many tokens that are none."""
    if is_over_limit_of_address(request, "api", at):
        return ProblemError("too-many-requests", headers={"Retry-After": str(60 - at.second)})
    return ProblemError("unauthorized", headers={"WWW-Authenticate": challenge})


def is_over_limit_of_address(request: HttpRequest, name: str, at: datetime) -> bool:
    """Count one more failure of the address the request came from, and say whether there were too many."""
    find: Callable[[HttpRequest], Any] = import_string(settings.AXES_CLIENT_IP_CALLABLE)
    address = sha256(str(find(request)).encode()).hexdigest()
    limit = settings.API_FAILURES_PER_MINUTE
    return not is_within_limit(f"{name}-failures:{address}", limit=limit, period=MINUTE, at=at)
