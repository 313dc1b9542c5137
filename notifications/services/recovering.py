"""Notices that end because their metric is back within its threshold: cleared or rectified (PN-18, PN-33)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from core.events import SYSTEM
from metrics.models import Published
from notifications.models import JudgedDay, Notice
from notifications.queries.notices import open_notices_of
from notifications.rules import NoticeLevel, State, is_within, may_move, streak_length
from notifications.services.lifecycle import move_notices
from rulebook.policy import Policy
from stores.models import Store

Scorecards = dict[int, dict[date, dict[str, Any]]]


def recover_notices(*, rows: Sequence[Published], codes: Collection[str], policy: Policy, at: datetime) -> int:
    """End the notices of stores for which one more judged day completes the days within bounds; returns how many.

    ``rows`` are what was published of that day. Days count that were judged, whatever their order, so a night that is
    caught up completes what the ones after it began. A day without a published value that says something breaks the
    row of days, as in MX-10.
    """
    standing = _recovering(rows, codes)
    if not standing:
        return 0
    day, scorecards = rows[0].day, _scorecards(rows, {notice.store_id for notice in standing}, policy)
    streaks = {notice.pk: _within(notice, scorecards[notice.store_id]) for notice in standing}
    cleared, rectified = [], []
    for notice in standing:
        within, last = streaks[notice.pk], notice.day + timedelta(days=policy.notices.clear_within_days)
        soon = {one for one in within if one <= last}
        if _may(notice, State.CLEARED) and streak_length(day, soon) >= policy.notices.clear_streak_days:
            cleared.append(notice)
        elif _may(notice, State.RECTIFIED) and streak_length(day, within) >= policy.notices.rectify_days:
            rectified.append(notice)
    _load_owners([*cleared, *rectified])
    ended = move_notices(notices=cleared, to=State.CLEARED, at=at, actor=SYSTEM, cause="PN-18")
    ended += move_notices(notices=rectified, to=State.RECTIFIED, at=at, actor=SYSTEM, cause="PN-33")
    return len(ended)


def _recovering(rows: Sequence[Published], codes: Collection[str]) -> list[Notice]:
    """The open notices whose metric is within bounds on the day."""
    scorecards = {row.store_id: row for row in rows}
    standing = open_notices_of(scorecards)
    return [
        notice
        for (store_id, code), notices in standing.items()
        if code in codes
        for notice in notices
        if notice.day < scorecards[store_id].day
        and is_within(NoticeLevel(notice.level), scorecards[store_id].scorecard.get(code, {}))
    ]


def _scorecards(rows: Sequence[Published], store_ids: Collection[int], policy: Policy) -> Scorecards:
    """What was published of the judged days around the day, by store and day."""
    day, calendar = rows[0].day, rows[0].calendar
    around = timedelta(days=max(policy.notices.rectify_days, policy.notices.clear_streak_days) - 1)
    judged = JudgedDay.objects.filter(store=OuterRef("store_id"), day=OuterRef("day"), calendar=calendar)
    near = Published.objects.filter(
        Exists(judged), store_id__in=store_ids, calendar=calendar, day__gte=day - around, day__lte=day + around
    )
    found: Scorecards = defaultdict(dict)
    for store_id, of_day, scorecard in near.values_list("store_id", "day", "scorecard"):
        found[store_id][of_day] = scorecard
    return found


def _within(notice: Notice, scorecards: dict[date, dict[str, Any]]) -> set[date]:
    """The days after the notice's on which its metric was within bounds."""
    level = NoticeLevel(notice.level)
    return {
        day
        for day, scorecard in scorecards.items()
        if day > notice.day and is_within(level, scorecard.get(notice.metric, {}))
    }


def _may(notice: Notice, to: State) -> bool:
    return may_move(NoticeLevel(notice.level), State(notice.state), to)


def _load_owners(notices: Sequence[Notice]) -> None:
    """The stores and companies that events name."""
    stores = Store.objects.select_related("company").in_bulk({notice.store_id for notice in notices})
    for notice in notices:
        notice.store = stores[notice.store_id]
