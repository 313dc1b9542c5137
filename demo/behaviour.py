"""What a demo store is, and how it behaves through the year.

A store's behaviour is a base with *phases*, stretches of days before today in which some of its rates differ; the
stories of the demo (a failing carrier, a falling rating, a recovery) are nothing but phases.
"""

from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Rates per order unless said otherwise; hours and days are medians."""

    late: float = 0.008
    handling_hours: float = 15.0
    unconfirmed: float = 0.015
    seller_cancel: float = 0.0015
    buyer_cancel: float = 0.012
    platform_cancel: float = 0.002
    lost: float = 0.002
    returned: float = 0.002
    vanished: float = 0.002
    gap: float = 0.02
    transit: float = 1.0
    dispute: float = 0.003
    liable: float = 0.3
    unanswered: float = 0.1
    refund: float = 0.008
    review: float = 0.42
    negative: float = 0.004
    neutral: float = 0.008
    four: float = 0.08
    thread: float = 0.12
    reply_late: float = 0.02
    reply_never: float = 0.01
    reply_automatic: float = 0.02
    reply_foreign: float = 0.01


@dataclass(frozen=True, slots=True)
class Failing:
    """From ``since`` days ago on, orders of one carrier with one number prefix leave late at rate ``late``."""

    carrier: str
    prefix: str
    since: int
    late: float


@dataclass(frozen=True, slots=True)
class DemoProfile:
    """One store. ``phases``: (first, last) days before today of an order's creation, first > last, and the changes.

    ``copyright_cases``: (opened, resolved or None) days before today, upheld. ``price``: median USD of an order.
    """

    store_no: str
    name: str
    company_no: str
    level: str
    category: str
    leaves: tuple[str, ...]
    story: str
    daily: float
    opened_days_ago: int
    carriers: dict[str, int]
    sites: str
    price: float
    base: Behaviour
    phases: tuple[tuple[int, int, dict[str, Any]], ...] = ()
    limit_hours: int = 72
    closed_days_ago: int | None = None
    failing: Failing | None = None
    mode: str = "governed"
    sources: dict[str, int] = field(default_factory=lambda: {"platform": 1})
    presale: float = 0.0
    data_issues: float = 0.0
    second_bundle: bool = False
    payout_account_bound: bool = True
    tracking_auto_sync: bool = True
    # The platform ships some of its orders (MX-04a).
    semi_managed: bool = False
    copyright_cases: tuple[tuple[int, int | None, bool], ...] = ()

    def behaviour(self, days_ago: int) -> Behaviour:
        """How the store treats an order created so many days before today."""
        changes: dict[str, Any] = {}
        for first, last, change in self.phases:
            if first >= days_ago >= last:
                changes.update(change)
        return replace(self.base, **changes) if changes else self.base
