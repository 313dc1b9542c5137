"""The one HTTP client for what leaves: webhooks, team chats, push (IX-23, RL-13).

A request goes to the address that was checked, without proxies and redirects, and ends at a set time whatever the
other side does. Nothing raises: the response says what happened.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from django.conf import settings

from core.outgoing.targets import (
    Endpoint,
    RefusedTargetError,
    Target,
    UnknownHostError,
    open_endpoints,
    parse_target,
)
from core.outgoing.words import Detail

USER_AGENT = "Dianwei"


class Failure(StrEnum):
    """Why there is no usable answer."""

    REFUSED = "refused"  # the URL or its address is not allowed: nothing was sent
    UNREACHABLE = "unreachable"  # no such host, no connection, or one that ended before the answer did
    TIMEOUT = "timeout"
    TLS = "tls"  # the certificate or the handshake
    REDIRECT = "redirect"  # answered with another address, which is not followed
    TOO_BIG = "too_big"  # longer than is read; status and beginning are there


@dataclass(frozen=True)
class Limits:
    """In seconds and bytes. ``total`` includes the look-up of the name, the connection and the whole answer."""

    connect: float = 5
    total: float = 15
    answer_bytes: int = 4096


LIMITS = Limits()


@dataclass(frozen=True)
class Response:
    """``status``: 0 if none was received; ``body``: its first bytes; ``detail``: English, for logs."""

    status: int = 0
    body: bytes = b""
    failure: Failure | None = None
    detail: str = ""

    @property
    def text(self) -> str:
        """The beginning of the body as text without control characters other than line ends."""
        text = self.body.decode(errors="replace")
        return "".join(character for character in text if character.isprintable() or character == "\n")


def send(
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    method: str = "POST",
    limits: Limits = LIMITS,
) -> Response:
    """Send one request; never raises for what the URL or the other side does."""
    ends_at = time.monotonic() + limits.total
    try:
        target = parse_target(url)
        endpoints = open_endpoints(target, seconds=limits.total)
    except RefusedTargetError as error:
        return Response(failure=Failure.REFUSED, detail=str(error))
    except UnknownHostError as error:
        late = time.monotonic() >= ends_at
        return Response(failure=Failure.TIMEOUT if late else Failure.UNREACHABLE, detail=str(error))
    try:
        connection = _connect(endpoints, ends_at, limits)
    except OSError as error:
        return _failed(error)
    exchange = _Exchange(target, connection, ends_at)
    return exchange.run(method, body, {"User-Agent": USER_AGENT, **(headers or {})}, limits.answer_bytes)


def _connect(endpoints: list[Endpoint], ends_at: float, limits: Limits) -> socket.socket:
    """A connection to the first endpoint that takes one. Raises OSError of the last."""
    problem: OSError = TimeoutError(Detail.TIMED_OUT)
    until = min(ends_at, time.monotonic() + limits.connect)
    for family, address in endpoints:
        left = until - time.monotonic()
        if left <= 0:
            break
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(left)
            connection.connect(address)
        except OSError as error:
            connection.close()
            problem = error
        else:
            return connection
    raise problem


class _Exchange:
    """One request and its answer on a connection, which is closed at the end."""

    def __init__(self, target: Target, connection: socket.socket, ends_at: float) -> None:
        self.target = target
        self.connection = connection
        self.ends_at = ends_at
        self.expired = False

    def run(self, method: str, body: bytes, headers: Mapping[str, str], answer_bytes: int) -> Response:
        # Time limits of sockets start anew with every byte. A second handle on the connection ends it at the set
        # time, in whatever phase it is.
        handle = self.connection.dup()
        timer = threading.Timer(max(self.ends_at - time.monotonic(), 0), self._expire, [handle])
        timer.daemon = True
        timer.start()
        try:
            response = self._exchange(method, body, headers, answer_bytes)
        except (OSError, http.client.HTTPException, ValueError) as error:
            response = _failed(error)
        finally:
            timer.cancel()
            self.connection.close()
            handle.close()
        if self.expired:
            return Response(response.status, response.body, Failure.TIMEOUT, Detail.NOT_WHOLE)
        return response

    def _expire(self, handle: socket.socket) -> None:
        self.expired = True
        with suppress(OSError):
            handle.shutdown(socket.SHUT_RDWR)

    def _exchange(self, method: str, body: bytes, headers: Mapping[str, str], answer_bytes: int) -> Response:
        self.connection.settimeout(max(self.ends_at - time.monotonic(), 0.001))
        if self.target.scheme == "https":
            self.connection = _tls().wrap_socket(self.connection, server_hostname=self.target.host)
        client = http.client.HTTPConnection(self.target.host, self.target.port)
        client.auto_open = 0  # never a connection of its own
        client.sock = self.connection
        fixed = {"Host": self.target.netloc, "Accept-Encoding": "identity", "Connection": "close"}
        client.request(method, self.target.path, body, {**headers, **fixed})
        return _read(client.getresponse(), answer_bytes)


def _read(answer: http.client.HTTPResponse, limit: int) -> Response:
    start = answer.read(limit + 1)
    body = start[:limit]
    if 300 <= answer.status < 400:
        return Response(answer.status, body, Failure.REDIRECT, answer.headers.get("Location", "")[:200])
    if len(start) > limit:
        return Response(answer.status, body, Failure.TOO_BIG, f"more than {limit} bytes")
    if answer.length:
        return Response(answer.status, body, Failure.UNREACHABLE, Detail.CUT_OFF)
    return Response(answer.status, body)


@lru_cache(maxsize=2)
def _tls_context(authorities: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if authorities:
        context.load_verify_locations(cafile=authorities)
    return context


def _tls() -> ssl.SSLContext:
    return _tls_context(settings.OUTGOING_CA_FILE)


def _failed(error: Exception) -> Response:
    if isinstance(error, TimeoutError):
        return Response(failure=Failure.TIMEOUT, detail=Detail.TIMED_OUT)
    if isinstance(error, ssl.SSLError):
        return Response(failure=Failure.TLS, detail=error.reason or str(error))
    return Response(failure=Failure.UNREACHABLE, detail=str(error) or type(error).__name__)
