"""The secrets of a connection: sealed in their row, opened where a request is signed (RL-13)."""

from core.secrets import UnsealError, is_sealed_by_first_key, seal, unseal
from intake.models import StoreConnection

SECRETS = ("app_secret", "access_token", "refresh_token")

__all__ = ["SECRETS", "UnsealError", "opened", "reseal", "sealed"]


def sealed(key: str, name: str, text: str) -> str:
    """A secret as the column ``name`` of the row with this key holds it."""
    return seal(text, context=context_of(key, name)) if text else ""


def opened(connection: StoreConnection, name: str) -> str:
    """A secret of the row, empty where it has none. Raises UnsealError."""
    text: str = getattr(connection, name)
    return unseal(text, context=context_of(connection.key, name)) if text else ""


def reseal(connection: StoreConnection) -> bool:
    """Seal by the present key what a former one sealed, so that the former one can be taken out of the settings.
    Returns whether anything was sealed anew. Raises UnsealError."""
    old = {name: getattr(connection, name) for name in SECRETS}
    outdated = [name for name, text in old.items() if text and not is_sealed_by_first_key(text)]
    new = {name: sealed(connection.key, name, opened(connection, name)) for name in outdated}
    rows = StoreConnection.objects.filter(pk=connection.pk, **{name: old[name] for name in new})
    if not new or not rows.update(**new):
        return False
    for name, text in new.items():
        setattr(connection, name, text)
    return True


def context_of(key: str, name: str) -> str:
    """The place that a secret of a connection is sealed for."""
    return f"store_connection:{key}:{name}"
