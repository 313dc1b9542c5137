"""Who read which file, in the audit trail (AP-03)."""

from datetime import datetime
from typing import Any

from core.events import record_event
from core.models import Event
from core.timebase import performance_day, performance_day_start
from evidence.models import EvidenceFile
from stores.principals import Principal


def record_download(*, file: EvidenceFile, principal: Principal, at: datetime) -> None:
    """Record that the original left."""
    record_event(at=at, **_access("evidence.downloaded", file, principal))


def record_view(*, file: EvidenceFile, principal: Principal, at: datetime) -> None:
    """Record that pages were looked at: once per person, file and performance day, however many pages."""
    access, today = _access("evidence.viewed", file, principal), performance_day_start(performance_day(at))
    if not Event.objects.filter(at__gte=today, **access).exists():
        record_event(at=at, **access)


def _access(kind: str, file: EvidenceFile, principal: Principal) -> dict[str, Any]:
    return {
        "kind": kind,
        "subject_kind": "evidence",
        "subject_key": str(file.pk),
        "company_no": file.company.company_no,
        "actor": principal.actor,
        "cause": "AP-03",
    }
