"""Files given with an answer to a refund, or with the inspection of a return (TM-12, TM-13)."""

from collections.abc import Iterable
from datetime import datetime

from evidence.models import EvidenceFile
from orders.models import Refund, RefundFile, ReturnFile, ReturnParcel


def attach_to_refund(*, refund: Refund, files: Iterable[EvidenceFile], at: datetime) -> None:
    """Keep files with a refund; one that is attached already stays."""
    rows = [RefundFile(refund=refund, file=file, name=file.name, added_at=at) for file in files]
    RefundFile.objects.bulk_create(rows, ignore_conflicts=True)


def attach_to_return(*, parcel: ReturnParcel, files: Iterable[EvidenceFile], at: datetime) -> None:
    """Keep files with a return; one that is attached already stays."""
    rows = [ReturnFile(parcel=parcel, file=file, name=file.name, added_at=at) for file in files]
    ReturnFile.objects.bulk_create(rows, ignore_conflicts=True)


def detach_from_refund(*, refund: Refund, file_id: int) -> None:
    """Take a file off a refund that is not answered yet."""
    RefundFile.objects.filter(refund=refund, file=file_id).delete()


def detach_from_return(*, parcel: ReturnParcel, file_id: int) -> None:
    """Take a file off a return that is not inspected yet."""
    ReturnFile.objects.filter(parcel=parcel, file=file_id).delete()
