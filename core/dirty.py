"""The append-only log of subjects whose stored rows changed (MX-02)."""

from collections.abc import Iterable

from django.db import connection

from core.models import Touched


def touch_orders(*, order_ids: Iterable[int], store_id: int) -> None:
    """Put orders of one store in the touched log; call it in the transaction of the change."""
    Touched.objects.bulk_create(
        [Touched(kind=Touched.Kind.ORDER, store_id=store_id, subject_id=order_id) for order_id in order_ids]
    )


def touch_stores(*, store_ids: Iterable[int]) -> None:
    """Put stores in the touched log whose category, status or feeds changed: means over stores have other members."""
    Touched.objects.bulk_create(
        [Touched(kind=Touched.Kind.STORE, store_id=store_id, subject_id=store_id) for store_id in store_ids]
    )


def touch_orders_in(*, table: str) -> None:
    """The same, set-based: ``table`` is a (temporary) table with the order ids in its column ``id``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO stores_touched (kind, store_id, subject_id) "
            f"SELECT 'order', o.store_id, o.id FROM orders_order o JOIN {table} t ON t.id = o.id"
        )
