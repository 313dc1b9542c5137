"""Exports go with their store or company, files first (IX-03)."""

from django.db.models import Q

from exports.models import ExportJob
from stores.models import Company, Store
from stores.purging import on_company_purge, on_store_purge


def remove_exports_of_store(store: Store, most: int) -> int:
    """Delete exports of a store's lists."""
    jobs = list(ExportJob.objects.filter(store=store)[:most])
    return _remove(jobs)


def remove_exports_of_company(company: Company) -> int:
    """Delete what is left of a company's exports."""
    return _remove(list(ExportJob.objects.filter(Q(company=company) | Q(store__company=company))))


def _remove(jobs: list[ExportJob]) -> int:
    for job in jobs:
        job.path.unlink(missing_ok=True)
    return ExportJob.objects.filter(pk__in=[job.pk for job in jobs]).delete()[0]


on_store_purge("exports", remove_exports_of_store)
on_company_purge("exports", remove_exports_of_company)
