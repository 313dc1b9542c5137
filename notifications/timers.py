"""What happens when a notice's countdown lapses (DM-27, PN-03, PN-08)."""

from collections.abc import Sequence

from core.deadlines import on_lapse
from core.models import Deadline
from notifications.models import Notice
from notifications.queries.notices import APPEAL, VIEW
from notifications.services.lifecycle import waive_appeal


@on_lapse(VIEW)
def waive_unopened(deadlines: Sequence[Deadline]) -> None:
    """A red notice that nobody opened in time loses its appeal."""
    found = Notice.objects.select_related("store__company").filter(number__in=[row.subject_key for row in deadlines])
    notices = {notice.number: notice for notice in found}
    for deadline in deadlines:
        if deadline.subject_key in notices:
            waive_appeal(notice=notices[deadline.subject_key], at=deadline.due_at)


@on_lapse(APPEAL)
def close_appeal_window(deadlines: Sequence[Deadline]) -> None:
    """The window is closed by the lapse itself, which the audit trail keeps: nothing else changes."""
