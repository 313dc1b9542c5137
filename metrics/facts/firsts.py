"""First reviews of listings (SR-03): a fact that spans orders, kept as rows of its own (MX-02)."""

from django.db.backends.utils import CursorWrapper

from metrics.facts.orderview import counts_in, longest_hold_seconds
from metrics.facts.sql import dialect, make_temp

MARK = "order_id, store_id, sku, reviewed_at"


def update_first_reviews(cursor: CursorWrapper) -> int:
    """Bring the first reviews of the listings that ``tmp_batch`` concerns up to date, and add the orders whose
    reviews they move to ``tmp_batch``; returns how many were added. ``tmp_review`` must stand."""
    new_marks = f"""SELECT o.id AS order_id, o.store_id, o.sku, r.reviewed_at
        FROM tmp_review r JOIN orders_order o ON o.id = r.order_id
        WHERE {counts_in("rating_sources")} AND o.sku <> ''"""
    old_marks = f"SELECT {MARK} FROM tmp_batch b CROSS JOIN metrics_reviewmark WHERE order_id = b.id"
    entered = make_temp(cursor, "tmp_mark_new", f"SELECT * FROM ({new_marks}) n EXCEPT {old_marks}", key="order_id")
    left = make_temp(cursor, "tmp_mark_old", f"{old_marks} EXCEPT SELECT * FROM ({new_marks}) n", key="order_id")
    if not entered and not left:
        return 0
    cursor.execute("DELETE FROM metrics_reviewmark WHERE order_id IN (SELECT order_id FROM tmp_mark_old)")
    cursor.execute(f"INSERT INTO metrics_reviewmark ({MARK}) SELECT {MARK} FROM tmp_mark_new")
    moved = make_temp(cursor, "tmp_first", _moved_firsts(), key="store_id, sku")
    if not moved:
        return 0
    cursor.execute("""DELETE FROM metrics_listingfirstreview
        WHERE (store_id, sku) IN (SELECT store_id, sku FROM tmp_first)""")
    cursor.execute("""INSERT INTO metrics_listingfirstreview (store_id, sku, reviewed_at)
        SELECT store_id, sku, new_at FROM tmp_first WHERE new_at IS NOT NULL""")
    cursor.execute(f"""INSERT INTO tmp_batch (id)
        SELECT m.order_id FROM tmp_first f
        JOIN metrics_reviewmark m ON m.store_id = f.store_id AND m.sku = f.sku
            AND m.reviewed_at <= {dialect().greatest("f.old_at", "f.new_at")} + {longest_hold_seconds()}
        WHERE NOT EXISTS (SELECT 1 FROM tmp_batch b WHERE b.id = m.order_id)""")
    return int(cursor.rowcount)


def _moved_firsts() -> str:
    return """SELECT * FROM (
        SELECT t.store_id, t.sku, f.reviewed_at AS old_at, (
            SELECT MIN(m.reviewed_at) FROM metrics_reviewmark m WHERE m.store_id = t.store_id AND m.sku = t.sku
        ) AS new_at
        FROM (SELECT store_id, sku FROM tmp_mark_new UNION SELECT store_id, sku FROM tmp_mark_old) t
        LEFT JOIN metrics_listingfirstreview f ON f.store_id = t.store_id AND f.sku = t.sku) firsts
        WHERE old_at IS DISTINCT FROM new_at"""
