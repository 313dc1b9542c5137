"""Issuing notices: number, snapshot, deadlines and events in one transaction (PN-01)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F

from core.deadlines import open_deadlines
from core.events import SYSTEM, record_events
from core.models import Event
from core.sql import draw_ids
from notifications.following import tell_followers
from notifications.models import Notice, NoticeCounter
from notifications.queries.notices import APPEAL, SUBJECT, VIEW
from notifications.rules import NoticeLevel, State, number_of
from notifications.services.findings import Draft
from notifications.services.lifecycle import notice_event
from notifications.services.snapshots import result_columns, snapshot_arithmetic, snapshot_orders
from rulebook.policy import Policy
from rulebook.queries import policy_at
from stores.models import Store

CAUSES = {NoticeLevel.YELLOW: "PN-05", NoticeLevel.RED: "PN-04"}
NOTICES_AT_ONCE = 500


def issue_notices(*, drafts: Sequence[Draft], policy: Policy, at: datetime) -> int:
    """Issue the notices of one day in the order of the drafts, judged by ``policy``; returns how many.

    Call it in a transaction that holds the stores' rows. The day's counter, which all stores share, is locked
    as late as possible: what takes long is written before.
    """
    if not drafts:
        return 0
    snapshots = snapshot_arithmetic([draft.finding for draft in drafts], policy)
    notices = [
        _notice(draft, pk, snapshot, at)
        for draft, pk, snapshot in zip(drafts, _draw_ids(len(drafts)), snapshots, strict=True)
    ]
    snapshot_orders(notices)
    for notice, number in zip(notices, take_numbers(notices[0].day, len(notices)), strict=True):
        notice.number = number
    Notice.objects.bulk_create(notices, batch_size=NOTICES_AT_ONCE)
    record_events([_issued(draft, notice, at) for draft, notice in zip(drafts, notices, strict=True)])
    open_notice_deadlines([notice for notice in notices if notice.state == State.ISSUED], at)
    tell_followers(notices, at)
    return len(notices)


def take_numbers(day: date, count: int) -> list[str]:
    """The next numbers of a performance day. The counter's row is held until the transaction ends, so numbers have no
    gaps: a transaction that fails gives its numbers back."""
    NoticeCounter.objects.bulk_create([NoticeCounter(day=day)], ignore_conflicts=True)
    NoticeCounter.objects.filter(day=day).update(last=F("last") + count)
    last = NoticeCounter.objects.values_list("last", flat=True).get(day=day)
    return [number_of(day, place, settings.CELL_MARK) for place in range(last - count + 1, last + 1)]


def _draw_ids(count: int) -> list[int]:
    """Ids for notices ahead of their insert: their orders are written first, which takes longest."""
    with connection.cursor() as cursor:
        return draw_ids(cursor, Notice._meta.db_table, count)


def _notice(draft: Draft, pk: int, snapshot: Mapping[str, Any], at: datetime) -> Notice:
    """The notice without its number."""
    finding = draft.finding
    return Notice(
        pk=pk,
        store=finding.store,
        metric=finding.code,
        level=finding.level,
        day=finding.row.day,
        triggered_at=at,
        state=draft.state,
        historical=draft.state == State.HISTORICAL,
        predicted=finding.store.mode == Store.Mode.MIRRORED,
        replaces=draft.replaces,
        policy_version=finding.row.policy_version,
        snapshot=snapshot,
        **result_columns(finding.row.scorecard[finding.code]),
    )


def _issued(draft: Draft, notice: Notice, at: datetime) -> Event:
    kind = "notice.issued" if draft.state == State.ISSUED else f"notice.{draft.state}"
    after = {
        "metric": notice.metric,
        "level": draft.finding.level,
        "day": notice.day.isoformat(),
        "state": draft.state,
    }
    if notice.replaces is not None:
        after["replaces"] = notice.replaces.number
    return notice_event(kind, notice, actor=SYSTEM, at=at, cause=CAUSES[draft.finding.level], after=after)


def open_notice_deadlines(notices: Sequence[Notice], at: datetime) -> None:
    """A red notice must be opened in time; every notice can be appealed for some days, counted from its trigger
    (PN-03, PN-08)."""
    if not notices:
        return
    policy = policy_at(at)
    deadlines = (
        (APPEAL, timedelta(days=policy.appeals.window_days), notices),
        (VIEW, timedelta(hours=policy.notices.open_hours), [one for one in notices if one.level == NoticeLevel.RED]),
    )
    for kind, time, running in deadlines:
        due = {(notice.store_id, notice.number): notice.triggered_at + time for notice in running}
        open_deadlines(kind=kind, subject_kind=SUBJECT, due=due, at=at)
