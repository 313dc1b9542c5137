"""Rows that a complete export no longer has were deleted at the source (IX-02: ``complete``)."""

from django.db import connection, transaction

from disputes.models import CopyrightComplaint, Dispute
from intake.canonical import FileSpec, Parent
from intake.models import WaitingRow
from intake.pipeline.followups import TOUCHED, empty_touched, execute
from intake.pipeline.run import Run
from orders.models import (
    Exclusion,
    Message,
    Order,
    OrderLine,
    Protection,
    Refund,
    ReplacedShipment,
    ReturnParcel,
    Review,
    Settlement,
    TrackingEvent,
)
from orders.settling import settle_orders
from stores.models import Store
from stores.touching import touch_orders_in

REMOVED = "intake_removed"
ORDER_CHILDREN = (
    OrderLine,
    ReplacedShipment,
    TrackingEvent,
    Review,
    Refund,
    ReturnParcel,
    Settlement,
    Message,
    Dispute,
    Exclusion,
    Protection,
)


def remove_absent(spec: FileSpec, run: Run, store_nos: set[str], size: int) -> int:
    """Delete the stores' rows of one file that an older export brought; returns how many. A transaction per batch."""
    stores = Store.objects.filter(store_no__in=store_nos)
    if not run.is_operator:
        stores = stores.filter(company_id__in=run.companies or ())
    WaitingRow.objects.filter(kind=spec.name, store_no__in=stores.values("store_no"), source_at__lt=run.at).delete()
    removed = 0
    for store_id in stores.order_by("pk").values_list("pk", flat=True):
        while True:
            with transaction.atomic():
                number = _remove_batch(spec, run, store_id, size)
            removed += number
            if number < size:
                break
    return removed


def _remove_batch(spec: FileSpec, run: Run, store_id: int, size: int) -> int:
    execute(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {REMOVED} (id bigint PRIMARY KEY)",
        f"DELETE FROM {REMOVED}",
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {REMOVED} (id) SELECT id FROM {spec.table}
            WHERE store_id = %s AND source_at < %s ORDER BY id LIMIT %s""",
            [store_id, run.at_epoch, size],
        )
        number = int(cursor.rowcount)
    if number:
        _delete(spec)
    return number


def _delete(spec: FileSpec) -> None:
    listed = f"(SELECT id FROM {REMOVED})"
    empty_touched()
    if spec.model is Order:
        touch_orders_in(table=REMOVED)
        delete_orders(REMOVED)
        return
    if spec.parent is Parent.ORDER:
        execute(f"INSERT INTO {TOUCHED} (id) SELECT DISTINCT order_id FROM {spec.table} WHERE id IN {listed}")
    elif spec.model is CopyrightComplaint:
        execute(
            f"""INSERT INTO stores_touched (kind, store_id, subject_id)
            SELECT 'complaint', store_id, id FROM {spec.table} WHERE id IN {listed}"""
        )
    elif spec.name == "listings":
        execute(
            f"""INSERT INTO {TOUCHED} (id) SELECT DISTINCT o.id FROM orders_order o
            JOIN {spec.table} l ON l.store_id = o.store_id AND l.sku = o.sku
            WHERE l.id IN {listed} AND o.category = ''"""
        )
    execute(f"DELETE FROM {spec.table} WHERE id IN {listed}")
    if spec.parent is Parent.ORDER:
        settle_orders(table=TOUCHED)
    touch_orders_in(table=TOUCHED)


def delete_orders(table: str) -> None:
    """Delete the orders whose ids stand in ``table``, with all that hangs on them."""
    for model in ORDER_CHILDREN:
        execute(f"DELETE FROM {model._meta.db_table} WHERE order_id IN (SELECT id FROM {table})")
    execute(f"DELETE FROM orders_order WHERE id IN (SELECT id FROM {table})")
