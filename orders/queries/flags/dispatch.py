"""Orders that wait for dispatch too long, or soon will (TM-02, TM-14)."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from orders.queries.flags.declaring import Condition, Finder, Flag, FlagGroup, Scope, columns_of
from orders.queries.tabs import SELLER_SHIPS, confirm_window, soon_window
from stores.models import Feed

UNCONFIRMED = Flag("dispatch_unconfirmed", FlagGroup.DISPATCH, _("Dispatch unconfirmed"), "TM-02", own_clock=True)
DUE_SOON = Flag("dispatch_soon", FlagGroup.DISPATCH, _("Dispatch due soon"), "TM-14", own_clock=True)
OVERDUE = Flag("dispatch_overdue", FlagGroup.DISPATCH, _("Dispatch overdue"), "TM-14", own_clock=True)


def unconfirmed(scope: Scope, at: datetime) -> Iterator[Condition]:
    """Paid orders whose dispatch can still be confirmed in time; of stores that have such data (TM-02)."""
    window = confirm_window(at)
    waiting = scope.orders().filter(
        SELLER_SHIPS,
        dispatch_confirmed_at=None,
        is_presale=False,
        paid_at__gte=at - window,
        paid_at__lte=at,
        store__in=Feed.objects.filter(kind=Feed.Kind.CONFIRMATIONS).values("store"),
    )
    for order_id, store_id, paid_at in columns_of(waiting, "pk", "store_id", "paid_at"):
        yield Condition(UNCONFIRMED.code, order_id, store_id, paid_at, paid_at + window)


def due_soon(scope: Scope, at: datetime) -> Iterator[Condition]:
    """Orders whose dispatch deadline ends within the hours that policy calls soon."""
    window = soon_window(at)
    soon = scope.orders().filter(SELLER_SHIPS, ship_by__gte=at, ship_by__lt=at + window)
    for order_id, store_id, ship_by, paid_at in columns_of(soon, "pk", "store_id", "ship_by", "paid_at"):
        begun = ship_by - window
        since = begun if paid_at is None else max(begun, paid_at)
        yield Condition(DUE_SOON.code, order_id, store_id, since, ship_by)


def overdue(scope: Scope, at: datetime) -> Iterator[Condition]:
    """Orders past their dispatch deadline."""
    late = scope.orders().filter(SELLER_SHIPS, ship_by__lt=at)
    for order_id, store_id, ship_by in columns_of(late, "pk", "store_id", "ship_by"):
        yield Condition(OVERDUE.code, order_id, store_id, ship_by, ship_by)


FINDERS = (Finder((UNCONFIRMED,), unconfirmed), Finder((DUE_SOON,), due_soon), Finder((OVERDUE,), overdue))
