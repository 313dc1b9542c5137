"""Words and shapes of the page of one order: holds, what is to be done, facts, parcel, funds, buyer (PG-06, TM-01)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.pages.formats import number as number_text
from core.templatetags.ui import duration, instant, money
from disputes.queries.disputed_orders import DisputesOfOrder
from orders.models import Fulfilment, Order
from orders.queries.order import Countdown, Holds, OrderFile
from orders.rules import shown_buyer

Items = list[dict[str, Any]]

HELD_WORDS = {
    "in_dispute": gettext_lazy("a dispute is open"),
    "abnormal_logistics": gettext_lazy("the parcel is in the abnormal pool"),
    "funds_hold": gettext_lazy("the platform holds the funds"),
    "kyc_blocked": gettext_lazy("identity or payout account is missing"),
}


def badges_of(order: Order, holds: Holds) -> Items:
    """The holds on an order as badges (DM-21)."""
    badges = [
        (holds.in_dispute, "red", _("in dispute")),
        (holds.abnormal is not None, "yellow", _("abnormal logistics")),
        (holds.kyc_blocked, "yellow", _("blocked: identity or payout account")),
        (bool(order.data_issues), "yellow", _("data issue")),
        (order.is_presale, "info", _("presale")),
        (order.fulfilled_by == Fulfilment.PLATFORM, "info", _("shipped by the platform")),
    ]
    return [{"level": level, "word": word} for is_held, level, word in badges if is_held]


def todo_of(
    order: Order,
    cases: DisputesOfOrder,
    holds: Holds,
    clocks: Iterable[Countdown],
    at: datetime,
    recheck: timedelta,
) -> Items:
    """What the seller has to do on the order now, clocks first."""
    parts = (_clock_todo(clocks, at), _dispute_todo(cases), _parcel_todo(order, holds, at, recheck))
    return [item for part in parts for item in part]


def _item(level: str, word: str, title: str, note: str, due: datetime | None = None) -> dict[str, Any]:
    return {"level": level, "word": word, "title": title, "note": note, "due": due}


def _clock_todo(clocks: Iterable[Countdown], at: datetime) -> Items:
    words = {
        "confirm": (_("Confirm dispatch"), _("else it is a warning; every third weighs as a late dispatch")),
        "ship": (_("Ship the order"), _("else it counts as dispatched late")),
    }
    items = []
    for clock in clocks:
        overdue = clock.due_at < at
        word = _("overdue") if overdue else _("due")
        items.append(_item("red" if overdue else "yellow", word, *words[clock.kind], clock.due_at))
    return items


def _dispute_todo(cases: DisputesOfOrder) -> Items:
    note = _("an answer within the golden hours wins most appeals later")
    return [
        _item(
            "red",
            _("due"),
            _("Answer dispute %(number)s") % {"number": dispute.dispute_no},
            note,
            cases.answers_due.get(dispute.dispute_no),
        )
        for dispute in cases.waiting
    ]


def _parcel_todo(order: Order, holds: Holds, at: datetime, recheck: timedelta) -> Items:
    if holds.abnormal is None:
        return []
    silent = at - (holds.abnormal.silent_since or order.shipped_at or holds.abnormal.entered)
    note = _("no scan for %(span)s") % {"span": duration(silent)}
    if silent > recheck:
        return [_item("red", _("check"), _("Check the parcel with the carrier"), note)]
    return [_item("yellow", _("soon"), _("No recent scans: ask the carrier"), note)]


def facts_of(file: OrderFile, sites: dict[str, str]) -> Items:
    """What the order page tells beside the timeline: amounts and where the order came from."""
    order = file.order
    usd: dict[str, Any] = {"name": _("In US dollars"), "value": money(order.total_usd)}
    if order.currency.upper() != "USD" and order.usd_rate is not None:
        rate = {"rate": number_text(order.usd_rate, 6), "currency": order.currency.upper()}
        usd["note"] = _("at %(rate)s USD per %(currency)s") % rate
    facts = [{"name": _("Total"), "value": money(order.total_amount, order.currency)}, usd]
    if order.shipping_amount is not None:
        facts.append({"name": _("Shipping part"), "value": money(order.shipping_amount, order.currency)})
    if order.insurance_premium_usd is not None:
        facts.append({"name": _("Insurance premium"), "value": money(order.insurance_premium_usd)})
    facts.append({"name": _("Site"), "value": sites.get(order.site, order.site)})
    facts.append({"name": _("Source"), "value": order.get_source_display()})
    shipper: dict[str, Any] = {"name": _("Shipped by"), "value": order.get_fulfilled_by_display()}
    if order.fulfilled_by == Fulfilment.PLATFORM:
        shipper["note"] = _("not judged on dispatch or carriage")
    facts.append(shipper)
    facts.append({"name": _("Category"), "value": _category_name(file)})
    return facts


def _category_name(file: OrderFile) -> str:
    category = file.category
    if category is None:
        return file.order.category
    chinese = (get_language() or "").startswith("zh")
    return category.name if chinese else category.name_en or category.name


def parcel_of(file: OrderFile) -> Items:
    """The shipment with the numbers it had before."""
    order, carrier = file.order, file.carrier
    unapproved = carrier is not None and not carrier.approved
    parcel: Items = [
        {
            "name": _("Carrier"),
            "value": carrier.name if carrier else order.carrier,
            "note": _("not approved") if unapproved else "",
        },
        {"name": _("Tracking number"), "value": order.tracking_no},
        {"name": _("Ship by"), "value": instant(order.ship_by)},
        {"name": _("Estimated delivery"), "value": instant(order.estimated_delivery_at)},
    ]
    for former in file.replaced:
        moment = {"moment": instant(former.replaced_at)}
        parcel.append(
            {"name": _("Former number"), "value": former.tracking_no, "note": _("%(moment)s replaced") % moment}
        )
    return parcel


def funds_of(file: OrderFile) -> Items:
    """The settlement: released, or held and why (TM-04)."""
    settlement = file.settlement
    if settlement is None:
        return []
    amount = (
        money(settlement.amount, settlement.currency or file.order.currency) if settlement.amount is not None else ""
    )
    return [
        {"name": _("Amount"), "value": amount},
        {"name": _("Released"), "value": instant(settlement.released_at)},
        *(
            [{"name": _("Held because"), "value": HELD_WORDS.get(settlement.held_reason, settlement.held_reason)}]
            if settlement.held_reason
            else []
        ),
    ]


def buyer_of(order: Order, *, with_address: bool) -> Items:
    """The buyer under a pseudonym; the address only for those who may change the order (RL-14)."""
    buyer: Items = [{"name": _("Pseudonym"), "value": shown_buyer(order.buyer_ref)}]
    if with_address and order.ship_address:
        buyer.append({"name": _("Address"), "value": order.ship_address})
    return buyer


def lines_of(file: OrderFile) -> Items:
    """The positions with the titles of their listings."""
    return [
        {"sku": line.sku, "title": file.titles.get(line.sku, ""), "quantity": line.quantity, "amount": line.amount}
        for line in file.lines
    ]
