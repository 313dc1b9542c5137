"""What intake's tests share: writing small bundles, importing them, looking at the tables by natural keys."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.models import DirtySubject
from intake.models import Import, WaitingRow
from intake.pipeline.report import Report
from intake.services import Options, open_import, run_import
from orders.models import Order
from stores.models import Category, Company, FxRate, Listing, Store, StorePeriod

AS_OF = datetime(2024, 6, 1, tzinfo=UTC)
STORES = "store_no,name,company_no\nS1,First,C1\nS2,Second,C2\n"
HEADER_OF_ORDERS = "store_no,order_no,created_at,total_amount,currency"
ORDERS = (
    "store_no,order_no,created_at,paid_at,total_amount,currency\n"
    "S1,001,2024-05-01T10:00:00Z,2024-05-01T11:00:00Z,10.00,USD\n"
    "S1,002,2024-05-02T10:00:00+08:00,,12.34,USD\n"
)


def write(folder: Path, **files: str | bytes) -> Path:
    """A bundle's folder: file name without .csv → content."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / (f"{name}.json" if name == "manifest" else f"{name}.csv")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def take(path: Path, **options: Any) -> tuple[Import, Report]:
    """Import a path as an operator."""
    options.setdefault("as_of", AS_OF)
    job = open_import(path=path, options=Options(**options), actor="test", at=timezone.now())
    report = run_import(job)
    assert report is not None
    return job, report


def counts(report: Report, name: str) -> dict[str, int]:
    """The counts of one file that are not 0."""
    return {key: value for key, value in report.counts.get(name, {}).items() if value}


def errors(job: Import, name: str) -> list[dict[str, str]]:
    """The rows of an error CSV."""
    with (job.errors_folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def reasons(job: Import, name: str) -> list[tuple[str, str]]:
    """Column and reason of each refused row."""
    return [(row["column"], row["reason"]) for row in errors(job, name)]


@contextmanager
def undone() -> Iterator[None]:
    """What is written inside is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _rows(queryset: Any, keys: Sequence[str], leave_out: Sequence[str] = ()) -> list[tuple[Any, ...]]:
    hidden = {"id", "store_id", "order_id", "company_id", "job_id", "updated_at", *leave_out}
    names = [field.attname for field in queryset.model._meta.concrete_fields if field.attname not in hidden]
    return sorted(queryset.values_list(*keys, *names), key=repr)


def tables() -> dict[str, list[tuple[Any, ...]]]:
    """Every row that imports write, without ids, feeds and the times of the imports themselves."""
    from intake.canonical import FILES, Parent

    found = {
        "companies": _rows(Company.objects, []),
        "stores": _rows(Store.objects, ["company__company_no"]),
        "periods": _rows(StorePeriod.objects, ["store__store_no"]),
        "categories": _rows(Category.objects, []),
        "rates": _rows(FxRate.objects, []),
        "listings": _rows(Listing.objects, ["store__store_no"]),
        "orders": _rows(Order.objects, ["store__store_no"]),
        "waiting": _rows(WaitingRow.objects.exclude(kind="feed"), []),
    }
    for name, spec in FILES.items():
        if spec.parent is Parent.ORDER:
            found[name] = _rows(spec.model._default_manager, ["store__store_no", "order__order_no"])
        elif spec.parent is Parent.STORE and name not in found:
            found[name] = _rows(spec.model._default_manager, ["store__store_no"])
    return found


def dirty_orders() -> set[str]:
    """Order numbers in the dirty log."""
    ids = DirtySubject.objects.filter(kind="order").values_list("subject_id", flat=True)
    return set(Order.objects.filter(pk__in=list(ids)).values_list("order_no", flat=True))
