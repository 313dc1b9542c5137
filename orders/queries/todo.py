"""What a store's seller has to do about orders now, counted in one pass over the open ones (PG-03, TM-02)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from core.sql import SQL, Literal, Parameter, comma, execute
from core.timebase import from_epoch, to_epoch
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
    """The piles at an instant, as the tabs of the order list show them. ``confirmations``: the store has that feed;
    others are shown no orders to confirm (TM-02)."""
    policy = policy_at(at)
    now = to_epoch(at)
    soon = now + int(timedelta(hours=policy.transactions.dispatch_soon_hours).total_seconds())
    confirm = int(timedelta(hours=policy.counting.confirm_hours).total_seconds())
    due = SQL("paid_at + {confirm}").format(confirm=Literal(confirm))
    # A dispatch that has not been confirmed in time can't be any more.
    unconfirmed = SQL("""NOT is_presale AND dispatch_confirmed_at IS NULL
        AND {due} >= {now} AND paid_at <= {now}""").format(due=due, now=Literal(now))
    ship_by = SQL("ship_by")
    piles = (
        (due, unconfirmed if confirmations else SQL("1 = 0")),
        (ship_by, SQL("ship_by < {now}").format(now=Literal(now))),
        (ship_by, SQL("ship_by >= {now} AND ship_by < {soon}").format(now=Literal(now), soon=Literal(soon))),
        (ship_by, SQL("ship_by >= {soon}").format(soon=Literal(soon))),
    )
    counted = SQL("SUM(CASE WHEN {wanted} THEN 1 ELSE 0 END), MIN(CASE WHEN {wanted} THEN {instant} END)")
    with connection.cursor() as cursor:
        # The state is written out: SQLite takes a partial index only for a condition that it can read.
        statement = SQL("""SELECT {counted} FROM orders_order
            WHERE store_id = {store} AND state = 'paid' AND fulfilled_by = 'seller'""").format(
            counted=comma(counted.format(wanted=wanted, instant=instant) for instant, wanted in piles),
            store=Parameter(store_id),
        )
        execute(cursor, statement)
        row = cursor.fetchone()
    return OpenWork(*(_pile(row[place], row[place + 1]) for place in range(0, len(row), 2)))


def _pile(count: int | None, first: int | None) -> Pile:
    return Pile(int(count or 0), None if first is None else from_epoch(int(first)))
