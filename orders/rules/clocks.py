"""The clocks of an order's life as data (DM-27): what is awaited, until when. No database, no clock, no request.

To add one, write a function that takes an order's facts and returns until when something is awaited, None while nothing
is, and declare a `Clock` in ``CLOCKS``; a module of timers says what happens when it lapses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from orders.rules.holds import HoldPeriod
from orders.rules.pool import PoolPeriod
from rulebook.policy import Policy

DISPATCH = "order.dispatch_confirmation"
FIRST_SCAN = "order.first_scan"
SILENCE = "order.trace_silence"
RECHECK = "order.trace_recheck"
RECEIPT = "order.receipt"


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What clocks are derived from.

    ``seller_ships``: the platform doesn't ship it (MX-04a). ``confirms``: the store has the feed of confirmations
    (TM-02). ``official``: its carrier belongs to the platform. ``stays``: every stay in the abnormal pool; the last one
    begins unless another scan comes. ``holds``: every known period of a hold by code.
    """

    state: str
    policy: Policy
    seller_ships: bool = True
    confirms: bool = False
    is_presale: bool = False
    paid_at: datetime | None = None
    dispatch_confirmed_at: datetime | None = None
    shipped_at: datetime | None = None
    last_scan_at: datetime | None = None
    delivered_at: datetime | None = None
    confirmed_at: datetime | None = None
    official: bool = False
    stays: Sequence[PoolPeriod] = ()
    holds: Mapping[str, Sequence[HoldPeriod]] = field(default_factory=dict)

    @property
    def is_held(self) -> bool:
        """Whether a hold lasts that something else than the store's own account has to end (DM-21)."""
        lasting = (code for code, periods in self.holds.items() if any(one.until is None for one in periods))
        return any(code not in ACCOUNT_HOLDS for code in lasting)

    @property
    def released_at(self) -> datetime | None:
        """The end of the last hold that is over."""
        ends = [one.until for periods in self.holds.values() for one in periods if one.until is not None]
        return max(ends, default=None)


# Nobody settles these per order: the clock runs on, and what it brings about finds the order held (AF-10).
ACCOUNT_HOLDS = frozenset({"kyc_blocked"})


def _never(facts: OrderFacts) -> datetime | None:
    return None


@dataclass(frozen=True, slots=True)
class Clock:
    """One countdown of orders. ``kind`` names its deadlines, ``due`` says until when something is awaited, None while
    nothing is; ``happened`` at which instant it came, so that the deadline was met rather than void.

    ``resumes``: an order that had this clock before gets it again even where its instant passed meanwhile, due at once.
    Otherwise no deadline is opened in the past.
    """

    kind: str
    rule: str
    due: Callable[[OrderFacts], datetime | None]
    happened: Callable[[OrderFacts], datetime | None] = _never
    resumes: bool = False


def dispatch_confirmation(facts: OrderFacts) -> datetime | None:
    """The seller confirms the dispatch of a paid order, or ships it, within hours of the payment (TM-02)."""
    awaited = facts.state == "paid" and facts.dispatch_confirmed_at is None and not facts.is_presale
    if not awaited or not facts.confirms or not facts.seller_ships or facts.paid_at is None:
        return None
    return facts.paid_at + timedelta(hours=facts.policy.counting.confirm_hours)


def dispatch_confirmed(facts: OrderFacts) -> datetime | None:
    """When the dispatch was confirmed; shipping confirms it."""
    return min((at for at in (facts.dispatch_confirmed_at, facts.shipped_at) if at is not None), default=None)


def first_scan(facts: OrderFacts) -> datetime | None:
    """A parcel enters the pool where the carrier doesn't scan it soon after dispatch (TM-03)."""
    stay = _stay(facts)
    return stay.entered if stay is not None and stay.silent_since is None else None


def trace_silence(facts: OrderFacts) -> datetime | None:
    """A parcel enters the pool where its trace falls silent (TM-03)."""
    stay = _stay(facts)
    return stay.entered if stay is not None and stay.silent_since is not None else None


def trace_recheck(facts: OrderFacts) -> datetime | None:
    """After a longer silence a person re-checks the parcel (TM-03)."""
    stay = _stay(facts)
    if stay is None or stay.silent_since is None:
        return None
    return stay.silent_since + timedelta(hours=facts.policy.transactions.recheck_silence_hours)


def receipt(facts: OrderFacts) -> datetime | None:
    """The buyer confirms receipt, or the system does some days after delivery, or at the end of the last hold if that
    is later (AF-05)."""
    if facts.state != "delivered" or facts.delivered_at is None or facts.is_held:
        return None
    feedback = facts.policy.feedback
    days = feedback.confirm_days if facts.official else feedback.confirm_days_other
    return max(facts.delivered_at + timedelta(days=days), facts.released_at or facts.delivered_at)


def _stay(facts: OrderFacts) -> PoolPeriod | None:
    """The stay that lasts, or begins unless another scan comes: of several parcels' the first."""
    if facts.state != "shipped":
        return None
    return next((stay for stay in facts.stays if stay.left is None), None)


CLOCKS: Sequence[Clock] = (
    Clock(DISPATCH, "TM-02", dispatch_confirmation, dispatch_confirmed),
    Clock(FIRST_SCAN, "TM-03", first_scan, lambda facts: facts.last_scan_at),
    Clock(SILENCE, "TM-03", trace_silence, lambda facts: facts.last_scan_at),
    Clock(RECHECK, "TM-03", trace_recheck, lambda facts: facts.last_scan_at),
    Clock(RECEIPT, "AF-05", receipt, lambda facts: facts.confirmed_at, resumes=True),
)
