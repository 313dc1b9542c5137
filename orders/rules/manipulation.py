"""Signs of manipulated reviews (PN-35). No database, no clock, no request."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.timebase import rating_day


class Link(StrEnum):
    """What buyers have in common."""

    BUYER = "buyer"
    NETWORK = "network"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class FiveStars:
    """A five-star review by a buyer, with what links the buyer to others; empty where the source gave nothing."""

    order_no: str
    created_at: datetime
    delivered_at: datetime | None
    buyer: str
    network: str
    address: str

    def links(self) -> Iterator[tuple[Link, str]]:
        """What can be shared with other buyers."""
        yield Link.BUYER, self.buyer
        yield Link.NETWORK, self.network
        yield Link.ADDRESS, " ".join(self.address.casefold().split())


@dataclass(frozen=True, slots=True)
class Burst:
    """Reviews of linked buyers close to one another, those that a UTC day completed. ``cause`` tells bursts apart
    without telling what the buyers share."""

    link: Link
    cause: str
    reviews: tuple[FiveStars, ...]


def bursts(reviews: Iterable[FiveStars], *, least: int, within: timedelta) -> list[Burst]:
    """Every link and UTC day on which a run of at least ``least`` reviews within ``within`` was completed."""
    shared: dict[tuple[Link, str], list[FiveStars]] = defaultdict(list)
    for review in reviews:
        for link, value in review.links():
            if value:
                shared[link, value].append(review)
    return [burst for (link, value), linked in shared.items() for burst in _bursts(link, value, linked, least, within)]


def _bursts(link: Link, value: str, linked: list[FiveStars], least: int, within: timedelta) -> list[Burst]:
    linked.sort(key=lambda review: (review.created_at, review.order_no))
    by_day: dict[str, dict[FiveStars, None]] = defaultdict(dict)
    for end in range(least - 1, len(linked)):
        run = linked[end - least + 1 : end + 1]
        if run[-1].created_at - run[0].created_at <= within:
            by_day[rating_day(run[-1].created_at).isoformat()] |= dict.fromkeys(run)
    mark = hashlib.sha256(f"{link} {value}".encode()).hexdigest()[:16]
    return [Burst(link, f"burst {link} {mark} {day}", tuple(run)) for day, run in by_day.items()]


def quick_reviews(reviews: Sequence[FiveStars], *, within: timedelta) -> list[FiveStars]:
    """The reviews that came within minutes after delivery."""
    return [
        review
        for review in reviews
        if review.delivered_at is not None and timedelta(0) <= review.created_at - review.delivered_at <= within
    ]
