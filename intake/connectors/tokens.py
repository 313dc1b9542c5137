"""The tokens of a connection: kept as the platform gave them, refreshed by one worker at a time (IX-25).

A platform may void the former token as soon as it gives a new one. So two workers must not both refresh: the row has a
lease for that, and its ``version`` tells the other one that the tokens are new.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from intake.connectors.credentials import UnsealError, opened, sealed
from intake.connectors.errors import PlatformError, TransientError
from intake.models import StoreConnection

# Longer than a request may take.
REFRESH_LEASE = timedelta(seconds=60)
POLL_SECONDS = 0.2
# A token is refreshed when a tenth of its life is left, and at the latest so long before its end.
LATEST_REFRESH = timedelta(days=1)
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a platform answered. ``refresh``: empty where it gave no new one, the former one then stays; an instant is
    None where it named no end."""

    access: str
    refresh: str
    access_until: datetime | None
    refresh_until: datetime | None
    account: str = ""


def should_refresh(connection: StoreConnection, at: datetime) -> bool:
    """Whether the access token ends soon."""
    if connection.access_until is None or connection.token_at is None or not connection.refresh_token:
        return False
    life = connection.access_until - connection.token_at
    return at >= connection.access_until - min(life / 10, LATEST_REFRESH)


def token_columns(connection: StoreConnection, tokens: Tokens, at: datetime) -> dict[str, object]:
    """The columns of the row that hold the tokens, sealed."""
    columns: dict[str, object] = {
        "access_token": sealed(connection.key, "access_token", tokens.access),
        "access_until": tokens.access_until,
        "token_at": at,
        "version": connection.version + 1,
        "refreshing_until": None,
    }
    if tokens.refresh:
        columns["refresh_token"] = sealed(connection.key, "refresh_token", tokens.refresh)
    if tokens.refresh_until is not None:
        columns |= {"refresh_until": tokens.refresh_until, "warned_days": None}
    return columns


def refresh_tokens(
    connection: StoreConnection, ask: Callable[[str], Tokens], *, now: Clock, patience: float = 30.0
) -> StoreConnection:
    """The row with new tokens: this worker's, or those of another one that was faster. ``ask`` exchanges a refresh
    token. Raises a PlatformError, UnsealError."""
    ends = time.monotonic() + patience
    while not _take_lease(connection, now()):
        present = StoreConnection.objects.get(pk=connection.pk)
        if present.version != connection.version:
            return present
        if time.monotonic() >= ends:
            raise TransientError("another worker refreshes the tokens")
        time.sleep(POLL_SECONDS)
    try:
        tokens = ask(opened(connection, "refresh_token"))
    except (PlatformError, UnsealError):
        if _held(connection).update(refreshing_until=None):
            raise
        return StoreConnection.objects.get(pk=connection.pk)
    _held(connection).update(**token_columns(connection, tokens, now()))
    return StoreConnection.objects.get(pk=connection.pk)


def _held(connection: StoreConnection) -> QuerySet[StoreConnection]:
    return StoreConnection.objects.filter(pk=connection.pk, version=connection.version)


def _take_lease(connection: StoreConnection, at: datetime) -> bool:
    is_free = Q(refreshing_until=None) | Q(refreshing_until__lte=at)
    return _held(connection).filter(is_free).update(refreshing_until=at + REFRESH_LEASE) == 1
