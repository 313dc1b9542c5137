"""First reviews of listings (SR-03): a fact that spans orders, kept as rows of its own (MX-02)."""

from django.db.backends.utils import CursorWrapper

from core.sql import SQL, Composable, Literal, execute, greatest, make_temp
from metrics.facts.orderview import counts_in, longest_hold_seconds

OLD_MARKS = SQL("""SELECT order_id, store_id, sku, reviewed_at
    FROM tmp_batch b CROSS JOIN metrics_reviewmark WHERE order_id = b.id""")
CHANGE_MARKS = (
    SQL("DELETE FROM metrics_reviewmark WHERE order_id IN (SELECT order_id FROM tmp_mark_old)"),
    SQL("""INSERT INTO metrics_reviewmark (order_id, store_id, sku, reviewed_at)
        SELECT order_id, store_id, sku, reviewed_at FROM tmp_mark_new"""),
)
MOVED_FIRSTS = SQL("""SELECT * FROM (
        SELECT t.store_id, t.sku, f.reviewed_at AS old_at, (
            SELECT MIN(m.reviewed_at) FROM metrics_reviewmark m WHERE m.store_id = t.store_id AND m.sku = t.sku
        ) AS new_at
        FROM (SELECT store_id, sku FROM tmp_mark_new UNION SELECT store_id, sku FROM tmp_mark_old) t
        LEFT JOIN metrics_listingfirstreview f ON f.store_id = t.store_id AND f.sku = t.sku) firsts
        WHERE old_at IS DISTINCT FROM new_at""")
CHANGE_FIRSTS = (
    SQL("""DELETE FROM metrics_listingfirstreview
        WHERE (store_id, sku) IN (SELECT store_id, sku FROM tmp_first)"""),
    SQL("""INSERT INTO metrics_listingfirstreview (store_id, sku, reviewed_at)
        SELECT store_id, sku, new_at FROM tmp_first WHERE new_at IS NOT NULL"""),
)


def update_first_reviews(cursor: CursorWrapper) -> int:
    """Bring the first reviews of the listings that ``tmp_batch`` concerns up to date, and add the orders whose
    reviews they move to ``tmp_batch``; returns how many were added. ``tmp_review`` must stand."""
    new = new_marks()
    entered = make_temp(cursor, "tmp_mark_new", marks_that_enter(new), key=("order_id",))
    left = make_temp(cursor, "tmp_mark_old", marks_that_leave(new), key=("order_id",))
    if not entered and not left:
        return 0
    for statement in CHANGE_MARKS:
        execute(cursor, statement)
    if not make_temp(cursor, "tmp_first", MOVED_FIRSTS, key=("store_id", "sku")):
        return 0
    for statement in CHANGE_FIRSTS:
        execute(cursor, statement)
    execute(cursor, add_moved_orders())
    return int(cursor.rowcount)


def new_marks() -> Composable:
    """SELECT of the marks of the batch's reviewed orders."""
    return SQL("""SELECT o.id AS order_id, o.store_id, o.sku, r.reviewed_at
        FROM tmp_review r JOIN orders_order o ON o.id = r.order_id
        WHERE {counts} AND o.sku <> ''""").format(counts=counts_in("rating_sources"))


def marks_that_enter(new: Composable) -> Composable:
    """SELECT of the marks that are not stored."""
    return SQL("SELECT * FROM ({new}) n EXCEPT {old}").format(new=new, old=OLD_MARKS)


def marks_that_leave(new: Composable) -> Composable:
    """SELECT of the stored marks that hold no more."""
    return SQL("{old} EXCEPT SELECT * FROM ({new}) n").format(new=new, old=OLD_MARKS)


def add_moved_orders() -> Composable:
    """Add the orders whose reviews may count at another instant to the batch."""
    return SQL("""INSERT INTO tmp_batch (id)
        SELECT m.order_id FROM tmp_first f
        JOIN metrics_reviewmark m ON m.store_id = f.store_id AND m.sku = f.sku
            AND m.reviewed_at <= {latest} + {hold}
        WHERE NOT EXISTS (SELECT 1 FROM tmp_batch b WHERE b.id = m.order_id)""").format(
        latest=greatest(SQL("f.old_at"), SQL("f.new_at")), hold=Literal(longest_hold_seconds())
    )
