"""The append-only log of subjects whose stored rows changed (MX-02)."""

from collections.abc import Iterable

from django.db import connection

from core.models import Touched
from core.sql import SQL, Composable, Literal, execute


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


def touch_selected(*, kind: Touched.Kind, subjects: Composable) -> None:
    """The same, set-based: ``subjects`` is a SELECT of store ids and subject ids."""
    touched = SQL("INSERT INTO stores_touched (kind, store_id, subject_id) SELECT {kind}, s.* FROM ({subjects}) s")
    with connection.cursor() as cursor:
        execute(cursor, touched.format(kind=Literal(str(kind)), subjects=subjects))
