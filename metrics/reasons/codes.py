"""The codes that the reasons of each failure counter can have (PG-04, BX-18)."""

from collections.abc import Mapping

from disputes.models import Dispute
from rulebook.policy import Policy

# The first halves stand for a family: of the kinds of dispute, or of the stars that fail.
DISPUTE, REVIEW, DESCRIBED, COMMUNICATION = "dispute", "review", "described", "communication"
_OUTCOMES = ("returned", "lost", "not_arrived", "arrived_after")
_ABNORMAL = ("no_first_scan", "silent")

CODES: Mapping[str, tuple[str, ...]] = {
    "dispatch_late": ("not_shipped", "shipped_late", "synced_late"),
    # The rating asks only about orders that were shipped and delivered.
    "r_dispatch_late": ("shipped_late", "synced_late"),
    "shipped_over_72h": ("slow",),
    "cancelled_by_seller": ("cancelled",),
    "delivery_late": ("not_delivered", "delivered_late"),
    "r_delivery_late": ("delivered_late",),
    "undelivered": _OUTCOMES,
    "trace_incomplete": (*_OUTCOMES, *_ABNORMAL),
    "logistics_abnormal": _ABNORMAL,
    "disputes_opened_orders": (DISPUTE,),
    "refunded_orders": ("refund.full", "refund.partial"),
    "defect_orders": (DISPUTE, REVIEW, "cancelled"),
    "reviews_negative": (REVIEW,),
    "unconfirmed": ("not_confirmed", "confirmed_late"),
    "described_low": (DESCRIBED,),
    "communication_low": (COMMUNICATION,),
    "messages_missed": ("not_answered", "answered_late"),
    "disputes_seller_liable": (DISPUTE,),
    "copyright_upheld": ("copyright",),
}


def codes_of(counter: str, policy: Policy) -> list[str]:
    """Every code that a reason of the counter can have; how many stars fail is policy."""
    counting = policy.counting
    members = {
        DISPUTE: Dispute.Kind.values,
        REVIEW: range(1, counting.negative_to_stars + 1),
        DESCRIBED: range(1, counting.positive_from_stars),
        COMMUNICATION: range(1, counting.positive_from_stars),
    }
    families = ([f"{name}.{one}" for one in members[name]] if name in members else [name] for name in CODES[counter])
    return [code for family in families for code in family]
