"""When an order is held (DM-21). No database, no clock, no request."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class HoldPeriod:
    """A time during which an order is held; ``until`` None: it lasts. ``reason`` tells the causes of a hold apart."""

    since: datetime
    until: datetime | None = None
    reason: str = ""

    def lasts_at(self, at: datetime) -> bool:
        """Whether the order is held at the instant; at the instant of the end it is free."""
        return self.since <= at and (self.until is None or at < self.until)
