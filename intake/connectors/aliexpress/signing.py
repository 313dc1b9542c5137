"""The signature of a request."""

import hashlib
import hmac
from collections.abc import Mapping

from intake.connectors.aliexpress.wire import SignMethod


def sign(params: Mapping[str, str], secret: str, *, path: str = "") -> str:
    """The signature of parameters by the method that they name. ``path``: of system calls, such as
    ``/auth/token/create``; business calls have none."""
    text = text_to_sign(params, path)
    if params.get("sign_method") == SignMethod.MD5:
        return hashlib.md5(f"{secret}{text}{secret}".encode(), usedforsecurity=False).hexdigest().upper()
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest().upper()


def text_to_sign(params: Mapping[str, str], path: str) -> str:
    """The path and all non-empty parameters but the signature, in the order of their names."""
    return path + "".join(f"{name}{params[name]}" for name in sorted(params) if name != "sign" and params[name] != "")
