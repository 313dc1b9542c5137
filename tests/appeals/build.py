"""Governed stores with notices that name orders, and appeals in any state."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from appeals.models import Appeal, AppealOrder
from appeals.rules import AppealState
from appeals.services.lifecycle import take_appeal_number
from notifications.models import Notice, NoticeOrder
from orders.models import Order
from stores.models import Store
from tests.notifications.build import DAY, NIGHT, judged, make_store
from tests.orders.build import make_order

__all__ = ["DAY", "NIGHT", "SECOND", "events_of", "make_appeal", "make_notice", "make_store", "name_orders"]

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
_places = count(1)


def make_notice(store: Store, level: str = "red", orders: int = 3, **more: Any) -> Notice:
    """A notice of late dispatch that was opened in its first second, with its orders: L1, L2 …"""
    judged(store, late_dispatch=level)
    notice = Notice.objects.select_related("store__company").latest("id")
    columns = {"state": "opened", "opened_at": NIGHT, **more}
    Notice.objects.filter(pk=notice.pk).update(**columns)
    name_orders(
        notice,
        [make_order(store, order_no=f"L{place}", created_at=NIGHT - 24 * HOUR) for place in range(1, orders + 1)],
    )
    notice.refresh_from_db()
    return Notice.objects.select_related("store__company").get(pk=notice.pk)


def name_orders(notice: Notice, orders: list[Order]) -> None:
    NoticeOrder.objects.bulk_create(
        NoticeOrder(notice=notice, place=place, order_no=order.order_no, counter="dispatch_late", day=DAY)
        for place, order in enumerate(orders, 1)
    )


def make_appeal(notice: Notice, state: AppealState = AppealState.DRAFT, at: datetime = NIGHT, **more: Any) -> Appeal:
    """An appeal against the notice in a state, with all its orders."""
    appeal = Appeal.objects.create(
        store=notice.store,
        number=take_appeal_number(at),
        kind="notice",
        subject_key=notice.number,
        notice=notice,
        state=state,
        created_at=at,
        **more,
    )
    named = NoticeOrder.objects.filter(notice=notice).values_list("order_no", flat=True)
    AppealOrder.objects.bulk_create(
        AppealOrder(appeal=appeal, order=order, place=place, exception="carrier_fault", claim="No scan for 3 days")
        for place, order in enumerate(Order.objects.filter(store=notice.store, order_no__in=named).order_by("id"), 1)
    )
    return appeal


def events_of(appeal: Appeal) -> list[str]:
    from core.models import Event

    return list(Event.objects.filter(subject_key=appeal.number).order_by("id").values_list("kind", flat=True))
