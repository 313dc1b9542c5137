"""Where a request goes: the parts of a URL that is accepted, and the addresses of its host that are open."""

import queue
import re
import socket
import threading
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from core.outgoing.networks import Network, is_open, parse_networks
from core.outgoing.words import PORT_CLOSED, Detail

MAX_URL = 2000
MAX_HOST = 253
DEFAULT_PORTS = {"https": 443, "http": 80}
# Blanks, control characters, backslashes and whatever else parsers disagree about.
PLAIN_URL = re.compile(r"[!-\[\]-~]+")
HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

# What `socket.connect` takes, beside its family.
Endpoint = tuple[socket.AddressFamily, tuple[Any, ...]]


class RefusedTargetError(ValueError):
    """No request goes there; the text says why, in English."""


class UnknownHostError(OSError):
    """The host has no address, or the look-up took too long (``TimeoutError`` then is its cause)."""


@dataclass(frozen=True)
class Target:
    """``host`` as ASCII, an IPv6 address without brackets; ``path`` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def netloc(self) -> str:
        """The value of the header ``Host``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def parse_target(url: str) -> Target:
    """The parts of a URL. Looks nothing up, so forms may call it: of names only their addresses say whether they lie
    inside. Raises RefusedTargetError."""
    parts = _split(url)
    if parts.scheme not in DEFAULT_PORTS:
        raise RefusedTargetError(Detail.HTTPS_ONLY)
    if parts.scheme == "http" and not settings.OUTGOING_ALLOW_HTTP:
        raise RefusedTargetError(Detail.HTTPS_ONLY)
    if parts.username is not None or parts.password is not None:
        raise RefusedTargetError(Detail.WITH_USER)
    port = _port(parts)
    if port not in settings.OUTGOING_PORTS:
        raise RefusedTargetError(PORT_CLOSED % {"port": port})
    path, host = parts.path or "/", _host(parts.hostname or "")
    _check_address(host)
    return Target(parts.scheme, host, port, f"{path}?{parts.query}" if parts.query else path)


def _split(url: str) -> SplitResult:
    try:
        host = urlsplit(url).hostname or ""
        url = url.replace(host, host.encode("idna").decode(), 1) if host and not host.isascii() else url
        parts = urlsplit(url)
    except (ValueError, UnicodeError) as error:
        raise RefusedTargetError(Detail.NO_URL) from error
    if len(url) > MAX_URL or not PLAIN_URL.fullmatch(url):
        raise RefusedTargetError(Detail.NO_URL)
    return parts


def _port(parts: SplitResult) -> int:
    try:
        return DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError as error:
        raise RefusedTargetError(Detail.NO_PORT) from error


def _host(host: str) -> str:
    if ":" in host:
        return _ipv6(host)
    host = host.removesuffix(".")
    if len(host) > MAX_HOST or not HOST_NAME.fullmatch(host):
        raise RefusedTargetError(Detail.NO_HOST)
    if NUMBER.fullmatch(host.rpartition(".")[2]):
        return _ipv4(host)
    return host


def _ipv4(host: str) -> str:
    """An IPv4 address in its one usual spelling: resolvers also take 0x7f.1, 2130706433 and 0177.0.0.1."""
    try:
        return str(IPv4Address(host))
    except ValueError as error:
        raise RefusedTargetError(Detail.UNUSUAL_HOST) from error


def _ipv6(host: str) -> str:
    try:
        address = IPv6Address(host)
    except ValueError as error:
        raise RefusedTargetError(Detail.NO_HOST) from error
    if address.scope_id is not None:
        raise RefusedTargetError(Detail.ONE_LINK)
    return str(address)


def _check_address(host: str) -> None:
    try:
        address = ip_address(host)
    except ValueError:
        return
    if not is_open(address, _allowed()):
        raise RefusedTargetError(Detail.INSIDE)


def _allowed() -> tuple[Network, ...]:
    return parse_networks(tuple(settings.OUTGOING_PRIVATE_NETWORKS))


def open_endpoints(target: Target, *, seconds: float) -> list[Endpoint]:
    """Where the target's host may be connected to, in the resolver's order. Looks the name up once: who connects to
    these needs no second look-up, which could be answered differently. Raises UnknownHostError, RefusedTargetError."""
    allowed = _allowed()
    found = _look_up(target.host, target.port, seconds)
    endpoints = [(family, address) for family, address in found if is_open(ip_address(address[0]), allowed)]
    if not endpoints:
        raise RefusedTargetError(Detail.INSIDE)
    return endpoints


def _look_up(host: str, port: int, seconds: float) -> list[Endpoint]:
    """Resolvers can't be given a time limit, so a thread of its own asks; one that is late is left alone."""
    answers: queue.SimpleQueue[list[Endpoint] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            answers.put(UnknownHostError(str(error)))
        else:
            answers.put([(family, tuple(address)) for family, _kind, _protocol, _name, address in found])

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=max(seconds, 0))
    except queue.Empty as error:
        raise UnknownHostError(Detail.SLOW_LOOK_UP) from error
    if isinstance(answer, OSError):
        raise answer
    return answer
