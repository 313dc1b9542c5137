"""Running the Smart Check for a page (PN-28)."""

from datetime import datetime

from appeals.checks.checking import check_appeal
from appeals.checks.findings import Finding
from appeals.models import Appeal
from evidence.models import EvidenceFile
from evidence.services.examining import examine_file

# A worker examines files as they come; a page waits for few of those that it has not come to yet.
MOST_AT_ONCE = 2


def run_check(*, appeal: Appeal, at: datetime) -> list[Finding]:
    """Check an appeal as it is, after examining files of it that still wait for that. Not within a transaction: a file
    takes seconds."""
    waiting = EvidenceFile.objects.filter(appeal_files__appeal=appeal, examined_at__isnull=True)
    for file in waiting.order_by("pk")[:MOST_AT_ONCE]:
        examine_file(file=file, at=at)
    return check_appeal(appeal, at)
