"""What the factors of an early-warning score say, and what a seller can do about them (TM-06)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages import formats
from core.templatetags.ui import duration
from insights.rules.warning import Factor
from orders.models import Order
from orders.queries.names import OrderNames
from orders.rules.addresses import AddressDoubt, address_doubts

Facts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Said:
    """A factor in words, with what explains it; ``action``: what the seller can do, empty for nothing; ``at``: where
    it is done."""

    text: str
    note: str = ""
    action: str = ""
    at: str = "order"


def said_of(factor: Factor, facts: Facts, order: Order, names: OrderNames) -> Said:
    return _SAYINGS[factor](facts, order, names)


def _address(facts: Facts, order: Order, names: OrderNames) -> Said:
    doubts = address_doubts(order.ship_address, order.site)
    if not doubts:
        return Said(_("Nothing doubtful about the address"))
    words = {
        AddressDoubt.PARTS: _("street or place is missing"),
        AddressDoubt.NUMBER: _("no house number"),
        AddressDoubt.PO_BOX: _("a post office box"),
        AddressDoubt.LETTERS: _("letters were lost or transliterated"),
    }
    text = _("Doubtful address: %(doubts)s") % {"doubts": ", ".join(words[doubt] for doubt in doubts)}
    return Said(text, action=_("Ask the buyer to check it"), at="thread")


def _payment(facts: Facts, order: Order, names: OrderNames) -> Said:
    delay = facts.get("pay_delay", 0)
    text = _("Paid %(span)s after ordering") % {"span": duration(delay)} if delay else _("Paid within an hour")
    return Said(text, _rate(facts, "method", _("Orders paid this way")))


def _buyer(facts: Facts, order: Order, names: OrderNames) -> Said:
    orders = facts.get("buyer_orders", 0)
    if not orders and not facts.get("buyer_bad"):
        return Said(_("Nothing known of the buyer from the last 90 days"))
    return Said(_("The buyer's earlier orders"), _rate(facts, "buyer", _("Orders of the buyer")))


def _lane(facts: Facts, order: Order, names: OrderNames) -> Said:
    if not order.carrier:
        return Said(_("Carrier not known yet"))
    text = _("%(carrier)s to %(site)s") % {
        "carrier": names.carrier(order.carrier),
        "site": names.site(order.site) or "–",
    }
    behind = facts.get("under_way", 0) - facts.get("usual_transit", 0)
    if facts.get("under_way") and behind > 0:
        text += " · " + _("%(span)s longer than usual") % {"span": duration(behind)}
    return Said(text, _rate(facts, "lane", _("Orders by this way")))


def _silence(facts: Facts, order: Order, names: OrderNames) -> Said:
    silence, bad = facts.get("silence", 0), facts.get("trouble_scan")
    note = _("The trace reports an exception.") if bad else ""
    if not silence:
        return Said(_("The trace is not silent"), note)
    text = _("No scan for %(span)s") % {"span": duration(silence)}
    return Said(text, note, action=_("Ask the carrier where it is"))


def _unanswered(facts: Facts, order: Order, names: OrderNames) -> Said:
    wait, asked = facts.get("unanswered", 0), facts.get("asked", 0)
    note = ngettext("%(count)s message of the buyer", "%(count)s messages of the buyer", asked) % {"count": asked}
    if wait:
        text = _("The buyer has waited %(span)s for a reply") % {"span": duration(wait)}
        return Said(text, note, action=_("Reply to the buyer"), at="thread")
    return Said(_("All messages are answered"), note) if asked else Said(_("The buyer did not write"))


def _dispatch(facts: Facts, order: Order, names: OrderNames) -> Said:
    late = facts.get("dispatch_late", 0)
    if not late:
        return Said(_("Not late with dispatch"))
    if facts.get("shipped"):
        return Said(_("Dispatched %(span)s late") % {"span": duration(late)})
    return Said(_("Dispatch is %(span)s late") % {"span": duration(late)}, action=_("Ship it"), at="dispatch")


def _delivery(facts: Facts, order: Order, names: OrderNames) -> Said:
    late = facts.get("delivery_late", 0)
    if not late:
        return Said(_("Not past its estimated delivery"))
    text = _("%(span)s past its estimated delivery") % {"span": duration(late)}
    return Said(text, action="" if facts.get("delivered") else _("Tell the buyer"), at="thread")


def _refund(facts: Facts, order: Order, names: OrderNames) -> Said:
    if facts.get("refund_asked"):
        return Said(_("The buyer asked for a refund"), action=_("Answer the request"), at="refunds")
    return Said(_("No refund was asked for"))


def _store(facts: Facts, order: Order, names: OrderNames) -> Said:
    return Said(_("This store lately"), _rate(facts, "store", _("Orders of the store")))


def _listing(facts: Facts, order: Order, names: OrderNames) -> Said:
    return Said(_("This listing lately"), _rate(facts, "listing", _("Orders of the listing")))


def _order(facts: Facts, order: Order, names: OrderNames) -> Said:
    value = formats.money(order.total_amount, order.currency)
    age = duration(facts["age"]) if facts.get("age") else ""
    stage = _("delivered") if facts.get("delivered") else _("under way") if facts.get("shipped") else _("to be shipped")
    text = _("Stage and value: %(stage)s, %(value)s") % {"stage": stage, "value": value}
    return Said(text, _("%(span)s since dispatch") % {"span": age} if age and facts.get("shipped") else "")


def _rate(facts: Facts, name: str, what: str) -> str:
    """Troubles per orders of a group, as the score counts them."""
    bad, orders = facts.get(f"{name}_bad", 0), facts.get(f"{name}_orders", 0)
    return _("%(what)s in 90 days: %(orders)s, of them in trouble: %(bad)s") % {
        "what": what,
        "orders": formats.number(orders),
        "bad": formats.number(bad),
    }


_SAYINGS: Mapping[Factor, Callable[[Facts, Order, OrderNames], Said]] = {
    Factor.ADDRESS: _address,
    Factor.PAYMENT: _payment,
    Factor.BUYER_HISTORY: _buyer,
    Factor.CARRIER_LANE: _lane,
    Factor.TRACE_SILENCE: _silence,
    Factor.UNANSWERED: _unanswered,
    Factor.DISPATCH: _dispatch,
    Factor.DELIVERY: _delivery,
    Factor.REFUND: _refund,
    Factor.STORE: _store,
    Factor.LISTING: _listing,
    Factor.ORDER: _order,
}
