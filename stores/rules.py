"""Pure rules of stores: when a listing may go online (DM-14, DP-04), how it read at an instant (BX-09)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

# What a listing says. The bits of `ListingVersion.stated` stand for these, in this order.
CONTENT = ("title", "description", "category", "price_usd", "image_file")


class ListingState(StrEnum):
    """Whether buyers can order a listing. ``DELISTED``: a penalty took it down (PN-42)."""

    ONLINE = "online"
    OFFLINE = "offline"
    DELISTED = "delisted"


def is_barred(state: str, relist_after: datetime | None, at: datetime) -> bool:
    """Whether a listing can't go online at an instant; without ``relist_after`` it is barred until it is released. From
    the second of ``relist_after`` on it may."""
    return state == ListingState.DELISTED and (relist_after is None or at < relist_after)


@dataclass(frozen=True, slots=True)
class ListingAsOf:
    """What a listing said from ``since`` on."""

    since: datetime
    title: str = ""
    description: str = ""
    category: str = ""
    price_usd: Decimal | None = None
    image_file: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What an export at an instant states of a listing: some of its fields."""

    at: datetime
    fields: dict[str, Any]


def history_of(statements: Iterable[Statement]) -> list[ListingAsOf]:
    """How a listing read over time: one entry per change, oldest first, of statements in any order. What a statement
    leaves open stays as it was."""
    history: list[ListingAsOf] = []
    for statement in sorted(statements, key=lambda one: one.at):
        former = history[-1] if history else None
        present = replace(former or ListingAsOf(statement.at), since=statement.at, **statement.fields)
        if former is None or replace(present, since=former.since) != former:
            history.append(present)
    return history


def listing_as_of(history: Sequence[ListingAsOf], at: datetime) -> ListingAsOf:
    """The entry in force at an instant; the earliest one if none is that old."""
    past = [one for one in history if one.since <= at]
    return past[-1] if past else history[0]
