"""The events of commands given to orders (DM-22)."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.events import (
    Detail,
    EventKind,
    Visibility,
    choice_words,
    column_words,
    declare_events,
    details,
    instant_words,
)
from orders.cases import case_kind
from orders.models import Order, OrderHold, Refund, ReturnParcel, RiskCase, Settlement
from orders.models.logistics import CLAIM_KINDS

COLUMNS = column_words(Order)
DESCRIBE = details(**COLUMNS)
SHIPPED = details(**COLUMNS, parcels=Detail(_("parcels")))


def _kind_of_case(name: str) -> object:
    return case_kind(name).label


OF_CASE = details(
    code=Detail(_("reason from the list"), choice_words(RiskCase.Reason.choices)),
    case=Detail(_("kind"), _kind_of_case),
    subject_kind=Detail(_("about")),
    subject=Detail(_("number")),
    reason=Detail(_("reason")),
)


def _yes_or_no(value: bool) -> object:
    return _("yes") if value else _("no")


MESSAGE = details(
    language=Detail(_("language")), template=Detail(_("template")), automatic=Detail(_("automatic"), _yes_or_no)
)
OF_HOLD = details(
    reason=Detail(_("reason"), choice_words(OrderHold.Reason.choices)),
    since=Detail(_("since"), instant_words),
    until=Detail(_("until"), instant_words),
    disproved=Detail(_("scans that became known later show that it was never in"), _yes_or_no),
)
REPLACED = details(
    described=Detail(_("item as described")), negative=Detail(pgettext_lazy("review", "negative"), _yes_or_no)
)
REVOKED = details(proven_by=Detail(_("proven by")))

declare_events(
    EventKind("order.paid", _("Payment recorded"), "order", describe=DESCRIBE),
    EventKind("order.dispatch_confirmed", _("Dispatch confirmed"), "order", describe=DESCRIBE),
    EventKind("order.shipped", _("Shipment recorded"), "order", describe=SHIPPED),
    EventKind("order.parcel_added", _("Parcel added"), "order", describe=SHIPPED),
    EventKind("order.number_replaced", _("Tracking number replaced"), "order", describe=SHIPPED),
    EventKind("order.delivered", _("Delivery recorded"), "order", describe=DESCRIBE),
    EventKind("order.receipt_confirmed", _("Receipt recorded"), "order", describe=DESCRIBE),
    EventKind("order.cancelled", _("Cancellation recorded"), "order", describe=DESCRIBE),
    EventKind("order.refunded", _("Full refund recorded"), "order", describe=DESCRIBE),
    EventKind("order.closed", _("Order closed"), "order", describe=DESCRIBE),
    EventKind("risk_case.opened", _("Risk case opened"), "risk_case", Visibility.STAFF, OF_CASE),
    EventKind("risk_case.claimed", _("Risk case claimed"), "risk_case", Visibility.STAFF, OF_CASE),
    EventKind("risk_case.released", _("Claim of a risk case released"), "risk_case", Visibility.STAFF, OF_CASE),
    EventKind("risk_case.handed_over", _("Risk case handed over"), "risk_case", Visibility.STAFF, OF_CASE),
    EventKind("risk_case.confirmed", _("Risk case confirmed"), "risk_case", describe=OF_CASE),
    EventKind("risk_case.dismissed", _("Risk case dismissed"), "risk_case", describe=OF_CASE),
    EventKind("message.sent", _("Message sent to the buyer"), "order", describe=MESSAGE),
    EventKind("message.prepared", _("Message to the buyer prepared"), "order", describe=MESSAGE),
    EventKind("order.dispatch_unconfirmed", _("Dispatch not confirmed in time"), "order", describe=DESCRIBE),
    EventKind("order.pool_entered", _("Entered the abnormal pool"), "order", describe=OF_HOLD),
    EventKind("order.pool_left", _("Left the abnormal pool"), "order", describe=OF_HOLD),
    EventKind("order.recheck_due", _("Manual re-check of the parcel needed"), "order", describe=DESCRIBE),
    EventKind("order.auto_reviewed", _("Reviewed by the system"), "order", describe=DESCRIBE),
    EventKind("order.auto_review_replaced", _("The buyer's review took its place"), "order", describe=REPLACED),
    EventKind("order.auto_review_revoked", _("Automatic review revoked"), "order", describe=REVOKED),
    EventKind("order.kyc_blocked", _("Held: identity or payout account missing"), "order", describe=DESCRIBE),
)

# Refunds, returns and funds (TM-04, TM-12, TM-13). Those about funds name the order.
_REFUND, _RETURN, _FUNDS = (details(**column_words(model)) for model in (Refund, ReturnParcel, Settlement))

declare_events(
    EventKind("refund.asked", _("Refund asked for"), "refund", describe=_REFUND),
    EventKind("refund.agreed", _("Refund agreed"), "refund", describe=_REFUND),
    EventKind("refund.part_offered", _("Part of a refund offered"), "refund", describe=_REFUND),
    EventKind("refund.refused", _("Refund refused"), "refund", describe=_REFUND),
    EventKind("refund.completed", _("Refund paid"), "refund", describe=_REFUND),
    EventKind("refund.defaulted", _("Refunded in full by default"), "refund", describe=_REFUND),
    EventKind("refund.withdrawn", _("Refund request withdrawn"), "refund", describe=_REFUND),
    EventKind("return.received", _("Returned parcel received"), "return", describe=_RETURN),
    EventKind("return.inspected", _("Returned parcel inspected"), "return", describe=_RETURN),
    EventKind("return.defaulted", _("Return taken as the buyer described it"), "return", describe=_RETURN),
    EventKind("funds.held", _("Funds held"), "order", describe=_FUNDS),
    EventKind("funds.released", _("Funds released"), "order", describe=_FUNDS),
    EventKind("risk.flagged", _("Orders at risk"), "store"),
)


def _numbers(values: list[str]) -> object:
    return ", ".join(values)


# Texts of companies and stores for buyers, and news about them (PN-15, AF-07, AF-09, PN-23).
_NEWS = details(
    count=Detail(_("count")),
    orders=Detail(_("orders"), _numbers),
    replaced=Detail(_("in place of reviews by the system")),
    due_at=Detail(_("due"), instant_words),
)
_TEMPLATE = details(name=Detail(_("name")), language=Detail(_("language")))
_GUIDE = details(
    sku=Detail(_("SKU")), language=Detail(_("language")), stage=Detail(_("contact")), version=Detail(_("version"))
)

declare_events(
    EventKind("reply_template.added", _("Reply template added"), "company", describe=_TEMPLATE),
    EventKind("reply_template.changed", _("Reply template changed"), "company", describe=_TEMPLATE),
    EventKind("reply_template.removed", _("Reply template removed"), "company", describe=_TEMPLATE),
    EventKind("guide.changed", _("After-sales guide changed"), "store", describe=_GUIDE),
    EventKind("review.negative", _("Negative reviews came in"), "store", describe=_NEWS),
    EventKind("message.unanswered", _("Messages to answer soon"), "store", describe=_NEWS),
)

OF_CLAIM = details(
    claim=Detail(_("kind"), choice_words(CLAIM_KINDS)),
    order=Detail(_("order")),
    tracking_no=Detail(_("tracking number")),
    due_at=Detail(_("due"), instant_words),
    reason=Detail(_("reason")),
    compensation=Detail(_("compensation")),
    currency=Detail(_("currency")),
)
PROVEN = details(**COLUMNS, scanned_at=Detail(_("scan"), instant_words))

declare_events(
    EventKind("order.pickup_proven", _("Pickup proven by the carrier"), "order", describe=PROVEN),
    EventKind("order.loss_proven", _("Loss of the parcel proven"), "order", describe=PROVEN),
    EventKind("logistics_claim.submitted", _("Logistics claim handed in"), "logistics_claim", describe=OF_CLAIM),
    EventKind("logistics_claim.withdrawn", _("Logistics claim withdrawn"), "logistics_claim", describe=OF_CLAIM),
    EventKind("logistics_claim.accepted", _("Logistics claim accepted"), "logistics_claim", describe=OF_CLAIM),
    EventKind("logistics_claim.refused", _("Logistics claim refused"), "logistics_claim", describe=OF_CLAIM),
    *(
        EventKind(f"logistics_claim.{verb}", label, "logistics_claim", Visibility.STAFF, OF_CLAIM)
        for verb, label in (
            ("claimed", _("Logistics claim claimed for review")),
            ("released", _("Review of a logistics claim released")),
            ("handed_over", _("Logistics claim handed over to another reviewer")),
            ("overdue", _("Review of a logistics claim overdue")),
        )
    ),
)

_SELDOM = details(
    carrier=Detail(_("carrier")),
    hours=Detail(_("interval of scans, hours")),
    target=Detail(_("target, hours")),
    orders=Detail(_("orders under way")),
)
declare_events(
    EventKind("carrier.scans_seldom", _("Carrier scans too seldom"), "carrier", describe=_SELDOM),
    EventKind("carrier.scans_often", _("Carrier scans often enough again"), "carrier", describe=_SELDOM),
)
