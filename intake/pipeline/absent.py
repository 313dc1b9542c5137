"""Rows that a complete export no longer has were deleted at the source (IX-02: ``complete``)."""

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from core.deleting import delete_rows
from core.dirty import touch_orders_in
from core.sql import SQL
from disputes.models import CopyrightComplaint
from intake.canonical import FileSpec, Parent
from intake.models import WaitingRow
from intake.pipeline.after_export import judge_facts
from intake.pipeline.context import IntakeContext
from intake.pipeline.followups import TOUCHED, empty_touched
from intake.pipeline.temporary import empty_table, execute
from orders.models import Order
from orders.settling import settle_orders
from stores.models import Store

REMOVED = "intake_removed"


def remove_absent(spec: FileSpec, context: IntakeContext, store_nos: set[str], size: int) -> int:
    """Delete the stores' rows of one file that an older export brought; returns how many. A transaction per batch."""
    stores = Store.objects.filter(store_no__in=store_nos)
    if not context.is_operator:
        stores = stores.filter(company_id__in=context.companies or ())
    theirs = stores.filter(store_no=OuterRef("store_no"), company=OuterRef("company"))
    WaitingRow.objects.filter(Exists(theirs), kind=spec.name, source_at__lt=context.at).delete()
    removed = 0
    for store_id in stores.order_by("pk").values_list("pk", flat=True):
        while True:
            with transaction.atomic():
                number = _remove_batch(spec, context, store_id, size)
            removed += number
            if number < size:
                break
    return removed


def _remove_batch(spec: FileSpec, context: IntakeContext, store_id: int, size: int) -> int:
    empty_table(REMOVED, "id bigint PRIMARY KEY")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {REMOVED} (id) SELECT id FROM {spec.table}
            WHERE store_id = %s AND source_at < %s ORDER BY id LIMIT %s""",
            [store_id, context.at_epoch, size],
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
        delete_rows(Order, SQL(f"id IN {listed}"))
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
    delete_rows(spec.model, SQL(f"id IN {listed}"))
    if spec.parent is Parent.ORDER:
        settle_orders(table=TOUCHED)
        judge_facts(TOUCHED)
    touch_orders_in(table=TOUCHED)
