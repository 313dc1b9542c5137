"""The append-only event log (DM-33)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog

from core.models import Event

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
    """Append an event in the caller's transaction (DM-33). No personal data in before and after.

    Without ``request_id`` the id of the request or job at hand is taken, the one that the logs carry too.
    """
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
        request_id=request_id or _present_id(),
    )


def record_events(events: Sequence[Event]) -> None:
    """Append many unsaved events in the caller's transaction, in order; as `record_event` otherwise (DM-33)."""
    present = _present_id()
    for event in events:
        event.request_id = event.request_id or present
    Event.objects.bulk_create(events, batch_size=1000)


def _present_id() -> str:
    bound = structlog.contextvars.get_contextvars()
    return str(bound.get("request_id") or bound.get("job_id") or "")
