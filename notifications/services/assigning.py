"""Who in the company looks after a notice, and what they write to each other about it (PN-13)."""

from datetime import datetime

from django.db import transaction

from core.events import record_events
from notifications.models import Notice, NoticeNote
from notifications.queries.team import team_of
from notifications.services.lifecycle import notice_event
from stores.models import User
from stores.principals import Person


class NotAMemberError(ValueError):
    """A notice can be assigned to members of its company only."""


@transaction.atomic
def assign_notice(*, notice: Notice, assignee: User | None, at: datetime, actor: str) -> bool:
    """Make a member responsible for a notice, or nobody; False where that was so already (RL-06).

    ``notice`` has its store and company loaded. Raises NotAMemberError.
    """
    if assignee is not None and not team_of(notice.store).filter(pk=assignee.pk).exists():
        raise NotAMemberError(assignee.pk)
    row = Notice.objects.select_for_update(no_key=True).get(pk=notice.pk)
    if row.assignee == assignee:
        return False
    Notice.objects.filter(pk=notice.pk).update(assignee=assignee)
    notice.assignee = assignee
    states = {name: {"assignee": _actor(user)} for name, user in (("before", row.assignee), ("after", assignee))}
    record_events([notice_event("notice.assigned", notice, actor=actor, at=at, cause="PN-13", **states)])
    return True


def _actor(user: User | None) -> str:
    return "" if user is None else Person(user).actor


@transaction.atomic
def write_note(*, notice: Notice, text: str, author: User, at: datetime) -> NoticeNote:
    """Add a note for the colleagues; notes are never changed. The event says that there is one, not what it says."""
    note = NoticeNote.objects.create(notice=notice, author=author, at=at, text=text)
    record_events([notice_event("notice.noted", notice, actor=Person(author).actor, at=at, cause="PN-13")])
    return note
