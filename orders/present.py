"""Words and shapes that the pages of orders show: tabs, rows, banners, facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from orders.doubts import doubt_texts
from orders.models import Order, OrderState, Source
from orders.queries import TABS, Page, Question, Row, Tab, shown_count
from orders.queries.listing import MOST_FOUND
from orders.queries.order import Countdown, Holds, OrderFile, countdowns_of
from orders.rules import PoolLimits, shown_buyer
from rulebook.queries import PolicyPeriod, policies
from stores.formats import number as number_text
from stores.models import Store
from stores.tables import Column
from stores.templatetags.ui import duration, instant, instant_short, money, zone_name

Items = list[dict[str, Any]]

CLOCK_WORDS = {"confirm": gettext_lazy("confirm"), "ship": gettext_lazy("ship"), "answer": gettext_lazy("answer")}
DISPUTE_WORDS = {
    "open": gettext_lazy("dispute waits for your answer"),
    "responded": gettext_lazy("dispute answered"),
    "arbitration": gettext_lazy("dispute in arbitration"),
}
HELD_WORDS = {
    "in_dispute": gettext_lazy("a dispute is open"),
    "abnormal_logistics": gettext_lazy("the parcel is in the abnormal pool"),
    "funds_hold": gettext_lazy("the platform holds the funds"),
    "kyc_blocked": gettext_lazy("identity or payout account is missing"),
}


@dataclass(frozen=True)
class ShownRow:
    """A row of the list as templates/orders/row.html takes it."""

    order: Order
    url: str
    key: datetime
    site: str
    marks: Items
    source_note: str = ""
    tone: str = ""
    due: datetime | None = None
    due_word: str = ""
    silence: str = ""
    silence_level: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Silences:
    """From which silence on a parcel is abnormal, and from which a person re-checks it (TM-03)."""

    limits: PoolLimits
    recheck: timedelta


@dataclass(frozen=True)
class Setting:
    """What every row of a page is shown by: the question, the sites' names, the policy."""

    question: Question
    sites: dict[str, str]
    silences: Silences
    periods: Sequence[PolicyPeriod]


# ── The list ───────────────────────────────────────────────────────────────────────────────────────────────────────


def tab_links(store: Store, current: Tab, counts: dict[str, int]) -> Items:
    """The tabs as templates/components/tabs.html takes them."""
    address = reverse("orders:list", args=[store.store_no])
    return [
        {
            "label": tab.label,
            "url": f"{address}?tab={tab.code}",
            "current": tab.code == current.code or (tab.code == "ship" and current.code == "undated"),
            "count": shown_count(counts[tab.code]) if tab.code in counts else None,
        }
        for tab in TABS
    ]


def columns_of(tab: Tab) -> list[Column]:
    """The columns of a tab; the one that an index serves sorts."""
    return [
        Column("order", _("Order number")),
        Column("state", _("State")),
        Column(tab.code, f"{tab.heading} ({zone_name()})", sortable=True, descending=not tab.descending),
        Column("now", _("Now")),
        Column("site", _("Site")),
        Column("parcel", _("Carrier and number")),
        Column("amount", _("Amount"), figure=True),
    ]


def rows_of(page: Page, setting: Setting) -> list[ShownRow]:
    """The rows of a page with their addresses, marks and clocks."""
    return [_row(row, setting) for row in page.rows]


def _row(row: Row, setting: Setting) -> ShownRow:
    order, question, at = row.order, setting.question, setting.question.at
    clock = _clock(row, setting)
    silent = _silent(row, at)
    level = _silence_level(row, silent, setting.silences)
    return ShownRow(
        order=order,
        url=reverse("orders:order", args=[question.store.store_no, order.order_no]),
        key=row.key,
        site=setting.sites.get(order.site, order.site),
        marks=_row_marks(row),
        source_note=source_note(order),
        tone="red" if clock and clock.due_at < at else "",
        due=clock.due_at if clock else None,
        due_word=str(CLOCK_WORDS[clock.kind]) if clock else "",
        silence=_silence_words(row, silent, abnormal=bool(level)),
        silence_level=level,
        remark=" · ".join(doubt_texts(order.doubts)) if question.tab.code == "doubts" else "",
    )


def _clock(row: Row, setting: Setting) -> Countdown | None:
    if row.answer_due is not None:
        return Countdown("answer", row.answer_due)
    running = countdowns_of(row.order, setting.question.at, setting.periods)
    wanted = "confirm" if setting.question.tab.code == "confirm" else "ship"
    return next((clock for clock in running if clock.kind == wanted), None)


def _silent(row: Row, at: datetime) -> timedelta | None:
    if row.order.state != OrderState.SHIPPED or row.bad_end or row.silent_since is None or row.silent_since > at:
        return None
    return at - row.silent_since


def _silence_words(row: Row, silent: timedelta | None, *, abnormal: bool) -> str:
    if silent is None:
        return ""
    span = {"span": duration(silent)}
    if row.last_scan_at is None:
        return _("no scan yet, %(span)s after dispatch") % span
    return (_("no scan for %(span)s") if abnormal else _("scanned %(span)s ago")) % span


def _silence_level(row: Row, silent: timedelta | None, silences: Silences) -> str:
    if silent is None:
        return ""
    allowed = silences.limits.silence if row.last_scan_at else silences.limits.first_scan
    return "red" if silent > silences.recheck else "yellow" if silent >= allowed else ""


def _row_marks(row: Row) -> Items:
    waits = row.dispute_state == "open"
    in_dispute = DISPUTE_WORDS.get(row.dispute_state, _("in dispute"))
    marks = [
        (row.in_dispute, "red" if waits or not row.dispute_state else "yellow", in_dispute),
        (bool(row.bad_end), "red", row.bad_end),
        (bool(row.order.doubts), "yellow", _("data doubt")),
        (row.auto_reviewed, "few", _("reviewed by the system")),
        (row.order.is_presale and row.order.state == OrderState.PAID, "info", _("presale")),
    ]
    return [{"level": level, "word": word} for holds, level, word in marks if holds]


def source_note(order: Order) -> str:
    """Where an order counts that does not count everywhere (MX-04, TM-16); empty for the platform's own."""
    if order.source == Source.EXTERNAL:
        return _("other channel: counts nowhere")
    if order.source == Source.CERTIFIED:
        return _("certified channel: counts in the rating only")
    return ""


def page_note(page: Page, searched: str) -> str:
    """What the pager says beside its buttons."""
    parts = []
    if page.rows:
        count = len(page.rows)
        parts.append(
            ngettext("%(count)s order on this page", "%(count)s orders on this page", count) % {"count": count}
        )
    if page.sifted_to is not None:
        moment = {"moment": instant_short(page.sifted_to)}
        parts.append(_("looked through as far as %(moment)s; go on to look further") % moment)
    if searched and not page.all_found:
        parts.append(_("only the first %(count)s are shown: give more of the number") % {"count": MOST_FOUND})
    return " · ".join(parts)


def list_banners(question: Question, *, undated: int, has_confirmations: bool) -> Items:
    """What has to be known to read a tab."""
    address = reverse("orders:list", args=[question.store.store_no])
    banners: Items = []
    if question.tab.code == "confirm" and not has_confirmations:
        text = _("No source tells of dispatch confirmations, so orders confirmed elsewhere stand here too.")
        banners.append({"level": "stale", "text": text})
    if question.tab.code == "ship" and undated:
        text = ngettext(
            "%(count)s presale order has no dispatch deadline and is not in this list.",
            "%(count)s presale orders have no dispatch deadline and are not in this list.",
            undated,
        ) % {"count": shown_count(undated)}
        banners.append({"level": "info", "text": text, "url": f"{address}?tab=undated", "action": _("Show them")})
    return banners


def empty_words(question: Question) -> dict[str, str]:
    """What an empty list says, and the way out of it (PG-22)."""
    address = reverse("orders:list", args=[question.store.store_no])
    if question.filters.sifts or question.filters.number:
        return {
            "title": _("No order passes these filters"),
            "text": _("Look with fewer filters, or with the beginning of the number only."),
            "url": f"{address}?tab={question.tab.code}",
            "action": _("Clear the filters"),
        }
    if question.tab.code == "all":
        return {
            "title": _("No orders yet"),
            "text": _("Orders come here from an import, the ERP's API or the platform's connection."),
            "url": _import_address(),
            "action": _("Import orders"),
        }
    return {"title": _("No order here now"), "text": _empty_texts()[question.tab.code], "url": "", "action": ""}


def _empty_texts() -> dict[str, str]:
    return {
        "confirm": _("Paid orders stand here until their dispatch is confirmed, at most for the time to confirm."),
        "ship": _("Paid orders that wait for dispatch stand here, the first deadline first."),
        "undated": _("Paid presale orders whose source gave no dispatch deadline stand here."),
        "transit": _("Shipped orders stand here until they are delivered, the longest under way first."),
        "abnormal": _("Parcels without a first scan, or whose trace fell silent, stand here until the next scan."),
        "dispute": _("Orders stand here while the buyer's dispute is open."),
        "inspect": _("Returned parcels that arrived stand here until they are inspected."),
        "doubts": _("Orders whose instants contradict each other stand here."),
    }


def _import_address() -> str:
    from django.urls import NoReverseMatch

    try:
        return reverse("intake:index")
    except NoReverseMatch:
        return ""


# ── One order ──────────────────────────────────────────────────────────────────────────────────────────────────────


def marks_of(order: Order, holds: Holds) -> Items:
    """The holds on an order as chips (DM-21)."""
    marks = [
        (holds.in_dispute, "red", _("in dispute")),
        (holds.abnormal is not None, "yellow", _("abnormal logistics")),
        (holds.kyc_blocked, "yellow", _("blocked: identity or payout account")),
        (bool(order.doubts), "yellow", _("data doubt")),
        (order.is_presale, "info", _("presale")),
    ]
    return [{"level": level, "word": word} for is_held, level, word in marks if is_held]


def todo_of(file: OrderFile, holds: Holds, at: datetime, recheck: timedelta) -> Items:
    """What the seller has to do on the order now, clocks first."""
    parts = (_clock_todo(file.order, at), _dispute_todo(file, at), _parcel_todo(file.order, holds, at, recheck))
    return [item for part in parts for item in part]


def _item(level: str, word: str, title: str, note: str, due: datetime | None = None) -> dict[str, Any]:
    return {"level": level, "word": word, "title": title, "note": note, "due": due}


def _clock_todo(order: Order, at: datetime) -> Items:
    words = {
        "confirm": (_("Confirm dispatch"), _("else it is a warning; every third weighs as a late dispatch")),
        "ship": (_("Ship the order"), _("else it counts as dispatched late")),
    }
    items = []
    for clock in countdowns_of(order, at, policies()):
        overdue = clock.due_at < at
        word = _("overdue") if overdue else _("due")
        items.append(_item("red" if overdue else "yellow", word, *words[clock.kind], clock.due_at))
    return items


def _dispute_todo(file: OrderFile, at: datetime) -> Items:
    note = _("an answer within the golden hours wins most appeals later")
    return [
        _item(
            "red",
            _("due"),
            _("Answer dispute %(number)s") % {"number": dispute.dispute_no},
            note,
            file.answers_due.get(dispute.dispute_no),
        )
        for dispute in file.disputes
        if dispute.state == "open" and dispute.responded_at is None and dispute.closed_at is None
    ]


def _parcel_todo(order: Order, holds: Holds, at: datetime, recheck: timedelta) -> Items:
    if holds.abnormal is None:
        return []
    silent = at - (holds.abnormal.silent_since or order.shipped_at or holds.abnormal.entered)
    note = _("no scan for %(span)s") % {"span": duration(silent)}
    if silent > recheck:
        return [_item("red", _("check"), _("Check the parcel with the carrier"), note)]
    return [_item("yellow", _("soon"), _("The trace is silent: ask the carrier"), note)]


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
