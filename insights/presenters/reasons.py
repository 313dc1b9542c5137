"""Reasons in the reader's words: "dispute – not as described", "2★ review", "shipped 18 h late" (PG-04)."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from core.pages import formats
from core.templatetags.ui import duration
from disputes.models import Dispute
from metrics.reasons.lookup import Reason
from metrics.words import COUNTER_WORDS

# Each code in words, alone and with what is measured.
PLAIN: dict[str, Any] = {
    "not_shipped": gettext_lazy("not shipped"),
    "shipped_late": gettext_lazy("shipped late"),
    "synced_late": gettext_lazy("the tracking number came late"),
    "slow": gettext_lazy("shipped slowly"),
    "cancelled": gettext_lazy("cancelled by seller"),
    "not_delivered": gettext_lazy("not delivered by the estimate"),
    "delivered_late": gettext_lazy("delivered late"),
    "returned": gettext_lazy("parcel returned"),
    "lost": gettext_lazy("parcel lost"),
    "not_arrived": gettext_lazy("never arrived"),
    "arrived_after": gettext_lazy("arrived too late"),
    "no_first_scan": gettext_lazy("no first scan"),
    "silent": gettext_lazy("trace fell silent"),
    "not_confirmed": gettext_lazy("dispatch not confirmed"),
    "confirmed_late": gettext_lazy("dispatch confirmed late"),
    "not_answered": gettext_lazy("message not answered"),
    "answered_late": gettext_lazy("message answered late"),
    "refund.full": gettext_lazy("refunded in full"),
    "refund.partial": gettext_lazy("refunded in part"),
    "copyright": gettext_lazy("copyright complaint upheld"),
}
MEASURED: dict[str, Any] = {
    "not_shipped": gettext_lazy("not shipped, %(span)s overdue"),
    "shipped_late": gettext_lazy("shipped %(span)s late"),
    "slow": gettext_lazy("shipped %(span)s after payment"),
    "not_delivered": gettext_lazy("not delivered, %(span)s overdue"),
    "delivered_late": gettext_lazy("delivered %(span)s late"),
    "not_arrived": gettext_lazy("not arrived %(span)s after dispatch"),
    "arrived_after": gettext_lazy("arrived only %(span)s after dispatch"),
    "no_first_scan": gettext_lazy("no first scan for %(span)s"),
    "silent": gettext_lazy("trace silent for %(span)s"),
    "confirmed_late": gettext_lazy("dispatch confirmed %(span)s after payment"),
    "not_answered": gettext_lazy("message not answered for %(span)s"),
    "answered_late": gettext_lazy("message answered after %(span)s"),
}
# Codes whose second half says more: stars, or the kind of dispute.
STARS: dict[str, Any] = {
    "review": gettext_lazy("%(stars)s★ review"),
    "described": gettext_lazy("as described: %(stars)s★"),
    "communication": gettext_lazy("communication: %(stars)s★"),
}
KINDS = dict(Dispute.Kind.choices)


def code_text(code: str, counter: str = "") -> str:
    """A reason without its measure; where it is not known, what the counter counts."""
    name, _dot, detail = code.partition(".")
    if name == "dispute":
        return gettext("dispute – %(kind)s") % {"kind": KINDS.get(detail, detail)}
    if name in STARS:
        return str(STARS[name] % {"stars": detail})
    return str(PLAIN.get(code) or COUNTER_WORDS.get(counter, counter))


def measured_text(code: str, lasted: timedelta | None, counter: str = "") -> str:
    """A reason with its measure, where it has one."""
    if lasted is None or code not in MEASURED:
        return code_text(code, counter)
    return str(MEASURED[code] % {"span": duration(lasted)}).replace(formats.NBSP, " ")


def also_text(codes: tuple[str, ...]) -> str:
    """What else would have made the order fail; empty where nothing."""
    named = gettext(", ").join(code_text(code) for code in codes)
    return gettext("also: %(reasons)s") % {"reasons": named} if named else ""


def reason_text(reason: Reason, counter: str, now: datetime) -> str:
    """A reason in full, on one line."""
    parts = (measured_text(reason.code, reason.lasted(now), counter), also_text(reason.also))
    return gettext("; ").join(part for part in parts if part)
