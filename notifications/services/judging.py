"""The notices stage of the night: each published store-day is judged once, in day order (MX-09, PN-04 … PN-06)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from metrics.catalogue import METRICS, Calendar
from metrics.models import Published
from metrics.rules.days import day_end
from notifications.models import JudgedDay, Notice
from notifications.queries.notices import open_notices, standing_apart
from notifications.rules import Level, State, Step, is_backfill, step_for
from notifications.services.issuing import Finding, issue_notice
from notifications.services.lifecycle import end_by_escalation
from rulebook.policy import Policy
from rulebook.queries import policy_at
from stores.models import Store
from stores.shards import EVERY_STORE, Shard

ROWS_AT_ONCE = 500
LEVELS = frozenset(Level)
WITHIN = "ok"

Standing = Mapping[tuple[int, str], Sequence[Notice]]


def judge_day(*, day: date, at: datetime, calendar: Calendar, shard: Shard = EVERY_STORE) -> int:
    """Judge what was published of a day and not judged yet; returns the notices made.

    Every store-day is a transaction of its own, which begins by marking it judged: killed anywhere, the next run takes
    the rest up, and of two runs at once one does it.
    """
    policy = policy_at(day_end(day, calendar) - timedelta(seconds=1))
    codes = [code for code in METRICS if METRICS[code].calendar == calendar and _issues(policy, code)]
    made, after = 0, 0
    while rows := _unjudged(day, calendar, shard, after):
        after = rows[-1].store_id
        standing = standing_apart([row.store_id for row in rows], day)
        busy = [row for row in rows if _needs_care(row, codes, standing)]
        _mark_quiet([row for row in rows if row not in busy], at)
        made += sum(judge_store_day(row=row, codes=codes, policy=policy, at=at) for row in busy)
    return made


def _issues(policy: Policy, code: str) -> bool:
    rules = policy.metrics.get(code)
    return rules is not None and rules.issues == "notice"


def _unjudged(day: date, calendar: Calendar, shard: Shard, after: int) -> list[Published]:
    judged = JudgedDay.objects.filter(store=OuterRef("store_id"), day=day, calendar=calendar)
    rows = Published.objects.filter(~Exists(judged), day=day, calendar=calendar, store_id__gt=after)
    return list(shard.narrow(rows).order_by("store_id")[:ROWS_AT_ONCE])


def _needs_care(row: Published, codes: Sequence[str], standing: Standing) -> bool:
    """Whether a day may issue a notice or end one that stands apart; the others are only marked."""
    levels = {code: _level(row, code) for code in codes}
    return any(
        level in LEVELS or (level == WITHIN and (row.store_id, code) in standing) for code, level in levels.items()
    )


def _level(row: Published, code: str) -> Any:
    return row.cards.get(code, {}).get("level")


def _mark_quiet(rows: Sequence[Published], at: datetime) -> None:
    marks = [JudgedDay(store_id=row.store_id, day=row.day, calendar=row.calendar, judged_at=at) for row in rows]
    JudgedDay.objects.bulk_create(marks, ignore_conflicts=True)


@transaction.atomic
def judge_store_day(*, row: Published, codes: Sequence[str], policy: Policy, at: datetime) -> int:
    """Judge one store's day, unless another run did; returns the notices made."""
    # Days of one store take turns: on PostgreSQL by its row, on SQLite a transaction is the turn (RL-07).
    store = Store.objects.select_for_update(no_key=True, of=("self",)).select_related("company").get(pk=row.store_id)
    _mark, made = JudgedDay.objects.get_or_create(
        store=store, day=row.day, calendar=row.calendar, defaults={"judged_at": at}
    )
    if not made:
        return 0
    late = is_backfill(day_end(row.day, Calendar(row.calendar)), at, policy.judging.backfill_hours)
    count = 0
    apart = standing_apart([store.pk], row.day)
    for code in codes:
        level, ended = _level(row, code), apart.get((store.pk, code), [])
        if level == WITHIN:
            _end(ended, row.day)
        elif level in LEVELS:
            finding = Finding(store, row, code, Level(level), policy)
            count += _issue_apart(finding, late, ended, at) if _acts_not(store, late) else _issue_acting(finding, at)
    return count


def _acts_not(store: Store, late: bool) -> bool:
    return late or store.mode == Store.Mode.MIRRORED


def _issue_acting(finding: Finding, at: datetime) -> int:
    """One open notice per store and metric: a worse level replaces it, anything else adds nothing (PN-06)."""
    standing = open_notices(finding.store).filter(metric=finding.code).first()
    step = step_for(finding.level, Level(standing.level) if standing else None)
    if step == Step.NOTHING:
        return 0
    if standing is not None:
        standing.store = finding.store
        end_by_escalation(notice=standing, at=at)
    issue_notice(finding=finding, state=State.ISSUED, at=at, replaces=standing)
    return 1


def _issue_apart(finding: Finding, late: bool, apart: Sequence[Notice], at: datetime) -> int:
    """Historical and predicted notices follow the same order among their own kind, so that a month over the line is one
    record, not thirty. They stand until a day within bounds."""
    state = State.HISTORICAL if late else State.PREDICTED
    same_kind = [notice for notice in apart if notice.state == state]
    standing = min(same_kind, key=lambda notice: notice.level, default=None)
    step = step_for(finding.level, Level(standing.level) if standing else None)
    if step == Step.NOTHING:
        return 0
    _end(same_kind, finding.row.day)
    issue_notice(finding=finding, state=state, at=at, replaces=standing)
    return 1


def _end(notices: Sequence[Notice], day: date) -> None:
    Notice.objects.filter(pk__in=[notice.pk for notice in notices], ended_day=None).update(ended_day=day)
