"""Rows that a complete export no longer has were deleted at the source (IX-02: ``complete``)."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from core.deleting import delete_rows
from core.dirty import mark_dirty
from core.models import DirtySubject
from core.sql import SQL, Identifier, Parameter
from core.sql import execute as execute_with
from disputes.models import CopyrightComplaint
from disputes.services.complaints import report_complaints
from disputes.services.images import end_shown_images
from intake.canonical import FileSpec, Parent
from intake.models import CompleteExport, WaitingRow
from intake.pipeline.after_export import judge_facts
from intake.pipeline.context import IntakeContext
from intake.pipeline.followups import DIRTY, derive_clocks_in, empty_dirty
from intake.pipeline.temporary import empty_table, execute, fetch, mark_orders_dirty_in
from orders.deriving import derive_orders
from orders.models import Order
from stores.models import Store

REMOVED = "intake_removed"
IS_REMOVED = SQL("id IN (SELECT id FROM intake_removed)")


def remove_absent(spec: FileSpec, context: IntakeContext, store_nos: set[str], size: int) -> int:
    """Delete the stores' rows of one file that an older export brought; returns how many. A transaction per batch."""
    stores = Store.objects.filter(store_no__in=store_nos)
    if not context.is_operator:
        stores = stores.filter(company_id__in=context.companies or ())
    _note_complete(spec, context, stores)
    _drop_waiting(spec, context, stores)
    removed = 0
    for store_id in stores.order_by("pk").values_list("pk", flat=True):
        while True:
            with transaction.atomic():
                number = _remove_batch(spec, context, store_id, size)
            removed += number
            if number < size:
                break
    return removed


def _note_complete(spec: FileSpec, context: IntakeContext, stores: QuerySet[Store]) -> None:
    """Before anything is deleted, so that no older export that is taken in meanwhile brings it back."""
    exports = [CompleteExport(store=store, kind=spec.name, at=context.at) for store in stores.order_by("pk")]
    with transaction.atomic():
        CompleteExport.objects.bulk_create(exports, ignore_conflicts=True)
        earlier = CompleteExport.objects.filter(store__in=stores, kind=spec.name, at__lt=context.at)
        earlier.update(at=context.at)


def _drop_waiting(spec: FileSpec, context: IntakeContext, stores: QuerySet[Store]) -> None:
    """Delete older rows that wait: those of the file, and, after one of orders, those of orders that never came."""
    theirs = stores.filter(store_no=OuterRef("store_no"), company=OuterRef("company"))
    waiting = WaitingRow.objects.filter(Exists(theirs), source_at__lt=context.at)
    waiting.filter(kind=spec.name).delete()
    if spec.model is Order:
        order = Order.objects.filter(store__store_no=OuterRef("store_no"), order_no=OuterRef("order_no"))
        waiting.exclude(order_no="").exclude(Exists(order)).delete()


def _remove_batch(spec: FileSpec, context: IntakeContext, store_id: int, size: int) -> int:
    empty_table(REMOVED)
    with connection.cursor() as cursor:
        execute_with(
            cursor,
            SQL("""INSERT INTO intake_removed (id) SELECT id FROM {table}
            WHERE store_id = {store} AND source_at < {at} ORDER BY id LIMIT {size}""").format(
                table=Identifier(spec.table),
                store=Parameter(store_id),
                at=Parameter(context.at_epoch),
                size=Parameter(size),
            ),
        )
        number = int(cursor.rowcount)
    if number:
        _delete(spec, context.now)
    return number


def _delete(spec: FileSpec, at: datetime) -> None:
    table = Identifier(spec.table)
    empty_dirty()
    if spec.model is Order:
        mark_orders_dirty_in(REMOVED)
        delete_rows(Order, IS_REMOVED)
        return
    if spec.parent is Parent.ORDER:
        parents = SQL("""INSERT INTO intake_dirty (id) SELECT DISTINCT order_id FROM {table}
            WHERE id IN (SELECT id FROM intake_removed)""")
        execute(parents.format(table=table))
    elif spec.model is CopyrightComplaint:
        complaints = SQL("SELECT store_id, id FROM {table} WHERE id IN (SELECT id FROM intake_removed)")
        mark_dirty(kind=DirtySubject.Kind.COMPLAINT, subjects=complaints.format(table=table))
        rows = fetch(SQL("SELECT id, 'removed' FROM intake_removed"))
        report_complaints(complaints=dict(rows), at=at)
    elif spec.name == "listings":
        orders = SQL("""INSERT INTO intake_dirty (id) SELECT DISTINCT o.id FROM orders_order o
            JOIN {table} l ON l.store_id = o.store_id AND l.sku = o.sku
            WHERE l.id IN (SELECT id FROM intake_removed) AND o.category = ''""")
        execute(orders.format(table=table))
        end_shown_images(table=REMOVED, at=at)
    delete_rows(spec.model, IS_REMOVED)
    if spec.parent is Parent.ORDER:
        derive_orders(table=DIRTY, updated=True)
        judge_facts(DIRTY)
        derive_clocks_in(DIRTY, at)
    mark_orders_dirty_in(DIRTY)
