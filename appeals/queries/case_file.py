"""What a case file shows of orders: their records, in a fixed number of queries for any number (BX-09)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from appeals.models import Appeal, AppealOrder
from disputes.models import Dispute
from metrics.reasons.lookup import Reason
from notifications.models import Notice, NoticeOrder
from notifications.queries.reasons import with_reasons
from orders.models import Message, Order, OrderLine, OrderRow, Refund, Review, TrackingEvent
from orders.queries.names import carrier_names, site_names
from orders.queries.parcels import parcels_of
from orders.rules.parcels import Parcel
from stores.models import Store
from stores.queries import listing_histories
from stores.rules import ListingAsOf, listing_as_of

Row = TypeVar("Row", bound=OrderRow)


@dataclass(frozen=True, slots=True)
class CaseOrder:
    """An order of the case with its records in order of time. ``row``, ``reason``: in the notice's snapshot; ``named``:
    in the appeal; ``site``, ``carrier`` and those of ``parcels``: names in the reader's language.
    ``listings``: by SKU, as they read when the order was created, the earliest known version if none is that old."""

    order: Order
    row: NoticeOrder | None
    reason: Reason | None
    named: AppealOrder | None
    carrier: str
    site: str
    lines: Sequence[OrderLine]
    listings: Mapping[str, ListingAsOf]
    scans: Sequence[TrackingEvent]
    messages: Sequence[Message]
    disputes: Sequence[Dispute]
    parcels: Sequence[Parcel]
    reviews: Sequence[Review]
    refunds: Sequence[Refund]


@dataclass(frozen=True, slots=True)
class Case:
    """What a case file is about: a notice, an appeal with what it is against, or a dispute. ``whole``: nothing is left
    out of its orders' records, as for a dispute that was raised after the system's review (AF-16)."""

    store: Store
    notice: Notice | None
    appeal: Appeal | None
    dispute: Dispute | None
    orders: Sequence[CaseOrder]
    whole: bool = False


def case_of(
    *,
    notice: Notice | None = None,
    appeal: Appeal | None = None,
    dispute: Dispute | None = None,
    at: datetime,
    most: int,
) -> Case:
    """The case with the records up to an instant of at most ``most`` of its orders."""
    if dispute is not None:
        orders = list(_with_records(dispute.store, [dispute.order], {}, {}, at))
        whole = any(
            review.kind == Review.Kind.AUTO and review.created_at <= dispute.opened_at for review in orders[0].reviews
        )
        return Case(dispute.store, None, None, dispute, orders, whole)
    of_appeal = appeal is not None
    notice = appeal.notice if appeal is not None else notice
    store = appeal.store if appeal is not None else notice.store if notice else None
    if store is None:
        raise ValueError("neither a notice nor an appeal")
    named = _named(appeal)
    rows = _rows(notice)
    numbers = list(named) if of_appeal else list(rows)
    shown = _orders(store, numbers[:most])
    return Case(store, notice, appeal, None, list(_with_records(store, shown, rows, named, at)))


def count_orders(notice: Notice | None, appeal: Appeal | None, dispute: Dispute | None) -> int:
    """How many orders a case has."""
    if dispute is not None:
        return 1
    if appeal is not None:
        return AppealOrder.objects.filter(appeal=appeal).count()
    return NoticeOrder.objects.filter(notice=notice).exclude(order_no="").values("order_no").distinct().count()


def _named(appeal: Appeal | None) -> dict[str, AppealOrder]:
    rows = AppealOrder.objects.filter(appeal=appeal).select_related("order").order_by("place")
    return {row.order.order_no: row for row in rows} if appeal is not None else {}


def _rows(notice: Notice | None) -> dict[str, tuple[NoticeOrder, Reason]]:
    if notice is None:
        return {}
    rows = list(NoticeOrder.objects.filter(notice=notice).exclude(order_no="").order_by("place"))
    found: dict[str, tuple[NoticeOrder, Reason]] = {}
    for row, reason in with_reasons(notice, rows):
        found.setdefault(row.order_no, (row, reason))
    return found


def _orders(store: Store, numbers: Sequence[str]) -> list[Order]:
    found = {order.order_no: order for order in Order.objects.filter(store=store, order_no__in=numbers)}
    return [found[number] for number in numbers if number in found]


def _with_records(
    store: Store,
    orders: Sequence[Order],
    rows: Mapping[str, tuple[NoticeOrder, Reason]],
    named: Mapping[str, AppealOrder],
    at: datetime,
) -> Iterable[CaseOrder]:
    ids = [order.pk for order in orders]
    lines = _by_order(OrderLine.objects.filter(order__in=ids).order_by("line_no"))
    scans = _by_order(TrackingEvent.objects.filter(order__in=ids, at__lte=at).order_by("at", "pk"))
    messages = _by_order(Message.objects.filter(order__in=ids, sent_at__lte=at).order_by("sent_at", "pk"))
    disputes = _by_order(Dispute.objects.filter(order__in=ids, opened_at__lte=at).order_by("opened_at", "pk"))
    reviews = _by_order(Review.objects.filter(order__in=ids, created_at__lte=at).order_by("created_at", "pk"))
    refunds = _by_order(Refund.objects.filter(order__in=ids, requested_at__lte=at).order_by("requested_at", "pk"))
    parcels = parcels_of(orders)
    skus = {order.sku for order in orders} | {line.sku for one in lines.values() for line in one}
    histories = listing_histories(store=store, skus=skus - {""})
    carriers, sites = carrier_names(), site_names(at)
    for order in orders:
        row, reason = rows.get(order.order_no, (None, None))
        yield CaseOrder(
            order=order,
            row=row,
            reason=reason,
            named=named.get(order.order_no),
            carrier=carriers.get(order.carrier, order.carrier),
            site=sites.get(order.site, order.site),
            lines=lines[order.pk],
            listings={sku: listing_as_of(known, order.created_at) for sku, known in histories.items()},
            scans=scans[order.pk],
            messages=messages[order.pk],
            disputes=disputes[order.pk],
            parcels=[replace(one, carrier=carriers.get(one.carrier, one.carrier)) for one in parcels.get(order.pk, ())],
            reviews=reviews[order.pk],
            refunds=refunds[order.pk],
        )


def _by_order(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(row)
    return found
