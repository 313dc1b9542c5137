"""How far a connection's feeds are: saved between parts, so that a run that dies goes on there (IX-03)."""

from collections.abc import Mapping
from datetime import datetime

from intake.models import ConnectionFeed


def advance(
    feed: ConnectionFeed, *, complete_until: datetime | None = None, cursor: Mapping[str, str] | None = None
) -> None:
    """Note that a part of a feed is taken in: all until ``complete_until``, which never goes back, and the feed's own
    marks."""
    if complete_until is not None and (feed.complete_until is None or complete_until > feed.complete_until):
        feed.complete_until = complete_until
    feed.cursor = {**feed.cursor, **(cursor or {})}
    feed.save(update_fields=["complete_until", "cursor"])


def mark_of(feed: ConnectionFeed, name: str) -> datetime | None:
    """An instant among the feed's own marks."""
    text = feed.cursor.get(name)
    return datetime.fromisoformat(text) if text else None


def is_due(feed: ConnectionFeed, name: str, at: datetime) -> bool:
    """Whether the time of a mark has come, or it was never set."""
    mark = mark_of(feed, name)
    return mark is None or mark <= at
