"""The funds page: settlement calendar, what is held and what lifts it, what was released, how long it takes (PG-13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from core.pages.addresses import address_maker
from core.pages.formats import money
from dashboard.presenters.trade import change_text, direction_text
from dashboard.queries.funds import FundsFound
from metrics import words
from orders.presenters.hold_words import held_words, lifted_by, reasons_of
from orders.queries.funds import HeldFunds, Sum
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store


@dataclass(frozen=True, slots=True)
class Amount:
    """Orders of one currency."""

    amount: str
    orders: int


@dataclass(frozen=True, slots=True)
class FundsDay:
    """What moves on a day; ``cny`` is all of it, empty where a rate is missing."""

    at: datetime
    amounts: list[Amount]
    orders: int
    cny: str


@dataclass(frozen=True, slots=True)
class HeldRow:
    """Held funds of an order."""

    order_no: str
    url: str
    amount: str
    why: str
    lifted: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Collection:
    """The average time from payment to release, with its trend."""

    value: str
    before: str
    change: str
    direction: str
    points: Sequence[Fraction | None]
    days: int


@dataclass(frozen=True, slots=True)
class FundsPage:
    """What templates/dashboard/funds.html reads."""

    nav: dict[str, Any]
    now: datetime
    store: Store
    mirrored: bool
    coming: list[FundsDay]
    coming_total: str
    held: list[HeldRow]
    held_amounts: list[Amount]
    held_total: str
    held_more: int
    released: list[FundsDay]
    collection: Collection


def funds_page_of(request: StoreRequest, found: FundsFound, now: datetime) -> FundsPage:
    """The page of a store's funds."""
    store, funds = request.store, found.funds
    order_url = address_maker("dashboard:order", store.store_no)
    return FundsPage(
        nav=nav(request, current="funds"),
        now=now,
        store=store,
        mirrored=store.mode == Store.Mode.MIRRORED,
        coming=_days(funds.coming),
        coming_total=_cny(funds.coming),
        held=[_held(one, order_url(one.settlement.order.order_no)) for one in funds.held],
        held_amounts=[Amount(money(one.amount, one.currency), one.orders) for one in funds.held_sums],
        held_total=_cny(funds.held_sums),
        held_more=funds.held_count - len(funds.held),
        released=_days(funds.released),
        collection=_collection(found),
    )


def _days(sums: Sequence[Sum]) -> list[FundsDay]:
    days = []
    for at, group in groupby(sums, key=lambda one: one.at):
        rows = list(group)
        amounts = [Amount(money(one.amount, one.currency), one.orders) for one in rows]
        days.append(FundsDay(at, amounts, sum(one.orders for one in rows), _cny(rows)))
    return days


def _cny(sums: Sequence[Sum]) -> str:
    """The sum in CNY; empty for nothing, and where a rate is missing."""
    known = [one.cny for one in sums if one.cny is not None]
    return money(sum(known, Decimal(0)), "CNY") if known and len(known) == len(sums) else ""


def _held(one: HeldFunds, url: str) -> HeldRow:
    settlement, order = one.settlement, one.settlement.order
    reasons = one.lasting or reasons_of(settlement.held_reason)
    amount = settlement.amount if settlement.amount is not None else order.total_amount
    return HeldRow(
        order_no=order.order_no,
        url=url,
        amount=money(amount, settlement.currency or order.currency),
        why=held_words(reasons),
        lifted=lifted_by(reasons) or _("The source says when."),
        since=settlement.held_since,
    )


def _collection(found: FundsFound) -> Collection:
    row = found.collection
    status = row.status
    return Collection(
        value=words.value_text(status.result.value.value, status.unit, status.thresholds),
        before=words.value_text(row.before.value, status.unit),
        change=change_text(row),
        direction=direction_text(row),
        points=row.points,
        days=status.window_days,
    )
