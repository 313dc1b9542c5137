"""Which of a notice's problem orders can still be acted on, and where (PN-07)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max, QuerySet

from disputes.queries.tabs import ACT, ANSWER
from notifications.models import Notice, NoticeOrder
from orders.models import Order
from orders.queries.tabs import ABNORMAL, SHIP, Orders
from rulebook.queries import policy_at
from stores.models import Store

# Where a cause is mended: the tab of the order list that holds what waits for the seller. Causes without a page of
# their own, such as reviews, are mended where their orders can be acted on at all.
TARGET_TABS = {"orders_to_ship": SHIP, "disputes": ANSWER, "carriers": ABNORMAL}


@dataclass(frozen=True, slots=True)
class Rectification:
    """``tab``: the code of the tab where the problem orders are mended that can be; ``waiting``: how many rows of them
    stand there; ``past``: how many orders are out of the seller's hands; ``leaves``: the day on which the last of all
    of them is out of the metric's window, None without any."""

    tab: str
    waiting: int
    past: int
    leaves: date | None = None


def problem_numbers(notice: Notice) -> QuerySet[Any]:
    """The numbers of a notice's problem orders."""
    return NoticeOrder.objects.filter(notice=notice).exclude(order_no="").values("order_no")


def rectification_of(store: Store, notice: Notice, at: datetime) -> Rectification:
    """What waits and what is past at an instant, counted as the order list shows it."""
    tab = TARGET_TABS.get(policy_at(at).notices.rectify_targets.get(notice.metric, ""), ACT)
    rows = tab.rows(store, at).filter(order_no__in=problem_numbers(notice))
    waiting = tab.sift(rows, at) if tab.sift else rows
    known = Order.objects.filter(store=store, order_no__in=problem_numbers(notice))
    past = known.exclude(pk__in=_ids(waiting)).count()
    return Rectification(tab.code, waiting.order_by().count(), past, _leaves(notice))


def _ids(orders: Orders) -> Orders:
    return orders.order_by().values("pk")


def _leaves(notice: Notice) -> date | None:
    last = NoticeOrder.objects.filter(notice=notice).aggregate(last=Max("day"))["last"]
    return None if last is None else last + timedelta(days=int(notice.snapshot.get("days", 0)))
