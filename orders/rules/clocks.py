"""The clocks of an order's life as data (DM-27): what is awaited, until when. No database, no clock, no request.

To add one, write a function that takes an order's facts and returns until when something is awaited, None while nothing
is, and declare a `Clock` in ``CLOCKS``; a module of timers says what happens when it lapses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.timebase import rating_day, rating_day_end
from orders.rules.holds import ABNORMAL, IN_DISPUTE, KYC, OF_FUNDS, RISK_REVIEW, HoldPeriod, after_holds
from orders.rules.pool import PoolPeriod
from orders.rules.refunds import days_after_delivery
from rulebook.policy import Policy

DISPATCH = "order.dispatch_confirmation"
FIRST_SCAN = "order.first_scan"
SILENCE = "order.trace_silence"
RECHECK = "order.trace_recheck"
RECEIPT = "order.receipt"
AUTO_REVIEW = "order.auto_review"
GUIDE = "order.guide"
SECOND_GUIDE = "order.second_guide"
FUNDS_REVIEW = "order.funds_review"
FUNDS_RELEASE = "order.funds_release"
CLOSING = "order.closing"

# Receipt is confirmed.
DONE = ("success", "closed")
INVALID_TRACE = "invalid_trace"


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What clocks are derived from.

    ``seller_ships``: the platform doesn't ship it (MX-04a). ``confirms``: the store has the feed of confirmations
    (TM-02). ``official``: its carrier belongs to the platform. ``stays``: every stay in the abnormal pool; the last one
    begins unless another scan comes. ``holds``: every known period of a hold by code.

    ``approved``: the platform approves of its carriers, ``traces_valid``: the traces of all its parcels are (AF-06).
    ``fault_proven``: a fault of the carrier's was (AF-08). ``reviewed_at``: the buyer's first review.
    ``auto_reviewed``: it has an automatic one, revoked or not. ``long_after_sales``: buyers are written to a second
    time (AF-09).
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
    confirmed_by: str = ""
    official: bool = False
    approved: bool = False
    traces_valid: bool = True
    fault_proven: bool = False
    reviewed_at: datetime | None = None
    auto_reviewed: bool = False
    long_after_sales: bool = False
    funds_released_at: datetime | None = None
    refund_open: bool = False
    stays: Sequence[PoolPeriod] = ()
    holds: Mapping[str, Sequence[HoldPeriod]] = field(default_factory=dict)

    def periods_of(self, *codes: str) -> list[HoldPeriod]:
        """The periods of some holds."""
        return [period for code in codes for period in self.holds.get(code, ())]

    @property
    def other_holds(self) -> list[HoldPeriod]:
        """The periods of all holds but those of funds alone, and one for a missing account that lasts: nobody ends that
        for an order, so its clock runs on, and what it brings about finds the order held (AF-10)."""
        codes = self.holds.keys() - OF_FUNDS
        return [one for code in codes for one in self.periods_of(code) if code != KYC or one.until is not None]


def _never(facts: OrderFacts) -> datetime | None:
    return None


@dataclass(frozen=True, slots=True)
class Clock:
    """One countdown of orders. ``kind`` names its deadlines, ``due`` says until when something is awaited, None while
    nothing is; ``happened`` at which instant it came, so that the deadline was met rather than void.

    ``resumes``: an order that had this clock before gets it again even where its instant passed meanwhile, due at once.
    ``catches_up``: so does an order that never had it. Otherwise no deadline is opened in the past.
    """

    kind: str
    rule: str
    due: Callable[[OrderFacts], datetime | None]
    happened: Callable[[OrderFacts], datetime | None] = _never
    resumes: bool = False
    catches_up: bool = False


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
    if facts.state != "delivered" or facts.delivered_at is None:
        return None
    feedback = facts.policy.feedback
    days = feedback.confirm_days if facts.official else feedback.confirm_days_other
    return after_holds(facts.delivered_at + timedelta(days=days), facts.other_holds)


def auto_review(facts: OrderFacts) -> datetime | None:
    """A success that the buyer has not reviewed gets an automatic review at the beginning of the next UTC day, counted
    anew from the end of a dispute (AF-01, AF-04); not without approved carrier and valid trace (AF-02)."""
    if facts.state not in DONE or facts.confirmed_at is None or facts.auto_reviewed or facts.fault_proven:
        return None
    if not facts.approved or not _is_trusted(facts, facts.confirmed_at):
        return None
    due = _next_day(facts.confirmed_at)
    for dispute in facts.periods_of(IN_DISPUTE):
        if dispute.since > due:
            break
        if dispute.until is None:
            return None
        due = max(due, _next_day(dispute.until))
    return None if facts.reviewed_at is not None and facts.reviewed_at <= due else due


def guide(facts: OrderFacts) -> datetime | None:
    """Some days after delivery the buyer gets an after-sales guide (AF-09)."""
    return _guide(facts, facts.policy.feedback.guide_days)


def second_guide(facts: OrderFacts) -> datetime | None:
    """Buyers of some goods are written to a second time (AF-09)."""
    return _guide(facts, facts.policy.feedback.second_guide_days) if facts.long_after_sales else None


def _guide(facts: OrderFacts, days: int) -> datetime | None:
    """None where a dispute is open on that day: nothing is sent later."""
    if facts.state not in ("delivered", *DONE) or facts.delivered_at is None:
        return None
    due = facts.delivered_at + timedelta(days=days)
    return None if any(one.lasts_at(due) for one in facts.periods_of(IN_DISPUTE)) else due


def funds_review(facts: OrderFacts) -> datetime | None:
    """Some days after the day of delivery the risk review of the frozen funds begins (TM-04)."""
    terms = facts.policy.transactions
    return _funds_day(facts, terms.funds_review_day, terms.funds_review_hour_utc)


def funds_release(facts: OrderFacts) -> datetime | None:
    """The funds are released some days after the day of delivery, or at the end of the last hold if that is later
    (TM-04). While a hold lasts the clock runs on: it finds the order held, which is told then."""
    terms = facts.policy.transactions
    planned = _funds_day(facts, terms.funds_release_day, terms.funds_release_hour_utc)
    if planned is None:
        return None
    return after_holds(planned, facts.periods_of(*(code for code in facts.holds if code != RISK_REVIEW))) or planned


def closing(facts: OrderFacts) -> datetime | None:
    """A success whose funds are released is closed, as soon as neither a dispute nor a refund is open (DM-21)."""
    if facts.state != "success" or facts.confirmed_at is None or facts.funds_released_at is None or facts.refund_open:
        return None
    return after_holds(max(facts.confirmed_at, facts.funds_released_at), facts.periods_of(IN_DISPUTE))


def _funds_day(facts: OrderFacts, days: int, hour: int) -> datetime | None:
    awaited = facts.state in ("delivered", "success") and facts.funds_released_at is None
    return days_after_delivery(facts.delivered_at, days, hour) if awaited and facts.delivered_at else None


def _next_day(instant: datetime) -> datetime:
    return rating_day_end(rating_day(instant))


def _is_trusted(facts: OrderFacts, confirmed_at: datetime) -> bool:
    """Whether the traces are valid, or were repaired before receipt was confirmed (AF-06, TM-11)."""
    ends = [one.until for one in facts.periods_of(ABNORMAL) if one.reason == INVALID_TRACE and one.until is not None]
    return facts.traces_valid or any(end < confirmed_at or facts.confirmed_by == "system" for end in ends)


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
    Clock(AUTO_REVIEW, "AF-01", auto_review, lambda facts: facts.reviewed_at, resumes=True),
    Clock(GUIDE, "AF-09", guide),
    Clock(SECOND_GUIDE, "AF-09", second_guide),
    Clock(FUNDS_REVIEW, "TM-04", funds_review),
    Clock(FUNDS_RELEASE, "TM-04", funds_release, lambda facts: facts.funds_released_at, resumes=True),
    Clock(CLOSING, "DM-21", closing, catches_up=True),
)
