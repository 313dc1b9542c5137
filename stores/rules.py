"""Pure rules of stores: when a listing may go online (DM-14, DP-04)."""

from datetime import datetime
from enum import StrEnum


class ListingState(StrEnum):
    """Whether buyers can order a listing. ``DELISTED``: a penalty took it down (PN-42)."""

    ONLINE = "online"
    OFFLINE = "offline"
    DELISTED = "delisted"


def is_barred(state: str, relist_after: datetime | None, at: datetime) -> bool:
    """Whether a listing can't go online at an instant; without ``relist_after`` it is barred until it is released. From
    the second of ``relist_after`` on it may."""
    return state == ListingState.DELISTED and (relist_after is None or at < relist_after)
