"""The secrets that sign webhooks: made here, sealed in their row, shown once (RL-13)."""

import secrets
from datetime import datetime

from core.rules import has_lapsed
from core.secrets import seal, unseal
from notifications.models import WebhookEndpoint

PREFIX = "whsec_"


def new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def sealed(key: str, secret: str) -> str:
    """A secret as the row of an endpoint keeps it."""
    return seal(secret, context=context_of(key))


def signing_secrets(endpoint: WebhookEndpoint, at: datetime) -> list[str]:
    """The present secret, and the former one while it still signs. Raises UnsealError."""
    texts = [endpoint.secret, endpoint.former_secret] if former_signs(endpoint, at) else [endpoint.secret]
    return [unseal(text, context=context_of(endpoint.key)) for text in texts]


def former_signs(endpoint: WebhookEndpoint, at: datetime) -> bool:
    """Whether the former secret still signs beside the present one."""
    return endpoint.former_until is not None and not has_lapsed(endpoint.former_until, at)


def context_of(key: str) -> str:
    """The place that the secrets of an endpoint are sealed for."""
    return f"webhook:{key}:secret"
