"""How what holds an order's funds reads, and what lifts it (TM-04)."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

HELD_WORDS: dict[str, Any] = {
    "in_dispute": _("a dispute is open"),
    "abnormal_logistics": _("the parcel is in the abnormal pool"),
    "funds_hold": _("the platform holds the funds"),
    "kyc_blocked": _("identity or payout account is missing"),
}
LIFTED_BY: dict[str, Any] = {
    "in_dispute": _("Released when the dispute is closed."),
    "abnormal_logistics": _("Released when the carrier's scans or its proof repair the trace, or the buyer confirms."),
    "funds_hold": _("Released when the penalty that suspends settlements ends."),
    "kyc_blocked": _("Released when the identity is verified and a payout account is bound."),
}


def reasons_of(held_reason: str) -> Sequence[str]:
    """The codes in a stored reason; a source's own words are one reason."""
    codes = held_reason.split()
    return codes if all(code in HELD_WORDS for code in codes) else [held_reason]


def held_words(reasons: Sequence[str]) -> str:
    """Why funds are held, in words; a source's own words stay."""
    return "; ".join(str(HELD_WORDS.get(reason, reason)) for reason in reasons)


def lifted_by(reasons: Sequence[str]) -> str:
    """What lifts the holds."""
    return " ".join(str(LIFTED_BY[reason]) for reason in reasons if reason in LIFTED_BY)
