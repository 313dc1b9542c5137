"""Evidence goes with its company (IX-03)."""

from evidence.models import EvidenceFile
from evidence.services.previewing import remove_previews
from evidence.storage import files_of, remove_file
from stores.models import Company
from stores.purging import on_company_purge


def remove_evidence(company: Company) -> int:
    """Delete a company's files, those without a row too, then their rows. Appeals went with the stores before."""
    for sha256 in files_of(company.pk):
        remove_file(company.pk, sha256)
    remove_previews(company.pk)
    return EvidenceFile.objects.filter(company=company).delete()[0]


on_company_purge("evidence files", remove_evidence)
