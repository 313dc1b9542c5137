"""Files given with an answer to a refund, or with the inspection of a return (TM-12, TM-13)."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from evidence.models import EvidenceFile
from evidence.queries import evidence_limits
from orders.models import Refund, RefundFile, ReturnFile, ReturnParcel
from orders.queries.refunds import Clocked, clocked_refunds, clocked_returns

R = TypeVar("R", Refund, ReturnParcel)


class StaleProofsError(Exception):
    """The refund was answered, the return inspected, or the time for it is over: the files stay as they are."""


class TooManyProofsError(Exception):
    """As many files as an answer may have."""


def attach_to_refund(*, refund: Refund, files: Iterable[EvidenceFile], at: datetime) -> None:
    """Keep files with a refund; one that is attached already stays."""
    rows = [RefundFile(refund=refund, file=file, name=file.name, added_at=at) for file in files]
    RefundFile.objects.bulk_create(rows, ignore_conflicts=True)


def attach_to_return(*, parcel: ReturnParcel, files: Iterable[EvidenceFile], at: datetime) -> None:
    """Keep files with a return; one that is attached already stays."""
    rows = [ReturnFile(parcel=parcel, file=file, name=file.name, added_at=at) for file in files]
    ReturnFile.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def add_refund_proof(*, refund: Refund, file: EvidenceFile, at: datetime) -> None:
    """Add a file to a refund that can still be answered. Raises StaleProofsError, TooManyProofsError."""
    _hold_open(refund, clocked_refunds, at)
    _check_room(set(refund.files.values_list("file", flat=True)), file, at)
    attach_to_refund(refund=refund, files=[file], at=at)


@transaction.atomic
def add_return_proof(*, parcel: ReturnParcel, file: EvidenceFile, at: datetime) -> None:
    """Add a file to a return that can still be inspected. Raises StaleProofsError, TooManyProofsError."""
    _hold_open(parcel, clocked_returns, at)
    _check_room(set(parcel.files.values_list("file", flat=True)), file, at)
    attach_to_return(parcel=parcel, files=[file], at=at)


@transaction.atomic
def remove_refund_proof(*, refund: Refund, file_id: int, at: datetime) -> None:
    """Take a file off a refund that can still be answered. Raises StaleProofsError."""
    _hold_open(refund, clocked_refunds, at)
    RefundFile.objects.filter(refund=refund, file=file_id).delete()


@transaction.atomic
def remove_return_proof(*, parcel: ReturnParcel, file_id: int, at: datetime) -> None:
    """Take a file off a return that can still be inspected. Raises StaleProofsError."""
    _hold_open(parcel, clocked_returns, at)
    ReturnFile.objects.filter(parcel=parcel, file=file_id).delete()


def hold(row: R) -> R:
    """Lock a refund or a return until the transaction ends, and read it again: an answer and a change of its files come
    one after the other."""
    return type(row)._default_manager.select_for_update(no_key=True).get(pk=row.pk)


def _hold_open(row: R, clocked: Callable[[Iterable[R], datetime], list[Clocked[R]]], at: datetime) -> None:
    if clocked([hold(row)], at)[0].due is None:
        raise StaleProofsError


def _check_room(present: set[int], file: EvidenceFile, at: datetime) -> None:
    if file.pk not in present and len(present) >= evidence_limits(at).max_files:
        raise TooManyProofsError
