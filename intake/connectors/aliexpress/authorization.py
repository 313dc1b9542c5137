"""OAuth at the platform: where a person agrees, and tokens for the code or for a refresh token."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone

from intake.connectors.aliexpress import wire
from intake.connectors.aliexpress.client import Client
from intake.connectors.aliexpress.values import first_of, text_of, whole_of
from intake.connectors.credentials import opened
from intake.connectors.errors import TransientError
from intake.connectors.tokens import Tokens
from intake.models import StoreConnection


def authorize_url(connection: StoreConnection, redirect_uri: str, state: str) -> str:
    """Where the store's owner signs in at the platform and agrees; it leads back with a code that lives 30 minutes."""
    query = {
        "response_type": "code",
        "force_auth": "true",
        "redirect_uri": redirect_uri,
        "client_id": connection.app_key,
        "state": state,
    }
    return f"{wire.gateway(connection.region)}{wire.AUTHORIZE_PATH}?{urlencode(query)}"


def exchange(connection: StoreConnection, code: str) -> Tokens:
    """Tokens for a code. Raises a PlatformError, UnsealError."""
    return _tokens(_client(connection).system(wire.CREATE_PATH, {"code": code}))


def refresh(connection: StoreConnection, token: str) -> Tokens:
    """Tokens for a refresh token. Raises a PlatformError, UnsealError."""
    return _tokens(_client(connection).system(wire.REFRESH_PATH, {"refresh_token": token}))


def _client(connection: StoreConnection) -> Client:
    return Client(connection.region, connection.app_key, opened(connection, "app_secret"))


def _tokens(said: dict[str, Any]) -> Tokens:
    """Lifetimes differ between kinds of applications: only the answer tells them."""
    access = text_of(said.get("access_token"))
    if not access:
        raise TransientError("an answer without an access token")
    return Tokens(
        access=access,
        refresh=text_of(said.get("refresh_token")),
        access_until=_end(said, "expire_time", "expires_in"),
        refresh_until=_end(said, "refresh_token_valid_time", "refresh_expires_in"),
        account=text_of(first_of(said, "seller_id", "account_id", "user_id")),
    )


def _end(said: dict[str, Any], instant: str, seconds: str) -> datetime | None:
    """When a token ends: seconds from now, else milliseconds since 1970; None where neither is given."""
    if left := whole_of(said.get(seconds)):
        return timezone.now().replace(microsecond=0) + timedelta(seconds=left)
    since_1970 = whole_of(said.get(instant)) // 1000
    return datetime.fromtimestamp(since_1970, UTC) if since_1970 else None
