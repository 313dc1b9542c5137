"""How webhooks are signed, and when one that failed is tried again (IX-23, RL-13)."""

import hashlib
import hmac
from datetime import timedelta

# An attempt and ten more, the last of them almost 24 hours after the first: 84 s × (2¹⁰ − 1) is 23 h 52 min.
FIRST_RETRY = timedelta(seconds=84)
MAX_ATTEMPTS = 11
RETRIED_FOR = timedelta(hours=24)
# An endpoint that can't be reached is left alone for a while, whatever waits for it.
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=30)
# After so long without a success an endpoint is switched off.
DISABLED_AFTER = timedelta(days=5)
# So long both secrets sign.
OVERLAP = timedelta(hours=24)
TESTS_AN_HOUR = 20
KEPT_FOR = timedelta(days=30)

TOO_MANY_REQUESTS = 429
GONE = 410


def sign(secret: str, timestamp: int, body: str) -> str:
    """HMAC-SHA256 over ``timestamp.body``, in hexadecimal."""
    return hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()


def signature_header(secrets: list[str], timestamp: int, body: str) -> str:
    """``t=…,v1=…``; a second ``v1`` while a secret is being replaced."""
    return ",".join([f"t={timestamp}", *(f"v1={sign(secret, timestamp, body)}" for secret in secrets)])


def pause_after(failures: int) -> timedelta:
    """How long an endpoint is left alone after so many failures in a row."""
    return min(FIRST_PAUSE * (1 << min(max(failures - 1, 0), 10)), LONGEST_PAUSE)
