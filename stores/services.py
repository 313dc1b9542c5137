"""What changes in companies and stores, and the event log that keeps it (DM-33)."""

from datetime import datetime
from typing import Any

from stores.models import Event

# The actor of what the system does by itself (DM-04).
SYSTEM = "system"


def record_event(
    *,
    kind: str,
    subject_kind: str,
    subject_key: str,
    actor: str,
    at: datetime,
    store_no: str = "",
    company_no: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    cause: str = "",
    request_id: str = "",
) -> Event:
    """Append an event in the caller's transaction (DM-33). No personal data in before and after."""
    return Event.objects.create(
        kind=kind,
        subject_kind=subject_kind,
        subject_key=subject_key,
        actor=actor,
        at=at,
        store_no=store_no,
        company_no=company_no,
        before=before or {},
        after=after or {},
        cause=cause,
        request_id=request_id,
    )
