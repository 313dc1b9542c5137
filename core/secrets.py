"""Secrets that the product has to use again, kept encrypted in the database: keys of webhooks, tokens of channels.

AES-GCM. A sealed text names its key by a fingerprint and is bound to its place (``context``, such as
``"webhook:17:secret"``): moved to another row it can't be opened. Passwords and tokens that are only compared are
hashed instead. Every sealed column is declared in the `sealing` module of its app (`core.sealing`), so that
`manage.py reseal` finds it when keys change.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = "v1"
NONCE_BYTES = 12


class UnsealError(ValueError):
    """A sealed text that was changed, belongs to another place, or whose key is not among the settings."""


def seal(text: str, *, context: str) -> str:
    """Encrypt a text for one place, by the first key of the settings."""
    fingerprint, key = next(iter(_keys().items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, text.encode(), context.encode())
    return f"{VERSION}.{fingerprint}.{base64.urlsafe_b64encode(sealed).decode()}"


def unseal(sealed: str, *, context: str) -> str:
    """The text that was sealed for this place. Raises UnsealError."""
    try:
        version, fingerprint, encoded = sealed.split(".")
        content = base64.urlsafe_b64decode(encoded)
        if version != VERSION:
            raise UnsealError("unknown format")
        key = _keys()[fingerprint]
        return AESGCM(key).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], context.encode()).decode()
    except KeyError as error:
        raise UnsealError("the key is not among ENCRYPTION_KEYS") from error
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise UnsealError("not sealed for this place, or changed") from error


def is_sealed_by_first_key(sealed: str) -> bool:
    """False: seal it anew, so that its key can be taken out of the settings."""
    return sealed.startswith(sealed_by_first_key())


def sealed_by_first_key() -> str:
    """How texts begin that the first key sealed."""
    return f"{VERSION}.{next(iter(_keys()))}."


def key_fingerprints(texts: Sequence[str]) -> list[str]:
    """The names of keys in the texts that they sealed."""
    return list(_derive(tuple(texts)))


def _keys() -> dict[str, bytes]:
    return _derive(tuple(settings.ENCRYPTION_KEYS))


@lru_cache(maxsize=4)
def _derive(texts: tuple[str, ...]) -> dict[str, bytes]:
    """AES keys by fingerprint, in the order of the settings."""
    keys = [hashlib.sha256(b"dianwei.secrets:" + text.encode()).digest() for text in texts]
    return {hashlib.sha256(key).hexdigest()[:8]: key for key in keys}
