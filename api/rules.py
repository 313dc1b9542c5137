"""Pure rules of tokens and redirect addresses (IX-20)."""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

TOKEN_BYTES = 32
HINT_LENGTH = 8
LOOPBACK = frozenset({"127.0.0.1", "[::1]"})
# Schemes that a browser itself acts on: never an address to send a code to.
DANGEROUS_SCHEMES = frozenset(
    {"javascript", "data", "file", "about", "blob", "view-source", "vbscript", "ftp", "ws", "wss"}
)


def make_token(kind: str) -> str:
    """A random token; the prefix tells scanners of leaked secrets what it is."""
    return f"dw{kind}_{secrets.token_urlsafe(TOKEN_BYTES)}"


def hash_token(token: str) -> str:
    """What is stored of a token. It is random, so a plain hash can't be guessed backwards."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def hint_of(token: str) -> str:
    """The beginning by which people tell tokens apart."""
    return token[:HINT_LENGTH]


def is_token(token: str, hashed: str) -> bool:
    """Whether the token has this hash, compared in constant time."""
    return bool(hashed) and hmac.compare_digest(hash_token(token), hashed)


def is_redirect_uri(uri: str) -> bool:
    """Whether a code may be sent there: https, http on loopback, or a private scheme with a dot in its name such as
    ``com.example.erp:/done`` (RFC 8252); no fragment, no user name, no wildcard."""
    if any(not 0x21 <= ord(character) <= 0x7E for character in uri) or any(mark in uri for mark in '*\\"<>#'):
        return False
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme == "http":
        return _host(parts.netloc) in LOOPBACK
    return "." in parts.scheme and parts.scheme not in DANGEROUS_SCHEMES and not parts.netloc


def matches_redirect_uri(registered: str, asked: str) -> bool:
    """Whether the address is the registered one, character by character. On loopback the port is the program's choice
    at each start (RFC 8252, 7.3)."""
    if registered == asked:
        return True
    if not is_redirect_uri(asked):
        return False
    parts, other = urlsplit(registered), urlsplit(asked)
    if parts.scheme != "http" or _host(parts.netloc) not in LOOPBACK:
        return False
    return (parts.scheme, _host(parts.netloc), parts.path, parts.query) == (
        other.scheme,
        _host(other.netloc),
        other.path,
        other.query,
    )


def _host(netloc: str) -> str:
    return netloc if netloc.endswith("]") else netloc.rpartition(":")[0] or netloc
