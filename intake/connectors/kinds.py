"""How a connector is declared: a `ConnectorKind` per platform, with its feeds in the order in which they are pulled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from intake.connectors.pulling import Pull
from intake.connectors.tokens import Tokens
from intake.models import ConnectionFeed, StoreConnection

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# What a platform's feeds work with: made once per turn.
Session = Any


@dataclass(frozen=True)
class FeedKind:
    """One feed. ``pull`` asks for a part of what is due and returns whether there is more; it raises a PlatformError.
    ``supplies``: the data streams that are known as far as the feed is complete; ``after``: the feeds that give it
    work."""

    name: str
    label: "StrPromise"
    pull: Callable[[Session, ConnectionFeed], bool]
    supplies: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConnectorKind:
    """A platform. ``authorize_url(connection, address to return to, state)`` is where a person agrees; ``exchange``
    makes tokens of the code that comes back, ``refresh`` of a refresh token; ``open`` makes the session of a turn."""

    code: str
    label: "StrPromise"
    regions: Mapping[str, "StrPromise"]
    feeds: tuple[FeedKind, ...]
    authorize_url: Callable[[StoreConnection, str, str], str]
    exchange: Callable[[StoreConnection, str], Tokens]
    refresh: Callable[[StoreConnection, str], Tokens]
    open: Callable[[Pull], Session]

    def feed(self, name: str) -> FeedKind | None:
        return next((feed for feed in self.feeds if feed.name == name), None)
