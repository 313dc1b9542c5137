"""The secrets of a connection: sealed in their row, opened where a request is signed (RL-13)."""

from core.secrets import UnsealError, seal, unseal
from intake.models import StoreConnection

SECRETS = ("app_secret", "access_token", "refresh_token")

__all__ = ["SECRETS", "UnsealError", "context_of", "opened", "sealed"]


def sealed(key: str, name: str, text: str) -> str:
    """A secret as the column ``name`` of the row with this key holds it."""
    return seal(text, context=context_of(key, name)) if text else ""


def opened(connection: StoreConnection, name: str) -> str:
    """A secret of the row, empty where it has none. Raises UnsealError."""
    text: str = getattr(connection, name)
    return unseal(text, context=context_of(connection.key, name)) if text else ""


def context_of(key: str, name: str) -> str:
    """The place that a secret of a connection is sealed for."""
    return f"store_connection:{key}:{name}"
