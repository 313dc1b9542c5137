"""Running the Smart Check for a page (PN-28)."""

from datetime import datetime

from appeals.checks.checking import check_appeal
from appeals.checks.findings import Finding
from appeals.models import Appeal
from evidence.models import EvidenceFile
from evidence.services.examining import examine_file

# A worker examines files as they come; a page waits for few of those that it has not come to yet.
MOST_AT_ONCE = 2


def examine_files(*, appeal: Appeal, at: datetime, most: int | None = None) -> None:
    """Examine files of an appeal that still wait for that, so that what is handed in is checked. Not within a
    transaction: a file takes seconds."""
    waiting = EvidenceFile.objects.filter(appeal_files__appeal=appeal, examined_at__isnull=True)
    for file in waiting.order_by("pk")[:most]:
        examine_file(file=file, at=at)


def run_check(*, appeal: Appeal, at: datetime) -> list[Finding]:
    """Check an appeal as it is, after examining some of the files that still wait for it."""
    examine_files(appeal=appeal, at=at, most=MOST_AT_ONCE)
    return check_appeal(appeal, at)
