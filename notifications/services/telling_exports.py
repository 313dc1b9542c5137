"""People are told that a list which was prepared for them is ready, or could not be made (IX-13)."""

from collections.abc import Sequence

from core.models import Event
from exports.models import ExportJob
from notifications.models import InboxMessage
from notifications.rules import MessageGroup
from notifications.services.messages import post_messages

READY, FAILED = "export.ready", "export.failed"
TOLD_KINDS = (READY, FAILED)


def tell_of_exports(events: Sequence[Event]) -> None:
    """One message to who asked. Messages belong to stores, so lists of no store are told on their own page alone."""
    found = ExportJob.objects.filter(store__isnull=False).select_related("store")
    jobs = found.in_bulk([int(event.subject_key) for event in events])
    messages = []
    for event in events:
        job = jobs.get(int(event.subject_key))
        if job is None or job.company_id is None or job.store is None:
            continue
        messages.append(
            InboxMessage(
                company_id=job.company_id,
                store=job.store,
                recipient_id=job.person_id,
                kind=event.kind,
                group=MessageGroup.NEWS,
                event=f"{event.kind} {job.pk}",
                parameters={"export": job.pk, "name": job.name, "rows": job.rows_total},
                at=event.at,
            )
        )
    post_messages(messages)
