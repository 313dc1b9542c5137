"""What happens when a notice's countdown lapses (DM-27, PN-03, PN-08, PN-10)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from core.deadlines import on_lapse
from core.models import Deadline
from notifications.models import Notice
from notifications.queries.notices import APPEAL, PLAN_DUE, PLAN_VERIFY, VIEW, numbered_notices
from notifications.services.lifecycle import waive_appeals
from notifications.services.plans import fail_overdue_plans, verify_plans


@on_lapse(VIEW)
def waive_unopened(deadlines: Sequence[Deadline]) -> None:
    """Red notices that nobody opened in time lose their appeal."""
    waive_appeals(due=_notices(deadlines))


@on_lapse(APPEAL)
def close_appeal_window(deadlines: Sequence[Deadline]) -> None:
    """The window is closed by the lapse itself, which the audit trail keeps: nothing else changes."""


@on_lapse(PLAN_DUE)
def fail_plans(deadlines: Sequence[Deadline]) -> None:
    """Plans that were not handed in in time have failed."""
    fail_overdue_plans(due=_notices(deadlines))


@on_lapse(PLAN_VERIFY)
def judge_plans(deadlines: Sequence[Deadline]) -> None:
    """The time of plans that were handed in is over."""
    verify_plans(due=_notices(deadlines))


def _notices(deadlines: Sequence[Deadline]) -> Mapping[Notice, datetime]:
    """The notices of deadlines with the instants that were due."""
    notices = numbered_notices([row.subject_key for row in deadlines])
    return {notices[row.subject_key]: row.due_at for row in deadlines if row.subject_key in notices}
