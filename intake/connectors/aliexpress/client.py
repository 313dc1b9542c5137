"""Signed requests to the platform, at its pace, to its own hosts alone."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from core.outgoing import Limits, Response, send
from intake.connectors.aliexpress import wire
from intake.connectors.aliexpress.answers import content_of, system_content_of
from intake.connectors.aliexpress.signing import sign
from intake.connectors.aliexpress.values import pairs_of

ANSWER_BYTES = 8 * 2**20
FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}


@dataclass
class Client:
    """Calls of one application. ``before``: called before each request, such as to keep a lease and to stop."""

    region: str
    app_key: str
    secret: str
    before: Callable[[], None] = lambda: None
    sign_method: wire.SignMethod = wire.SIGN_METHOD
    requests: int = 0
    _last: float = field(default=0.0, repr=False)

    def call(self, method: wire.Method, query: dict[str, Any], *, session: str) -> Any:
        """The content of a business call's answer. Raises a PlatformError."""
        said = {method.query: query} if method.query else query
        params = dict(pairs_of(said)) | {
            "method": method.name,
            "session": session,
            "format": "json",
            "v": wire.VERSION,
        }
        return content_of(self._post(wire.BUSINESS_PATH, params))

    def system(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        """The content of a system call's answer. Raises a PlatformError."""
        return system_content_of(self._post(wire.SYSTEM_PATH + path, params, signed_path=path))

    def _post(self, path: str, params: dict[str, str], *, signed_path: str = "") -> Response:
        self._keep_pace()
        self.before()
        self.requests += 1
        params = params | {
            "app_key": self.app_key,
            "timestamp": str(time.time_ns() // 1_000_000),
            "sign_method": self.sign_method.value,
        }
        params["sign"] = sign(params, self.secret, path=signed_path)
        body = urlencode(params).encode()
        limits = Limits(total=float(settings.ALIEXPRESS_TIMEOUT), answer_bytes=ANSWER_BYTES)
        return send(wire.gateway(self.region) + path, body=body, headers=FORM, limits=limits)

    def _keep_pace(self) -> None:
        left = self._last + float(settings.ALIEXPRESS_PACE) - time.monotonic()
        if self._last and left > 0:
            time.sleep(left)
        self._last = time.monotonic()
