"""What happens when a notice's countdown lapses (DM-27, PN-03, PN-08)."""

from core.deadlines import on_lapse
from core.models import Deadline
from notifications.models import Notice
from notifications.queries.notices import APPEAL, VIEW
from notifications.services.lifecycle import waive_appeal


@on_lapse(VIEW)
def waive_unopened(deadline: Deadline) -> None:
    """A red notice that nobody opened in time loses its appeal."""
    notice = Notice.objects.select_related("store__company").filter(number=deadline.subject_key).first()
    if notice is not None:
        waive_appeal(notice=notice, at=deadline.due_at)


@on_lapse(APPEAL)
def close_appeal_window(deadline: Deadline) -> None:
    """The window is closed by the lapse itself, which the audit trail keeps: nothing else changes."""
