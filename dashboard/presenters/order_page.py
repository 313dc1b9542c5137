"""Words and shapes of the page of one order: holds, what is to be done, facts, parcel, funds, buyer (PG-06, TM-01)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from appeals.presenters.appealable import AppealableRow, appealable_rows
from appeals.presenters.protected_events import ProtectionRow, protection_rows
from core.pages.components import Fact
from core.pages.formats import number as number_text
from core.templatetags.ui import duration, instant, money
from dashboard.presenters.order_rows import source_note
from dashboard.presenters.parcels import ParcelAttempt, ParcelsPart, parcels_part
from dashboard.presenters.timeline import Entry, timeline
from dashboard.queries.order_details import OrderDetails
from disputes.queries.disputed_orders import DisputesOfOrder
from insights.presenters.order_counts import OrderCounts, counts_part
from orders.data_issues import data_issue_checks
from orders.holds import Hold, hold_label
from orders.models import Fulfilment, Order, OrderState
from orders.presenters.hold_words import held_words, reasons_of
from orders.queries.order import Countdown, OrderFile
from orders.rules.buyers import shown_buyer
from orders.rules.holds import IN_DISPUTE
from orders.rules.pool import in_pool
from orders.rules.states import TRANSITIONS
from stores.access import StoreRequest, may_write
from stores.context_processors import nav
from stores.models import Store
from stores.principals import Area


@dataclass(frozen=True, slots=True)
class Badge:
    """A mark beside an order's state."""

    level: str
    word: str


@dataclass(frozen=True, slots=True)
class OrderTodo:
    """What the seller has to do on the order; ``due``: until when, where a clock runs."""

    level: str
    word: str
    title: str
    note: str
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Goods:
    """A position of the order with the title of its listing."""

    sku: str
    title: str
    quantity: int | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class OrderPage:
    """What templates/dashboard/order.html reads; ``title``: of the listing where the order has no positions;
    ``data_issues``: what contradicts, and what to check."""

    nav: dict[str, Any]
    store: Store
    now: datetime
    order: Order
    file: OrderFile
    cases: DisputesOfOrder
    badges: list[Badge]
    source_note: str
    todo: list[OrderTodo]
    facts: list[Fact]
    lines: list[Goods]
    title: str
    parcels: ParcelsPart
    times: list[Fact]
    actions: list[tuple[str, str]]
    actions_url: str
    funds: list[Fact]
    buyer: list[Fact]
    data_issues: list[tuple[str, str]]
    counts: OrderCounts
    protections: list[ProtectionRow]
    appealable: list[AppealableRow]
    entries: list[Entry]


def order_page_of(
    request: StoreRequest, found: OrderDetails, at: datetime, attempt: ParcelAttempt | None = None
) -> OrderPage:
    """The page of an order of the request's store; only those who may change orders see addresses (RL-14).
    ``attempt``: what was tried with a parcel and not carried out."""
    store, file, order = request.store, found.file, found.file.order
    writes = may_write(request.principal, store, Area.ORDERS)
    return OrderPage(
        nav=nav(request, current="orders"),
        store=store,
        now=at,
        order=order,
        file=file,
        cases=found.cases,
        badges=badges_of(order, found.holds),
        source_note=source_note(order),
        todo=todo_of(found, at),
        facts=facts_of(file, found.sites),
        lines=goods_of(file),
        title=file.titles.get(order.sku, ""),
        parcels=parcels_part(
            order,
            found.parcels,
            found.carriers,
            url=reverse("dashboard:parcels", args=[store.store_no, order.order_no]),
            writes=writes,
            lines=[(line.line_no, f"{line.line_no} · {line.sku}") for line in file.lines],
            attempt=attempt,
        ),
        times=times_of(order),
        actions=actions_of(found) if writes else [],
        actions_url=reverse("dashboard:order_actions", args=[store.store_no]),
        funds=funds_of(file),
        buyer=buyer_of(order, with_address=writes),
        data_issues=data_issue_checks(order.data_issues),
        counts=counts_part(store, found.counts, at),
        protections=protection_rows(found.protections, store.store_no),
        appealable=appealable_rows(found.appealable, store.store_no),
        entries=timeline(found, at),
    )


def badges_of(order: Order, holds: Iterable[Hold]) -> list[Badge]:
    """The holds on an order as badges, each kind once, a dispute first (DM-21)."""
    held = sorted(dict.fromkeys(hold.code for hold in holds), key=lambda code: code != IN_DISPUTE)
    badges = [
        *((True, "red" if code == IN_DISPUTE else "yellow", str(hold_label(code))) for code in held),
        (bool(order.data_issues), "yellow", _("data issue")),
        (order.is_presale, "info", _("presale")),
        (order.fulfilled_by == Fulfilment.PLATFORM, "info", _("shipped by the platform")),
    ]
    return [Badge(level, word) for is_held, level, word in badges if is_held]


def todo_of(found: OrderDetails, at: datetime) -> list[OrderTodo]:
    """What the seller has to do on the order now, clocks first."""
    parcel = _parcel_todo(found.file, at, found.recheck)
    return [*_clock_todo(found.clocks, at), *_dispute_todo(found.cases), *parcel]


def _clock_todo(clocks: Iterable[Countdown], at: datetime) -> list[OrderTodo]:
    words = {
        "confirm": (_("Confirm dispatch"), _("else it is a warning; every third weighs as a late dispatch")),
        "ship": (_("Ship the order"), _("else it counts as dispatched late")),
    }
    items = []
    for clock in clocks:
        overdue = clock.due_at < at
        word = _("overdue") if overdue else _("due")
        items.append(OrderTodo("red" if overdue else "yellow", word, *words[clock.kind], clock.due_at))
    return items


def _dispute_todo(cases: DisputesOfOrder) -> list[OrderTodo]:
    note = _("an answer within the golden hours wins most appeals later")
    return [
        OrderTodo(
            "red",
            _("due"),
            _("Answer dispute %(number)s") % {"number": dispute.dispute_no},
            note,
            cases.answers_due.get(dispute.dispute_no),
        )
        for dispute in cases.waiting
    ]


def _parcel_todo(file: OrderFile, at: datetime, recheck: timedelta) -> list[OrderTodo]:
    stay = in_pool(file.stays, at) if file.order.state == OrderState.SHIPPED else None
    if stay is None:
        return []
    silent = at - (stay.silent_since or file.order.shipped_at or stay.entered)
    note = _("no scan for %(span)s") % {"span": duration(silent)}
    if silent > recheck:
        return [OrderTodo("red", _("check"), _("Check the parcel with the carrier"), note)]
    return [OrderTodo("yellow", _("soon"), _("No recent scans: ask the carrier"), note)]


def facts_of(file: OrderFile, sites: dict[str, str]) -> list[Fact]:
    """What the order page tells beside the timeline: amounts and where the order came from."""
    order = file.order
    by_platform = order.fulfilled_by == Fulfilment.PLATFORM
    return [
        *_amounts(order),
        Fact(_("Site"), sites.get(order.site, order.site)),
        Fact(_("Source"), order.get_source_display()),
        Fact(
            _("Shipped by"),
            order.get_fulfilled_by_display(),
            _("not judged on dispatch or carriage") if by_platform else "",
        ),
        Fact(_("Category"), _category_name(file)),
    ]


def _amounts(order: Order) -> Iterator[Fact]:
    yield Fact(_("Total"), money(order.total_amount, order.currency))
    yield Fact(_("In US dollars"), money(order.total_usd), _rate_note(order))
    if order.shipping_amount is not None:
        yield Fact(_("Shipping part"), money(order.shipping_amount, order.currency))
    if order.insurance_premium_usd is not None:
        yield Fact(_("Insurance premium"), money(order.insurance_premium_usd))


def _rate_note(order: Order) -> str:
    if order.currency.upper() == "USD" or order.usd_rate is None:
        return ""
    rate = {"rate": number_text(order.usd_rate, 6), "currency": order.currency.upper()}
    return _("at %(rate)s USD per %(currency)s") % rate


def _category_name(file: OrderFile) -> str:
    category = file.category
    if category is None:
        return file.order.category
    chinese = (get_language() or "").startswith("zh")
    return category.name if chinese else category.name_en or category.name


def times_of(order: Order) -> list[Fact]:
    """Until when the order is to be shipped and delivered."""
    planned = ((_("Ship by"), order.ship_by), (_("Estimated delivery"), order.estimated_delivery_at))
    return [Fact(name, instant(moment)) for name, moment in planned if moment is not None]


def actions_of(found: OrderDetails) -> list[tuple[str, str]]:
    """What can be done with the order as a whole, value and words; on mirrored stores nothing (DM-11a)."""
    order = found.file.order
    if order.store.mode == Store.Mode.MIRRORED:
        return []
    number = order.order_no
    confirms = any(clock.kind == "confirm" for clock in found.clocks)
    cancels = OrderState.CANCELLED in TRANSITIONS[order.state]
    offered = [
        (confirms, (f"confirm:{number}", _("Confirm dispatch"))),
        (cancels, (f"cancel:{number}", _("Cancel…"))),
    ]
    return [action for is_offered, action in offered if is_offered]


def funds_of(file: OrderFile) -> list[Fact]:
    """The settlement: released, or held and why (TM-04)."""
    settlement = file.settlement
    if settlement is None:
        return []
    currency = settlement.currency or file.order.currency
    facts = [
        Fact(_("Amount"), money(settlement.amount, currency) if settlement.amount is not None else ""),
        Fact(_("Released"), instant(settlement.released_at)),
    ]
    if settlement.held_reason:
        facts.append(Fact(_("Held because"), held_words(reasons_of(settlement.held_reason))))
    return facts


def buyer_of(order: Order, *, with_address: bool) -> list[Fact]:
    """The buyer under a pseudonym; the address only for those who may change the order (RL-14)."""
    buyer = [Fact(_("Pseudonym"), shown_buyer(order.buyer_ref))]
    if with_address and order.ship_address:
        buyer.append(Fact(_("Address"), order.ship_address))
    return buyer


def goods_of(file: OrderFile) -> list[Goods]:
    """The positions with the titles of their listings."""
    return [Goods(line.sku, file.titles.get(line.sku, ""), line.quantity, line.amount) for line in file.lines]
