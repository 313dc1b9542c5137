"""Which orders of a notice can still be acted on, and where (PN-07)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from disputes.queries.tabs import ACT, ANSWER, NO_CLOCK_FROM
from notifications.complaints import COPYRIGHT
from notifications.models import Notice, NoticeOrder
from notifications.queries.complaints import listings_of_notice, shown_still
from orders.models import Order
from orders.queries.tabs import ABNORMAL, SHIP, SOON, Orders, Tab
from rulebook.queries import policy_at
from stores.models import Store

# Where a cause is mended: the tab of the order list that holds what waits for the seller. Causes without a page of
# their own, such as reviews, are mended where their orders can be acted on at all.
TARGET_TABS = {"orders_to_ship": SHIP, "disputes": ANSWER, "carriers": ABNORMAL}
# Where the images of a copyright notice are mended: no tab of orders, but the page of listings (PN-24).
LISTINGS = "listings"
# The tabs whose orders are no problem orders yet, but fail the metric if nobody acts on them.
AT_RISK_TABS = {"late_dispatch": SOON, "liability_rate": ANSWER}


@dataclass(frozen=True, slots=True)
class Rectification:
    """``tab``: the code of the tab where the orders are mended that can be; ``waiting``: how many rows of them stand
    there; ``past``: how many problem orders are out of the seller's hands; ``leaves``: the day on which the last of all
    problem orders is out of the metric's window, None without any."""

    tab: str
    waiting: int
    past: int
    leaves: date | None = None


class Waiting(StrEnum):
    """What orders wait for that can still be saved."""

    OVERDUE = "overdue"
    SHIP = "ship"
    ANSWER = "answer"
    STALLED = "stalled"
    LISTING = "listing"


@dataclass(frozen=True, slots=True)
class WaitingOrders:
    """Orders that wait for the same act: how many, the first instant that ends one's time, None without a clock, and
    how many of them are problem orders of the notice already."""

    what: Waiting
    count: int
    first_due: datetime | None
    counted: int


def problem_numbers(notice: Notice) -> QuerySet[Any]:
    """The numbers of a notice's problem orders."""
    return NoticeOrder.objects.filter(notice=notice).exclude(order_no="").values("order_no")


def rectifiable_numbers(store: Store, notice: Notice, at: datetime) -> QuerySet[Any]:
    """The numbers of its problem orders, and while it stands of the orders that would fail its metric next."""
    numbers, risk = problem_numbers(notice), AT_RISK_TABS.get(notice.metric)
    if risk is None or not _stands(notice):
        return numbers
    return numbers.union(risk.select(Order.objects.filter(store=store), store, at).order_by().values("order_no"))


def _stands(notice: Notice) -> bool:
    return notice.is_open or (notice.predicted and notice.ended_day is None)


def rectification_of(store: Store, notice: Notice, at: datetime) -> Rectification:
    """What waits and what is past at an instant, counted as the list shows it that the button opens."""
    if notice.metric == COPYRIGHT:
        found = listings_of_notice(notice, at)
        shown = shown_still(found)
        return Rectification(
            LISTINGS, len(shown), sum(one.complaint.sku not in shown for one in found), _leaves(notice)
        )
    tab = target_tab(notice, at)
    waiting = tab.rows(store, at).filter(order_no__in=rectifiable_numbers(store, notice, at))
    known = Order.objects.filter(store=store, order_no__in=problem_numbers(notice))
    past = known.exclude(pk__in=_ids(waiting)).count()
    return Rectification(tab.code, waiting.order_by().count(), past, _leaves(notice))


def acting_numbers(store: Store, notice: Notice, at: datetime) -> frozenset[str]:
    """The numbers of the problem orders that can still be acted on."""
    if notice.metric == COPYRIGHT:
        return frozenset()
    rows = target_tab(notice, at).rows(store, at).filter(order_no__in=problem_numbers(notice))
    return frozenset(rows.order_by().values_list("order_no", flat=True))


def target_tab(notice: Notice, at: datetime) -> Tab:
    """The tab of the order list where the cause of a notice is mended."""
    return TARGET_TABS.get(policy_at(at).notices.rectify_targets.get(notice.metric, ""), ACT)


def waiting_orders(store: Store, notice: Notice, at: datetime) -> list[WaitingOrders]:
    """What the rows that `rectification_of` counts wait for, the most urgent first."""
    if notice.metric == COPYRIGHT:
        shown = len(shown_still(listings_of_notice(notice, at)))
        return [WaitingOrders(Waiting.LISTING, shown, None, shown)] if shown else []
    tab, numbers = target_tab(notice, at), rectifiable_numbers(store, notice, at)
    own = problem_numbers(notice)
    parts = {
        SHIP.code: (_to_ship,),
        ANSWER.code: (_to_answer,),
        ABNORMAL.code: (_stalled,),
        ACT.code: (_to_ship, _to_answer),
    }[tab.code]
    rows = tab.rows(store, at).filter(order_no__in=numbers)
    return [group for part in parts for group in part(rows, own, store, at) if group.count]


def _to_ship(rows: Orders, own: QuerySet[Any], store: Store, at: datetime) -> Iterator[WaitingOrders]:
    unshipped = rows.filter(pk__in=_ids(SHIP.rows(store, at))).order_by()
    for what, when in ((Waiting.OVERDUE, Q(ship_by__lt=at)), (Waiting.SHIP, Q(ship_by__gte=at))):
        yield _group(what, unshipped.filter(when), own, "ship_by")


def _to_answer(rows: Orders, own: QuerySet[Any], store: Store, at: datetime) -> Iterator[WaitingOrders]:
    unanswered = ANSWER.rows(store, at).filter(pk__in=_ids(rows)).exclude(pk__in=_ids(SHIP.rows(store, at))).order_by()
    yield _group(Waiting.ANSWER, unanswered, own, "key")


def _stalled(rows: Orders, own: QuerySet[Any], store: Store, at: datetime) -> Iterator[WaitingOrders]:
    yield _group(Waiting.STALLED, rows.order_by(), own, None)


def _group(what: Waiting, rows: Orders, own: QuerySet[Any], due: str | None) -> WaitingOrders:
    found = rows.aggregate(
        number=Count("pk"),
        of_notice=Count("pk", filter=Q(order_no__in=own)),
        **({"first": Min(due)} if due else {}),
    )
    first = found.get("first")
    return WaitingOrders(
        what, found["number"], None if first is None or first >= NO_CLOCK_FROM else first, found["of_notice"]
    )


def _ids(orders: Orders) -> Orders:
    return orders.order_by().values("pk")


def _leaves(notice: Notice) -> date | None:
    last = NoticeOrder.objects.filter(notice=notice).aggregate(last=Max("day"))["last"]
    return None if last is None else last + timedelta(days=int(notice.snapshot.get("days", 0)))
