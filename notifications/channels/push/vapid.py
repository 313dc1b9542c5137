"""The key pair by which push services know this installation (RFC 8292), made once and kept in the database."""

import base64
import time
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid02

from core.secrets import seal, unseal
from notifications.models import PushKey

# Push services refuse more than a day.
TOKEN_SECONDS = 12 * 3600
CONTEXT = "push-key"


def public_key() -> str:
    """What browsers subscribe with: an uncompressed point, base64url."""
    return _key().public_key


def authorization(endpoint: str) -> str:
    """The header by which a push service knows who sends. Raises `core.secrets.UnsealError`."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + TOKEN_SECONDS,
        "sub": contact(),
    }
    vapid = Vapid02.from_pem(unseal(_key().sealed_private_key, context=CONTEXT).encode())
    header: str = vapid.sign(claims)["Authorization"]
    return header


def contact() -> str:
    """Whom a push service can write to about our messages."""
    if settings.PUSH_CONTACT:
        given: str = settings.PUSH_CONTACT
        return given if ":" in given else f"mailto:{given}"
    if settings.HTTPS:
        return str(settings.BASE_URL)
    return f"mailto:{settings.DEFAULT_FROM_EMAIL.rpartition('<')[2].rstrip('>')}"


def _key() -> PushKey:
    """Made on first use; of several processes that make one, the first wins."""
    key = PushKey.objects.first()
    if key is not None:
        return key
    vapid = Vapid02()
    vapid.generate_keys()
    key, _is_new = PushKey.objects.get_or_create(
        place=PushKey.ONLY,
        defaults={
            "public_key": _encoded(vapid.public_key),
            "sealed_private_key": seal(vapid.private_pem().decode(), context=CONTEXT),
        },
    )
    return key


def _encoded(key: ec.EllipticCurvePublicKey) -> str:
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()
