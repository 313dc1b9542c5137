"""Locking the rows of stores, whose notices, appeals and penalties then change one after another.

Whoever needs more than one lock takes them in this order: stores, deadlines, then the rows that they are about. Nights
and corrections begin with the store, and sweeps do too where a kind of deadline asks for it
(`core.deadlines.on_lapse`), so nobody waits for somebody who waits for them.
"""

from collections.abc import Collection

from stores.models import Store


def hold_stores(store_ids: Collection[int]) -> set[int]:
    """Lock the rows of stores until the transaction ends; returns the ids of those that exist.

    On PostgreSQL in one order everywhere, so that two who wait never wait for each other; on SQLite a transaction is
    the turn (RL-07).
    """
    rows = Store.objects.select_for_update(no_key=True).filter(pk__in=store_ids).order_by("pk")
    return set(rows.values_list("pk", flat=True))
