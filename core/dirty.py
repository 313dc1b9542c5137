"""The append-only log of subjects whose stored rows changed (MX-02)."""

from collections.abc import Iterable

from django.db import connection

from core.models import DirtySubject
from core.sql import SQL, Composable, Literal, execute


def mark_orders_dirty(*, order_ids: Iterable[int], store_id: int) -> None:
    """Put orders of one store in the dirty log; call it in the transaction of the change."""
    DirtySubject.objects.bulk_create(
        [DirtySubject(kind=DirtySubject.Kind.ORDER, store_id=store_id, subject_id=order_id) for order_id in order_ids]
    )


def mark_complaints_dirty(*, complaint_ids: Iterable[int], store_id: int) -> None:
    """The same for copyright complaints."""
    kind = DirtySubject.Kind.COMPLAINT
    DirtySubject.objects.bulk_create(
        [DirtySubject(kind=kind, store_id=store_id, subject_id=complaint_id) for complaint_id in complaint_ids]
    )


def mark_stores_dirty(*, store_ids: Iterable[int]) -> None:
    """Put stores in the dirty log whose category, status or feeds changed: means over stores have other members."""
    DirtySubject.objects.bulk_create(
        [DirtySubject(kind=DirtySubject.Kind.STORE, store_id=store_id, subject_id=store_id) for store_id in store_ids]
    )


def mark_dirty(*, kind: DirtySubject.Kind, subjects: Composable) -> None:
    """The same, set-based: ``subjects`` is a SELECT of store ids and subject ids."""
    dirty = SQL("INSERT INTO stores_touched (kind, store_id, subject_id) SELECT {kind}, s.* FROM ({subjects}) s")
    with connection.cursor() as cursor:
        execute(cursor, dirty.format(kind=Literal(str(kind)), subjects=subjects))
