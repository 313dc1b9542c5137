"""Whose fault a failure is, by stated criteria, order by order (BX-10). Pure.

What happened to an order is told as *signals*, each a condition over its rows (their SQL: `insights.queries.faults`).
For each failure counter the criteria are asked in order; the first whose signals all hold decides. What no criterion
decides is nobody's that is known.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from metrics.catalogue import METRICS, Kind


class Party(StrEnum):
    """Who a failure is laid to."""

    SELLER = "seller"
    CARRIER = "carrier"
    BUYER = "buyer"
    PLATFORM = "platform"
    UNKNOWN = "unknown"


PARTY_WORDS: dict[Party, Any] = {
    Party.SELLER: pgettext_lazy("fault", "seller"),
    Party.CARRIER: pgettext_lazy("fault", "carrier"),
    Party.BUYER: pgettext_lazy("fault", "buyer"),
    Party.PLATFORM: pgettext_lazy("fault", "platform"),
    Party.UNKNOWN: pgettext_lazy("fault", "unknown"),
}

SIGNALS = (
    "sync_failure",  # dispatch recorded after its deadline, but the carrier's first scan lies before it (BX-13)
    "scanned_soon",  # the first scan came before the order was slow
    "dispatched_late",  # shipped after ship_by, or not at all
    "shipped",
    "scanned",  # the carrier had the parcel
    "scanned_late",  # no scan soon after dispatch (TM-03)
    "returned_or_lost",  # after pickup
    "delivered",
    "delivered_late",  # after its estimate
    "cancelled_by_seller",
    "cancelled_by_buyer",
    "cancelled_by_platform",
    "verdict_seller",
    "verdict_carrier",
    "verdict_buyer",
    "withdrawn",
    "not_received",  # a dispute says so
)
Signals = frozenset[str]


@dataclass(frozen=True, slots=True)
class Criterion:
    """``party`` has the fault where all of ``having`` hold and none of ``without``; ``text`` says so to people."""

    party: Party
    text: Any
    having: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def holds(self, signals: Signals) -> bool:
        return signals.issuperset(self.having) and signals.isdisjoint(self.without)


SYNC = Criterion(
    Party.PLATFORM, _("the carrier scanned it in time; only its number came late from the source"), ("sync_failure",)
)
SLOW_SYNC = Criterion(
    Party.PLATFORM, _("the carrier scanned it in time; only its number came late from the source"), ("scanned_soon",)
)
NOT_DISPATCHED = Criterion(Party.SELLER, _("dispatched after its deadline, or not at all"), ("dispatched_late",))
BOUNCED = Criterion(Party.CARRIER, _("returned or lost after pickup"), ("returned_or_lost",))
BUYER_CANCELLED = Criterion(Party.BUYER, _("cancelled by the buyer"), ("cancelled_by_buyer",))
PLATFORM_CANCELLED = Criterion(Party.PLATFORM, _("cancelled by the platform"), ("cancelled_by_platform",))
SELLER_CANCELLED = Criterion(Party.SELLER, _("cancelled by the seller"), ("cancelled_by_seller",))
NEVER_SCANNED = Criterion(Party.SELLER, _("never scanned by the carrier: not handed over"), ("shipped",), ("scanned",))
HANDED_OVER_LATE = Criterion(Party.SELLER, _("first scanned long after dispatch: handed over late"), ("scanned_late",))
HANDED_OVER_IN_TIME = Criterion(
    Party.CARRIER, _("handed over in time, though its number came late, then held up on the way"), ("sync_failure",)
)
ON_THE_WAY = Criterion(Party.CARRIER, _("handed over, then held up on the way"), ("scanned",))
VERDICTS = (
    Criterion(Party.SELLER, _("the dispute was judged the seller's"), ("verdict_seller",)),
    Criterion(Party.CARRIER, _("the dispute was judged the carrier's"), ("verdict_carrier",)),
    Criterion(Party.BUYER, _("the dispute was judged the buyer's"), ("verdict_buyer",)),
    Criterion(Party.BUYER, _("the buyer withdrew the dispute"), ("withdrawn",)),
)
NOT_THERE = Criterion(
    Party.CARRIER, _("not received: handed over, but not delivered"), ("not_received", "scanned"), ("delivered",)
)
NOT_SENT = Criterion(Party.SELLER, _("not received: never handed over"), ("not_received",), ("scanned", "delivered"))
LATE_BY_CARRIER = Criterion(
    Party.CARRIER, _("dispatched in time, delivered late"), ("delivered_late", "scanned"), ("dispatched_late",)
)
LATE_BY_SELLER = Criterion(Party.SELLER, _("dispatched late, delivered late"), ("delivered_late", "dispatched_late"))

OWN = (Criterion(Party.SELLER, _("the seller's own act or omission, whatever else happened")),)
DISPATCH = (SYNC, NOT_DISPATCHED)
DELIVERY = (BOUNCED, HANDED_OVER_IN_TIME, NOT_DISPATCHED, NEVER_SCANNED, ON_THE_WAY)
OUTCOME = (BUYER_CANCELLED, PLATFORM_CANCELLED, BOUNCED, NEVER_SCANNED, HANDED_OVER_LATE, ON_THE_WAY)
REVIEW = (
    LATE_BY_CARRIER,
    LATE_BY_SELLER,
    Criterion(Party.SELLER, _("a low star for an order that was not late: about the goods or the service")),
)

CRITERIA: Mapping[str, tuple[Criterion, ...]] = {
    "dispatch_late": DISPATCH,
    "r_dispatch_late": DISPATCH,
    "shipped_over_72h": (
        SLOW_SYNC,
        Criterion(Party.SELLER, _("handed over too long after payment"), ("shipped",)),
    ),
    "cancelled_by_seller": OWN,
    "delivery_late": DELIVERY,
    "r_delivery_late": DELIVERY,
    "undelivered": OUTCOME,
    "trace_incomplete": OUTCOME,
    "logistics_abnormal": (NEVER_SCANNED, HANDED_OVER_LATE, ON_THE_WAY),
    "disputes_opened_orders": (*VERDICTS, NOT_THERE, NOT_SENT),
    "disputes_seller_liable": OWN,
    "refunded_orders": (
        *VERDICTS,
        BUYER_CANCELLED,
        PLATFORM_CANCELLED,
        SELLER_CANCELLED,
        BOUNCED,
        NOT_THERE,
        Criterion(Party.SELLER, _("never shipped"), (), ("shipped",)),
    ),
    "defect_orders": (SELLER_CANCELLED, *VERDICTS, NOT_THERE, NOT_SENT, LATE_BY_CARRIER, LATE_BY_SELLER),
    "reviews_negative": REVIEW,
    "described_low": REVIEW,
    "communication_low": OWN,
    "messages_missed": OWN,
    "copyright_upheld": OWN,
    "unconfirmed": OWN,
}


@dataclass(frozen=True, slots=True)
class Settled:
    """The signals that every order failing for a reason shows, and those that none of them shows."""

    shown: Signals = frozenset()
    absent: Signals = frozenset()

    def allows(self, signals: Signals) -> bool:
        return self.absent.isdisjoint(signals)


_NEVER_SHIPPED = frozenset({"shipped", "sync_failure", "scanned_soon"})
_UNDELIVERED = frozenset({"delivered", "delivered_late"})
_SETTLED: Mapping[str, Settled] = {
    "not_shipped": Settled(frozenset({"dispatched_late"}), _NEVER_SHIPPED),
    # Those whose number alone came late have a reason of their own.
    "shipped_late": Settled(frozenset({"dispatched_late", "shipped"}), frozenset({"sync_failure"})),
    "synced_late": Settled(frozenset({"dispatched_late", "shipped", "scanned", "sync_failure"})),
    "slow": Settled(frozenset({"shipped"})),
    "not_delivered": Settled(absent=_UNDELIVERED),
    "delivered_late": Settled(_UNDELIVERED),
    "not_arrived": Settled(absent=_UNDELIVERED),
    "cancelled": Settled(
        frozenset({"cancelled_by_seller"}), frozenset({"cancelled_by_buyer", "cancelled_by_platform"})
    ),
    "dispute.not_received": Settled(frozenset({"not_received"})),
}


def settled_by(code: str) -> Settled:
    """What a reason's code alone says of the order's signals."""
    other_dispute = Settled(absent=frozenset({"not_received"})) if code.startswith("dispute.") else Settled()
    return _SETTLED.get(code, other_dispute)


def others_of(counters: Iterable[str]) -> set[Party]:
    """Who besides the seller, and a platform that synchronised late, failures of these counters can be laid to."""
    parties = {criterion.party for name in counters for criterion in CRITERIA.get(name, ())}
    return parties - {Party.SELLER, Party.PLATFORM}


@dataclass(frozen=True, slots=True)
class FaultVerdict:
    """Who has the fault and the criterion that said so; None where none did."""

    party: Party
    criterion: Criterion | None


def fault_of(counter: str, signals: Signals) -> FaultVerdict:
    """Whose fault a failure of a counter is."""
    for criterion in CRITERIA[counter]:
        if criterion.holds(signals):
            return FaultVerdict(criterion.party, criterion)
    return FaultVerdict(Party.UNKNOWN, None)


@dataclass(frozen=True, slots=True)
class Faults:
    """The failures of a window by party, and by counter and criterion."""

    total: int
    by_party: Mapping[Party, int]
    by_criterion: Mapping[tuple[str, Criterion | None], int]


def faults_of(groups: Iterable[tuple[str, Signals, int]]) -> Faults:
    """Add up groups of failures (counter, signals, number) by whose fault they are."""
    by_party: Counter[Party] = Counter()
    by_criterion: Counter[tuple[str, Criterion | None]] = Counter()
    for counter, signals, number in groups:
        verdict = fault_of(counter, signals)
        by_party[verdict.party] += number
        by_criterion[counter, verdict.criterion] += number
    return Faults(sum(by_party.values()), by_party, by_criterion)


def sync_gap(
    ship_by: datetime | None, shipped_at: datetime | None, first_scan_at: datetime | None, hours: int = 0
) -> timedelta | None:
    """How long after the carrier's first scan, which was in time, the dispatch was recorded, which was not (BX-13);
    None where the order is no sync failure. ``hours``: what protected events add to the deadline."""
    if ship_by is None or shipped_at is None or first_scan_at is None:
        return None
    deadline = ship_by + timedelta(hours=hours)
    return shipped_at - first_scan_at if first_scan_at <= deadline < shipped_at else None


def has_faults(code: str) -> bool:
    """Whether a metric's failures can be attributed to a party: those of rates and floors can."""
    return METRICS[code].kind in (Kind.RATE, Kind.FLOOR)
