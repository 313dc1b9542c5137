"""The instants that stand beside a reason: those of dispatch for a late dispatch, of the review for a bad review."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from metrics.reasons.lookup import Reason

EVENT = ("", _("Event"))
DUE = (_("Due"), _("Done"))
_DISPATCH = (_("Ship by"), _("Shipped"))
_DELIVERY = (_("Estimated delivery"), _("Arrived"))
_REVIEW = (_("Reviewed"), _("Counts from"))
# What the two instants of each counter's reasons are called; where the first has no name, it has no column.
HEADINGS: dict[str, tuple[Any, Any]] = {
    "dispatch_late": _DISPATCH,
    "r_dispatch_late": _DISPATCH,
    "shipped_over_72h": ("", _("Shipped")),
    "cancelled_by_seller": ("", _("Cancelled")),
    "delivery_late": _DELIVERY,
    "r_delivery_late": _DELIVERY,
    "undelivered": (_("Shipped"), _("Outcome")),
    "trace_incomplete": (_("Silent from"), _("Until")),
    "logistics_abnormal": (_("Silent from"), _("Until")),
    "disputes_opened_orders": ("", _("Dispute opened")),
    "refunded_orders": ("", _("Refunded")),
    "defect_orders": EVENT,
    "reviews_negative": _REVIEW,
    "unconfirmed": ("", _("Confirmed")),
    "described_low": _REVIEW,
    "communication_low": _REVIEW,
    "messages_missed": (_("Message"), _("Answered")),
    "disputes_seller_liable": (_("Dispute opened"), _("Dispute closed")),
    "copyright_upheld": EVENT,
}
# The order's own columns that the two instants are.
OF_ORDER: dict[str, frozenset[str]] = {
    "dispatch_late": frozenset({"ship_by", "shipped_at"}),
    "r_dispatch_late": frozenset({"ship_by", "shipped_at"}),
    "shipped_over_72h": frozenset({"shipped_at"}),
    "cancelled_by_seller": frozenset({"cancelled_at"}),
    "delivery_late": frozenset({"estimated_delivery_at", "delivered_at"}),
    "r_delivery_late": frozenset({"estimated_delivery_at", "delivered_at"}),
}
# What has not been done was ended by something else, which is not what the heading speaks of.
NOT_DONE = frozenset({"not_shipped", "not_delivered", "not_confirmed", "not_answered"})


def headings_of(counters: Sequence[str]) -> tuple[Any, Any]:
    """The headings for problems of these counters together."""
    found = list(dict.fromkeys(HEADINGS[counter] for counter in counters))
    if len(found) == 1:
        return found[0]
    return DUE if all(pair in (_DISPATCH, _DELIVERY) for pair in found) else EVENT


def instants_of(reason: Reason, headings: tuple[Any, Any]) -> tuple[datetime | None, datetime | None]:
    """The two instants under these headings; under an event's alone the one that counted."""
    if headings == EVENT:
        return None, reason.at
    return reason.since, None if reason.code in NOT_DONE else reason.until


def instants_of_order(counters: Sequence[str]) -> frozenset[str]:
    """The columns of the order that stand beside the reasons of all the counters already."""
    return frozenset.intersection(*(OF_ORDER.get(counter, frozenset()) for counter in counters))
