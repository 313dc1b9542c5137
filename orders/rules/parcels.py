"""A parcel of an order as pages and rules see it (DM-17). No database, no clock, no request."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Parcel:
    """``number``: 1 for the order's own, 2, 3, … in order of dispatch. ``lines``: the numbers of the order lines in it,
    empty for the first, which has all that no other holds. ``former``: its earlier tracking numbers, oldest first."""

    number: int
    carrier: str
    tracking_no: str
    shipped_at: datetime | None
    lines: tuple[int, ...] = ()
    former: tuple[str, ...] = ()
