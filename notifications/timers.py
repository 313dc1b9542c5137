"""What happens when a notice's countdown lapses (DM-27, PN-03, PN-08, PN-10)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from core.deadlines import follow_deadlines, on_lapse
from core.models import Deadline
from notifications.models import Notice
from notifications.queries.notices import APPEAL, MEASURE_DUE, MENDED, PLAN_DUE, PLAN_VERIFY, VIEW, numbered_notices
from notifications.services.complaints import rectify_complaints
from notifications.services.deliveries import CHAIN
from notifications.services.lifecycle import waive_appeals
from notifications.services.plans import fail_overdue_plans, remind_of_measures, verify_plans
from notifications.services.reminding import (
    REMINDER,
    Chain,
    Reminders,
    about_notices,
    continue_chains,
    remind_of,
    send_reminders,
)
from rulebook.policy import Policy


@on_lapse(VIEW, holds_owner=True)
def waive_unopened(deadlines: Sequence[Deadline]) -> None:
    """Red notices that nobody opened in time lose their appeal."""
    waive_appeals(due=_notices(deadlines))


@on_lapse(APPEAL, holds_owner=True)
def close_appeal_window(deadlines: Sequence[Deadline]) -> None:
    """The window is closed by the lapse itself, which the audit trail keeps: nothing else changes."""


@on_lapse(PLAN_DUE, holds_owner=True)
def fail_plans(deadlines: Sequence[Deadline]) -> None:
    """Plans that were not handed in in time have failed."""
    fail_overdue_plans(due=_notices(deadlines))


@on_lapse(PLAN_VERIFY, holds_owner=True)
def judge_plans(deadlines: Sequence[Deadline]) -> None:
    """The time of plans that were handed in is over."""
    verify_plans(due=_notices(deadlines))


@on_lapse(MENDED, holds_owner=True)
def rectify_copyright(deadlines: Sequence[Deadline]) -> None:
    """No listing shows the images complained about for long enough (PN-24, PN-33)."""
    rectify_complaints(due=dict(_notices(deadlines)))


@on_lapse(MEASURE_DUE, is_recorded=False)
def remind_of_due_measures(deadlines: Sequence[Deadline]) -> None:
    """The day of measures has come: those responsible are reminded."""
    remind_of_measures(due={deadline.subject: deadline.due_at for deadline in deadlines})


def _notices(deadlines: Sequence[Deadline]) -> Mapping[Notice, datetime]:
    """The notices of deadlines with the instants that were due."""
    notices = numbered_notices([row.subject_key for row in deadlines])
    return {notices[row.subject_key]: row.due_at for row in deadlines if row.subject_key in notices}


@on_lapse(REMINDER, is_recorded=False)
def remind(deadlines: Sequence[Deadline]) -> None:
    """Remind of deadlines that end soon."""
    send_reminders(deadlines)


@on_lapse(CHAIN, is_recorded=False)
def tell_next_people(deadlines: Sequence[Deadline]) -> None:
    """Nobody has opened a red notice for some hours: the next people are told."""
    continue_chains(deadlines)


def _view_hours(policy: Policy) -> list[int]:
    """Reminders of unopened notices are counted from the trigger (PN-03)."""
    return [policy.notices.open_hours - hours for hours in policy.notices.open_reminder_hours]


remind_of(Reminders(VIEW, _view_hours, about_notices))
remind_of(Reminders(APPEAL, lambda policy: policy.appeals.reminder_hours, about_notices))
remind_of(Reminders(PLAN_DUE, lambda policy: policy.beyond.reminder_hours, about_notices))
follow_deadlines(VIEW, Chain())
