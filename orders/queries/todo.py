"""What a store's seller has to do about orders now, counted in one pass over the open ones (PG-03, TM-02)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from core.timebase import from_epoch, to_epoch
from orders.models import Fulfilment, OrderState
from rulebook.queries import policy_at


@dataclass(frozen=True, slots=True)
class Pile:
    """Orders that wait for the same act: how many, and the instant of the most urgent one."""

    count: int
    first_due: datetime | None


@dataclass(frozen=True, slots=True)
class OpenWork:
    """``to_confirm``: dispatch to be confirmed, still in time; ``late``: past their ship_by; ``soon``: to be shipped
    within the hours that policy calls soon; ``later``: the rest."""

    to_confirm: Pile
    late: Pile
    soon: Pile
    later: Pile


def open_work(*, store_id: int, at: datetime, confirmations: bool) -> OpenWork:
    """The piles at an instant, as the tabs of the order list show them. ``confirmations``: the store has that feed; to
    others nothing is said of orders to confirm (TM-02)."""
    policy = policy_at(at)
    now = to_epoch(at)
    soon = now + int(timedelta(hours=policy.transactions.dispatch_soon_hours).total_seconds())
    confirm = int(timedelta(hours=policy.counting.confirm_hours).total_seconds())
    due, unconfirmed = f"paid_at + {confirm}", "NOT is_presale AND dispatch_confirmed_at IS NULL"
    # A dispatch that has not been confirmed in time can't be any more.
    piles = (
        (due, f"{unconfirmed} AND {due} >= {now} AND paid_at <= {now}" if confirmations else "1 = 0"),
        ("ship_by", f"ship_by < {now}"),
        ("ship_by", f"ship_by >= {now} AND ship_by < {soon}"),
        ("ship_by", f"ship_by >= {soon}"),
    )
    columns = ", ".join(
        f"SUM(CASE WHEN {wanted} THEN 1 ELSE 0 END), MIN(CASE WHEN {wanted} THEN {instant} END)"
        for instant, wanted in piles
    )
    with connection.cursor() as cursor:
        # The state is written out: SQLite takes a partial index only for a condition that it can read.
        cursor.execute(
            f"""SELECT {columns} FROM orders_order
            WHERE store_id = %s AND state = '{OrderState.PAID}' AND fulfilled_by = '{Fulfilment.SELLER}'""",  # noqa: S608
            [store_id],
        )
        row = cursor.fetchone()
    return OpenWork(*(_pile(row[place], row[place + 1]) for place in range(0, len(row), 2)))


def _pile(count: int | None, first: int | None) -> Pile:
    return Pile(int(count or 0), None if first is None else from_epoch(int(first)))
