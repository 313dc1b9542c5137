"""Events about a client."""

from datetime import datetime
from typing import Any

from api.models import ApiClient
from core.events import record_event


def record_client_event(
    kind: str,
    client: ApiClient,
    actor: str,
    at: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Record what became of a client or its grants."""
    record_event(
        kind=kind,
        subject_kind="api_client",
        subject_key=client.client_id,
        company_no=client.company.company_no,
        actor=actor,
        at=at,
        before=before,
        after=after,
        cause="IX-20",
    )
