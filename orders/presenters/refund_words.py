"""How refunds and returns read: their states, results and amounts (TM-12, TM-13)."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.pages.formats import money
from orders.models import Refund, ReturnParcel
from orders.models.money import REFUND_STATES
from orders.rules.refunds import UNANSWERED, InspectionResult, RefundState
from rulebook.reading import word

RESULTS: dict[str, Any] = {
    InspectionResult.ACCEPTED: _("as described, refund confirmed"),
    InspectionResult.DISPUTED: _("content disputed"),
    InspectionResult.AS_DESCRIBED: _("not inspected in time: taken as the buyer described it"),
    "damaged": _("damaged"),
    "wrong_item": _("wrong item"),
}
LEVELS: dict[str, str] = {
    RefundState.COMPLETED: "ok",
    RefundState.AGREED: "info",
    RefundState.PARTIAL: "info",
    RefundState.REFUSED: "yellow",
}
OVER = pgettext_lazy("state of a refund", "not answered in time")
STATES: dict[str, Any] = dict(REFUND_STATES)


def state_of(refund: Refund, *, in_time: bool) -> tuple[str, str]:
    """The level and the words of a refund's state; a source's own words stay."""
    if refund.completed_at is not None:
        return "ok", str(STATES[RefundState.COMPLETED])
    if refund.state in UNANSWERED:
        return ("red", str(STATES[RefundState.REQUESTED])) if in_time else ("yellow", str(OVER))
    return LEVELS.get(refund.state, "info"), str(STATES.get(refund.state, refund.state))


def result_of(parcel: ReturnParcel) -> str:
    """The result of the inspection in words."""
    return str(RESULTS.get(parcel.result, parcel.result))


def refusal_of(refund: Refund) -> str:
    """The preset reason of a refusal in words."""
    return word(refund.refusal) if refund.refusal else ""


def asked_words(refund: Refund) -> str:
    """What the buyer asks for: an amount, or everything."""
    amount = refund.amount_usd if refund.asked_usd is None else refund.asked_usd
    return str(_("everything")) if amount is None else money(amount)
