"""Imports don't bring erased buyers back (RL-14)."""

from collections.abc import Mapping

from core.sql import SQL, Identifier
from intake.models import ErasedBuyer
from intake.personal.buyers import ERASED, digest_of, remove_column
from intake.personal.columns import BY_TABLE
from intake.pipeline.temporary import fetch
from orders.models import Order

PER_QUERY = 500


def keep_erased(table: str) -> None:
    """Erase what a batch has just written of erased buyers into a table; part of the batch's transaction."""
    if table not in BY_TABLE or not ErasedBuyer.objects.exists():
        return
    tokens = dict(_known_orders()) if table == Order._meta.db_table else {}
    by_token: dict[str, list[int]] = {}
    for order_id, token in tokens.items():
        by_token.setdefault(token, []).append(order_id)
    for token, ids in by_token.items():
        Order.objects.filter(pk__in=ids).update(buyer_ref=token)
    order_ids = sorted(tokens) if tokens or table == Order._meta.db_table else _orders_of_erased(table)
    for start in range(0, len(order_ids), PER_QUERY):
        for column in BY_TABLE[table]:
            remove_column(column, order_ids[start : start + PER_QUERY])


def _known_orders() -> Mapping[int, str]:
    """Written orders of erased buyers: id → token."""
    written = fetch(
        SQL("""SELECT o.id, s.company_id, o.buyer_ref FROM intake_found f
            JOIN orders_order o ON o.id = f.target_id JOIN stores_store s ON s.id = o.store_id
            WHERE f.verdict IN ('new', 'changed') AND o.buyer_ref <> ''""")
    )
    # A row that names no buyer, or only the name, leaves the token where it is.
    erased = {order_id: buyer for order_id, _company_id, buyer in written if buyer.startswith(ERASED)}
    digests = {order_id: digest_of(company_id, buyer) for order_id, company_id, buyer in written}
    tokens: dict[str, str] = {}
    wanted = sorted(set(digests.values()))
    for start in range(0, len(wanted), PER_QUERY):
        rows = ErasedBuyer.objects.filter(digest__in=wanted[start : start + PER_QUERY])
        tokens.update(rows.values_list("digest", "token"))
    return erased | {order_id: tokens[digest] for order_id, digest in digests.items() if digest in tokens}


def _orders_of_erased(table: str) -> list[int]:
    """Orders of erased buyers of which a batch wrote rows."""
    rows = SQL("""SELECT DISTINCT o.id FROM intake_found f JOIN {table} t ON t.id = f.target_id
        JOIN orders_order o ON o.id = t.order_id JOIN intake_erasedbuyer e ON e.token = o.buyer_ref
        WHERE f.verdict IN ('new', 'changed') ORDER BY o.id""")
    return [order_id for (order_id,) in fetch(rows.format(table=Identifier(table)))]
