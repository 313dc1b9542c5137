"""Running the Smart Check for a page (PN-28)."""

from datetime import datetime

from appeals.checks.checking import check_appeal
from appeals.checks.findings import Finding
from appeals.models import Appeal
from evidence.models import EvidenceFile
from evidence.services.examining import examine_file


def run_check(*, appeal: Appeal, at: datetime) -> list[Finding]:
    """Check an appeal as it is, after examining those of its files that still wait for it. Not within a transaction: a
    file takes seconds."""
    for file in EvidenceFile.objects.filter(appeal_files__appeal=appeal, examined_at__isnull=True):
        examine_file(file=file, at=at)
    return check_appeal(appeal, at)
