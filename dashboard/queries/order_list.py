"""Everything that a page of the list of orders shows (PG-06)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from dashboard.queries.order_tabs import TABS, shown_parts
from disputes.queries.disputed_orders import ListedDisputes, disputes_among
from metrics.reasons.lookup import Reason
from notifications.models import Notice, NoticeOrder
from notifications.queries.reasons import reasons_by_order
from orders.models import Order
from orders.queries import Page, Question, page_of, tab_counts
from orders.queries.export import ORDERS_AT_ONCE, exported_orders
from orders.queries.names import site_names
from orders.queries.pool import limits_at, recheck_after
from orders.queries.tabs import UNDATED
from orders.rules.pool import PoolLimits
from rulebook.queries import PolicyPeriod, policies
from stores.models import Feed


@dataclass(frozen=True, slots=True)
class Silences:
    """From which silence on a parcel is abnormal, and from which a person re-checks it (TM-03)."""

    limits: PoolLimits
    recheck: timedelta


@dataclass(frozen=True, slots=True)
class OrderList:
    """``disputes``: those of the page's orders; ``sites``, ``carriers``: names by code; ``undated``: presale orders
    that the tab leaves out; ``has_confirmations``: whether a source reports them; ``reasons``: why orders failed, by
    number, where the list shows those of a notice."""

    question: Question
    page: Page
    disputes: ListedDisputes
    sites: dict[str, str]
    carriers: dict[str, str]
    silences: Silences
    periods: Sequence[PolicyPeriod]
    tab_counts: Mapping[str, int]
    part_counts: Mapping[str, int]
    undated: int
    has_confirmations: bool
    reasons: Mapping[str, tuple[NoticeOrder, Reason]]


def order_list_of(question: Question, carriers: dict[str, str], notice: Notice | None = None) -> OrderList:
    """Load a page of the list with what stands around it; a list narrowed to some orders counts no tabs. ``notice``:
    the one whose orders the list shows."""
    store, at, page = question.store, question.at, page_of(question)
    confirmations = Feed.objects.filter(store=store, kind=Feed.Kind.CONFIRMATIONS)
    parts, tabs = shown_parts(question), () if question.filters.subset else TABS
    counts = tab_counts([*parts, *tabs], store, at)
    return OrderList(
        question=question,
        page=page,
        disputes=disputes_among([row.order for row in page.rows]),
        sites=site_names(at),
        carriers=carriers,
        silences=Silences(limits_at(at), recheck_after(at)),
        periods=policies(),
        tab_counts={tab.code: counts[tab.code] for tab in tabs if tab.counted},
        part_counts={tab.code: counts[tab.code] for tab in parts},
        undated=counts.get(UNDATED.code, 0) if question.tab.code == "ship" else 0,
        has_confirmations=question.tab.code != "confirm" or confirmations.exists(),
        reasons=reasons_by_order(notice, [row.order.order_no for row in page.rows]) if notice else {},
    )


def exported_with_reasons(question: Question, notice: Notice) -> Iterator[tuple[Order, str, Reason | None]]:
    """Every order asked for, with the counter of the notice in which it failed and why; an order that can still be
    saved need not have failed."""
    waiting = exported_orders(question)
    while orders := list(islice(waiting, ORDERS_AT_ONCE)):
        reasons = reasons_by_order(notice, [order.order_no for order in orders])
        for order in orders:
            kept, reason = reasons.get(order.order_no, (None, None))
            yield order, kept.counter if kept else "", reason
