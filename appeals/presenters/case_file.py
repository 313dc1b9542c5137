"""A case file as the plain data that its template typesets, in the language that is active (BX-09)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from appeals.queries.case_file import Case, CaseOrder
from core.pages import formats
from core.templatetags.ui import instant
from insights.presenters.reasons import also_text, measured_text
from notifications.models import Notice
from notifications.presenters.judgement import facts_of, terms_of
from notifications.presenters.wording import what_happened
from notifications.titles import title_of
from orders.models import Refund, Review
from orders.rules.buyers import shown_buyer
from orders.rules.parcels import Parcel
from stores.rules import ListingAsOf

# What one order shows at most, the newest last; longer texts are cut.
MOST_SCANS = 60
MOST_MESSAGES = 40
MOST_LETTERS = 600
INSTANTS: Mapping[str, Any] = {
    "created_at": gettext_lazy("Created"),
    "paid_at": gettext_lazy("Paid"),
    "dispatch_confirmed_at": gettext_lazy("Dispatch confirmed"),
    "ship_by": gettext_lazy("Ship by"),
    "shipped_at": gettext_lazy("Shipped"),
    "first_scan_at": gettext_lazy("First scan by the carrier"),
    "estimated_delivery_at": gettext_lazy("Estimated delivery"),
    "delivered_at": pgettext_lazy("instant", "Delivered"),
    "cancelled_at": gettext_lazy("Cancelled"),
    "refunded_at": gettext_lazy("Refunded"),
}


def case_file_data(case: Case, *, language: str, total: int, has_chinese: bool, at: datetime) -> dict[str, Any]:
    """What appeals/typesetting/case_file.typ reads; ``total``: how many orders the case has in all."""
    notice, number = case.notice, _number(case)
    made = _("made %(at)s") % {"at": instant(at)}
    return {
        "title": _("Case file %(number)s") % {"number": number},
        "author": case.store.company.name,
        "subtitle": f"{case.store.name} · {case.store.store_no} · {made}",
        "lang": language.partition("-")[0],
        "warning": "" if has_chinese else _("Chinese characters are missing: this machine has no font that has them."),
        "footer": f"{number} · {case.store.store_no} · {made}",
        "facts": _facts(case),
        "lead": what_happened(notice) if notice is not None else "",
        "sum": _sum(notice) if notice is not None else "",
        "arithmetic": [[fact.name, _joined(fact.value, fact.note)] for fact in facts_of(notice)] if notice else [],
        "left_out": _left_out(len(case.orders), total),
        "overview": [
            [one.order.order_no, formats.day(one.row.day) if one.row else "", _reason(case, one), _claim(one)]
            for one in case.orders
        ],
        "orders": [_order(case, one) for one in case.orders],
        "words": _words(),
    }


def _number(case: Case) -> str:
    if case.dispute is not None:
        return case.dispute.dispute_no
    subject = case.appeal or case.notice
    return subject.number if subject is not None else ""


def _words() -> dict[str, str]:
    return {
        "arithmetic": _("How it was judged"),
        "orders": pgettext("case file", "Orders"),
        "order": _("Order"),
        "day": _("Day"),
        "reason": _("Reason"),
        "claim": _("What happened"),
        "listing": _("Listing as sold"),
        "sku": _("SKU"),
        "item": _("Item"),
        "quantity": _("Quantity"),
        "trace": _("Carrier trace"),
        "no_trace": _("No scan of a carrier is known."),
        "at": _("At"),
        "scan": _("Scan"),
        "place": _("Place"),
        "text": _("Text"),
        "messages": _("Messages with the buyer"),
        "sender": pgettext("message", "From"),
        "disputes": _("Disputes"),
        "dispute": _("Dispute"),
    }


def _facts(case: Case) -> list[list[str]]:
    rows = [[_("Company"), case.store.company.name], [_("Store"), f"{case.store.name} ({case.store.store_no})"]]
    if (notice := case.notice) is not None:
        level = notice.get_level_display()
        rows.append([_("Notice"), f"{notice.number} · {title_of(notice.metric)} · {level}"])
        rows.append([_("Trigger"), instant(notice.triggered_at)])
    if (appeal := case.appeal) is not None:
        rows.append([_("Appeal"), f"{appeal.number} · {appeal.get_kind_display()} · {appeal.subject_key}"])
        rows.append([_("Statement"), _cut(appeal.statement)])
    if (dispute := case.dispute) is not None:
        rows.append([_("Dispute"), f"{dispute.dispute_no} · {dispute.get_kind_display()}"])
        rows.append([_("Opened"), instant(dispute.opened_at)])
        if case.whole:
            rows.append([_("Record"), _("whole: the dispute was raised after the system's review")])
    return [row for row in rows if row[1]]


def _sum(notice: Notice) -> str:
    terms = terms_of(notice)
    return " ".join(filter(None, (part for term in terms for part in (term.op, _joined(term.value, term.note)))))


def _joined(value: str, note: str) -> str:
    return f"{value} ({note})" if note else value


def _left_out(shown: int, total: int) -> str:
    if shown >= total:
        return ""
    return _("Shown are the first %(shown)s of %(total)s orders.") % {
        "shown": formats.number(shown),
        "total": formats.number(total),
    }


def _reason(case: Case, one: CaseOrder) -> str:
    if one.row is None or one.reason is None or case.notice is None:
        return ""
    text = measured_text(one.reason.code, one.reason.lasted(case.notice.triggered_at), one.row.counter)
    return _("; ").join(filter(None, (text, also_text(one.reason.also))))


def _claim(one: CaseOrder) -> str:
    if one.named is None:
        return ""
    named = one.named.get_exception_display() if one.named.exception else ""
    return _("; ").join(filter(None, (named, _cut(one.named.claim))))


def _order(case: Case, one: CaseOrder) -> dict[str, Any]:
    return {
        "number": one.order.order_no,
        "reason": _reason(case, one),
        "claim": _claim(one),
        "facts": list(_order_facts(one)),
        "listing": list(_listing(one)),
        "scans": [
            [instant(scan.at), str(scan.get_kind_display()), scan.place, _cut(scan.text)]
            for scan in (one.scans if case.whole else one.scans[-MOST_SCANS:])
        ],
        "messages": [
            [instant(message.sent_at), str(message.get_sender_display()), _cut(message.text)]
            for message in (one.messages if case.whole else one.messages[-MOST_MESSAGES:])
        ],
        "disputes": [
            [
                instant(dispute.opened_at),
                dispute.dispute_no,
                f"{dispute.get_kind_display()} · {dispute.get_state_display()}",
            ]
            for dispute in one.disputes
        ],
    }


def _order_facts(one: CaseOrder) -> Iterator[list[str]]:
    order = one.order
    for name, label in INSTANTS.items():
        if (value := getattr(order, name)) is not None:
            yield [str(label), instant(value)]
    for label, text in (
        (_("Carrier and number"), f"{one.carrier} {order.tracking_no}".strip()),
        *((_("Further parcel"), _parcel(parcel)) for parcel in one.parcels[1:]),
        *((_("Former number"), number) for parcel in one.parcels for number in parcel.former),
        *((pgettext("of an order", "Review"), _review(review)) for review in one.reviews),
        *((_("Refund"), _refund(refund)) for refund in one.refunds),
        (_("Site"), one.site),
        (_("Buyer"), shown_buyer(order.buyer_ref)),
        (_("Amount"), formats.money(order.total_amount, order.currency)),
    ):
        if text:
            yield [label, text]


def _parcel(parcel: Parcel) -> str:
    shipped = instant(parcel.shipped_at) if parcel.shipped_at else ""
    return " · ".join(filter(None, (f"{parcel.carrier} {parcel.tracking_no}".strip(), shipped)))


def _review(review: Review) -> str:
    stars = "" if review.described is None else f"{review.described} / 5"
    return " · ".join(filter(None, (instant(review.created_at), str(review.get_kind_display()), stars)))


def _refund(refund: Refund) -> str:
    amount = "" if refund.amount_usd is None else formats.money(refund.amount_usd, "USD")
    done = instant(refund.completed_at) if refund.completed_at else ""
    return " · ".join(filter(None, (refund.refund_no, amount, done)))


def _listing(one: CaseOrder) -> Iterator[list[str]]:
    """Each item with its listing as it read when the order was created."""
    lines: Sequence[tuple[str, int | None]] = [(line.sku, line.quantity) for line in one.lines]
    for sku, quantity in lines or [(one.order.sku, None)]:
        listing = one.listings.get(sku)
        text = "" if listing is None else _as_sold(listing, one.order.created_at)
        if sku or text:
            yield [sku, text, "" if quantity is None else formats.number(quantity)]


def _as_sold(listing: ListingAsOf, sold_at: datetime) -> str:
    """Title, the beginning of the description, price, category, image, and since when it read so."""
    text = _(". ").join(filter(None, (listing.title, _cut(listing.description))))
    price = "" if listing.price_usd is None else formats.money(listing.price_usd, "USD")
    is_later = listing.since > sold_at
    since = _("earliest known version, of %(at)s") if is_later else _("version of %(at)s")
    known = since % {"at": instant(listing.since)}
    return _("; ").join(filter(None, (text, price, listing.category, listing.image_file, known)))


def _cut(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"
