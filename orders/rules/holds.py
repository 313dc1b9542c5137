"""When an order is held (DM-21). No database, no clock, no request."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

# The holds that the life of an order itself speaks of.
IN_DISPUTE, ABNORMAL, KYC = "in_dispute", "abnormal_logistics", "kyc_blocked"
RISK_REVIEW = "risk_review"
FUNDS_HOLD = "funds_hold"
# Keep funds, and nothing else of an order.
OF_FUNDS = frozenset({FUNDS_HOLD})


@dataclass(frozen=True, slots=True)
class HoldPeriod:
    """A time during which an order is held; ``until`` None: it lasts. ``reason`` tells the causes of a hold apart."""

    since: datetime
    until: datetime | None = None
    reason: str = ""

    def lasts_at(self, at: datetime) -> bool:
        """Whether the order is held at the instant; at the instant of the end it is free."""
        return self.since <= at and (self.until is None or at < self.until)


def after_holds(wanted: datetime, periods: Iterable[HoldPeriod]) -> datetime | None:
    """The first instant from ``wanted`` on that no period stops; None while one lasts. A hold that begins later than
    that instant stops nothing: what was due then has happened, however late a sweep finds it."""
    for period in sorted(periods, key=lambda one: one.since):
        if period.since > wanted:
            break
        if period.until is None:
            return None
        wanted = max(wanted, period.until)
    return wanted
