"""Imports, their files and rows that wait, which go with their store or company (IX-03)."""

from intake.filing import remove_inbox
from intake.models import Import, WaitingRow
from intake.storage import remove_files
from stores.models import Company, Store
from stores.purging import on_company_purge, on_store_purge


def remove_waiting(store: Store, most: int) -> int:
    """Delete rows that wait in a store of their company."""
    rows = WaitingRow.objects.filter(store_no=store.store_no, company=store.company_id)
    ids = list(rows.values_list("pk", flat=True)[:most])
    WaitingRow.objects.filter(pk__in=ids).delete()
    return len(ids)


def remove_all_waiting(company: Company) -> int:
    """Delete rows of a company that wait for stores that never came."""
    return WaitingRow.objects.filter(company=company).delete()[0]


def remove_imports(company: Company) -> int:
    """Delete a company's imports, with their files on disk."""
    jobs = Import.objects.filter(company=company)
    for job in jobs:
        remove_files(job)
        job.files.all().delete()
    return jobs.delete()[0]


on_store_purge("waiting rows", remove_waiting)
on_company_purge("waiting rows", remove_all_waiting)
on_company_purge("imports", remove_imports)
on_company_purge("files of the watched folder", remove_inbox)
