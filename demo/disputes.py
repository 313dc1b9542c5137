"""What goes wrong after an order: disputes, refunds, returns; planned whole like the order itself."""

from dataclasses import dataclass
from random import Random

from demo.behaviour import Behaviour
from demo.draws import DAY, HOUR, around, between
from demo.order_planner import Order

KINDS = ("not_as_described", "quality", "not_received", "platform_claim", "chargeback")
_KIND_WEIGHTS = (44, 34, 8, 7, 7)
ANSWER_PERIOD = 5 * DAY


@dataclass(slots=True)
class Dispute:
    """A planned dispute; instants in epoch seconds, amounts in US cents."""

    order: Order
    kind: str
    opened: int
    claimed: int
    responded: int | None = None
    arbitration: int | None = None
    closed: int | None = None
    withdrawn: bool = False
    liability: str = ""
    outcome: int = 0

    def state(self, now: int) -> str:
        """What the dispute is at an instant (DP-01)."""
        if self.closed is not None and self.closed <= now:
            return "withdrawn" if self.withdrawn else "closed"
        if self.arbitration is not None and self.arbitration <= now:
            return "arbitration"
        return "responded" if self.responded is not None and self.responded <= now else "open"


@dataclass(slots=True)
class Refund:
    """A planned refund request; ``refused`` ends without payment."""

    order: Order
    requested: int
    cents_usd: int
    full: bool
    answered: int | None = None
    refused: bool = False
    completed: int | None = None

    def state(self, now: int) -> str:
        """requested, agreed, refused or completed."""
        if self.completed is not None and self.completed <= now:
            return "completed"
        if self.answered is not None and self.answered <= now:
            return "refused" if self.refused else "agreed"
        return "requested"


@dataclass(slots=True)
class Return:
    """A parcel on its way back."""

    order: Order
    shipped_back: int
    received: int | None = None
    inspected: int | None = None
    result: str = ""


@dataclass(slots=True)
class Trouble:
    """Everything that went wrong with one order."""

    disputes: list[Dispute]
    refunds: list[Refund]
    returns: list[Return]


def trouble(order: Order, behaviour: Behaviour, rng: Random) -> Trouble:
    """Draw what goes wrong after dispatch, and let the order feel it (receipt held back, full refund)."""
    found = Trouble([], [], [])
    if order.shipped is None:
        return found
    if order.fate != "delivered":
        _never_arrived(order, behaviour, found, rng)
    elif rng.random() < behaviour.dispute:
        _raise_dispute(order, rng.choices(KINDS, _KIND_WEIGHTS)[0], behaviour, found, rng)
    elif rng.random() < behaviour.refund:
        _ask_refund(order, found, rng)
    return found


def _never_arrived(order: Order, behaviour: Behaviour, found: Trouble, rng: Random) -> None:
    assert order.shipped is not None
    assert order.estimated is not None
    if rng.random() < 0.3:
        _raise_dispute(order, "not_received", behaviour, found, rng)
    elif rng.random() < 0.8:
        since = max(order.ended or 0, order.estimated, order.shipped + 12 * DAY)
        _refund(order, since + between(rng, 0.2 * DAY, 3 * DAY), True, found, rng)


def _raise_dispute(order: Order, kind: str, behaviour: Behaviour, found: Trouble, rng: Random) -> None:
    dispute = Dispute(order, kind, _opening(order, kind, rng), order.usd_cents)
    found.disputes.append(dispute)
    order.first_dispute = dispute.opened
    _answer(dispute, behaviour, rng)
    _decide(dispute, behaviour, rng)
    assert dispute.closed is not None
    if dispute.withdrawn and rng.random() < 0.15:
        again = Dispute(order, kind, dispute.closed + between(rng, DAY, 3 * DAY), order.usd_cents)
        _answer(again, behaviour, rng)
        _decide(again, behaviour, rng)
        found.disputes.append(again)
    _hold_receipt(order, found.disputes[-1], rng)
    _pay_outcome(found, rng)


def _opening(order: Order, kind: str, rng: Random) -> int:
    assert order.shipped is not None
    assert order.estimated is not None
    if kind == "not_received" and order.fate != "delivered":
        return max(order.estimated, order.shipped + 8 * DAY) + between(rng, 0.1 * DAY, 5 * DAY)
    arrived = order.delivered or order.shipped + 20 * DAY
    if kind == "chargeback":
        return (order.confirmed or arrived + 15 * DAY) + between(rng, 3 * DAY, 25 * DAY)
    latest = 7.5 * DAY if order.confirmed_by != "buyer" else 5 * DAY
    return arrived + between(rng, 0.1 * DAY, latest)


def _answer(dispute: Dispute, behaviour: Behaviour, rng: Random) -> None:
    """Golden within 24 h, late within 72 h, or never: then arbitration without the seller (DP-10)."""
    if rng.random() < behaviour.unanswered:
        dispute.arbitration = dispute.opened + ANSWER_PERIOD
        return
    late = rng.random() < 0.22
    wait = between(rng, 25 * HOUR, 71 * HOUR) if late else min(around(rng, 8 * HOUR, 0.8), 24 * HOUR)
    dispute.responded = dispute.opened + wait
    if rng.random() < 0.3:
        dispute.arbitration = dispute.responded + between(rng, 1.5 * DAY, 4 * DAY)


def _decide(dispute: Dispute, behaviour: Behaviour, rng: Random) -> None:
    since = dispute.arbitration or dispute.responded or dispute.opened
    if dispute.arbitration is None and rng.random() < 0.2:
        dispute.withdrawn = True
        dispute.closed = since + between(rng, 6 * HOUR, 4 * DAY)
        dispute.liability = "none"
        return
    dispute.closed = since + (
        between(rng, 5 * HOUR, 47 * HOUR) if rng.random() < 0.85 else between(rng, 3 * DAY, 7 * DAY)
    )
    if dispute.responded is None or rng.random() < behaviour.liable:
        dispute.liability = "seller"
        dispute.outcome = dispute.claimed if rng.random() < 0.6 else dispute.claimed * between(rng, 20, 70) // 100
    else:
        dispute.liability = (
            "carrier" if dispute.kind == "not_received" else rng.choice(("buyer", "none", "none", "carrier"))
        )
        dispute.outcome = dispute.claimed if dispute.liability == "carrier" else 0


def _hold_receipt(order: Order, dispute: Dispute, rng: Random) -> None:
    """While a dispute is open nothing is confirmed; afterwards the system confirms what is not refunded."""
    assert dispute.closed is not None
    if order.delivered is None or (order.confirmed is not None and order.confirmed < dispute.opened):
        return
    order.confirmed, order.confirmed_by = None, ""
    if dispute.outcome < dispute.claimed:
        order.confirmed = max(order.delivered + 10 * DAY, dispute.closed + between(rng, 60, 3600))
        order.confirmed_by = "system"


def _pay_outcome(found: Trouble, rng: Random) -> None:
    last = found.disputes[-1]
    if not last.outcome:
        return
    assert last.closed is not None
    full = last.outcome == last.claimed
    refund = Refund(
        last.order, last.closed, last.outcome, full, last.closed, False, last.closed + between(rng, 60, 2 * HOUR)
    )
    found.refunds.append(refund)
    if full:
        last.order.refunded = refund.completed
        if last.kind in ("quality", "not_as_described") and rng.random() < 0.4:
            _send_back(last.order, last.opened + between(rng, HOUR, 2 * DAY), found, rng)


def _ask_refund(order: Order, found: Trouble, rng: Random) -> None:
    """A refund without a dispute: after delivery, before or after receipt, full with a return or in part."""
    assert order.delivered is not None
    requested = order.delivered + between(rng, 0.3 * DAY, 6 * DAY)
    full = rng.random() < 0.45
    _refund(order, requested, full, found, rng)
    if full and rng.random() < 0.6:
        _send_back(order, requested + between(rng, 0.5 * DAY, 2 * DAY), found, rng)


def _refund(order: Order, requested: int, full: bool, found: Trouble, rng: Random) -> None:
    """The seller answers within five days, or the full refund happens by default at their end (TM-12)."""
    amount = order.usd_cents if full else max(1, order.usd_cents * between(rng, 10, 60) // 100)
    refund = Refund(order, requested, amount, full)
    found.refunds.append(refund)
    draw = rng.random()
    if draw < 0.12:
        refund.cents_usd, refund.full, refund.completed = order.usd_cents, True, requested + ANSWER_PERIOD
    else:
        refund.answered = requested + min(around(rng, 14 * HOUR, 0.8), ANSWER_PERIOD - HOUR)
        refund.refused = draw < 0.25
        refund.completed = None if refund.refused else refund.answered + between(rng, 0.5 * DAY, 3 * DAY)
    if refund.full and refund.completed is not None:
        order.refunded = refund.completed
        if order.confirmed is not None and order.confirmed > requested:
            order.confirmed, order.confirmed_by = None, ""


def _send_back(order: Order, shipped_back: int, found: Trouble, rng: Random) -> None:
    received = shipped_back + between(rng, 5 * DAY, 16 * DAY)
    inspected = received + (between(rng, HOUR, 46 * HOUR) if rng.random() < 0.85 else 48 * HOUR)
    result = rng.choices(("accepted", "damaged", "wrong_item"), (85, 10, 5))[0]
    found.returns.append(Return(order, shipped_back, received, inspected, result))
