"""The notices stage of the night: each published store-day is judged once, in day order (MX-09, PN-04 … PN-06)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Value

from core.fields import InstantField
from core.sql import SQL, QuerySetSQL, execute
from metrics.catalogue import METRICS, Calendar
from metrics.models import Published
from metrics.queries.published import sifted, with_levels
from metrics.rules.days import day_end
from notifications.following import tell_followers
from notifications.models import JudgedDay, Notice
from notifications.queries.notices import active_records, open_notices_of
from notifications.queries.plans import plans_begun
from notifications.rules import (
    APART_STATES,
    OPEN_STATES,
    WITHIN_LEVELS,
    NoticeLevel,
    State,
    Step,
    is_backfill,
    step_for,
)
from notifications.services.findings import Draft, Finding
from notifications.services.issuing import issue_notices
from notifications.services.lifecycle import escalate_notices
from notifications.services.recovering import recover_notices
from rulebook.policy import Policy
from rulebook.queries import policy_at
from rulebook.rules import crosses
from stores.models import Store
from stores.services.holding import hold_stores
from stores.shards import EVERY_STORE, Shard

# Stores per transaction: enough for few queries, few enough to finish within a second.
STORES_AT_ONCE = 200
# Of stores that call for nothing.
QUIET_AT_ONCE = 2_000
LEVELS = frozenset(NoticeLevel)

OpenNotices = Mapping[tuple[int, str], Sequence[Notice]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A day that is judged: by which policy, of which metrics, when, and whether too late to act (MX-09)."""

    day: date
    calendar: Calendar
    at: datetime
    policy: Policy
    codes: Sequence[str]
    late: bool


def judge_day(*, day: date, at: datetime, calendar: Calendar, shard: Shard = EVERY_STORE) -> int:
    """Judge what was published of a day and not judged yet; returns the notices made.

    Stores without a level over a threshold and without a notice that such a day might end are marked as judged and not
    loaded: nothing else could come of it. A batch of the others is one transaction, which marks them judged: after a
    kill the next run continues, and two runs at once don't judge a batch twice.
    """
    judgement = judgement_of(day=day, at=at, calendar=calendar)
    _pass_quiet(judgement, shard)
    return judge_each(judgement, shard)


def judgement_of(*, day: date, at: datetime, calendar: Calendar) -> Judgement:
    """How the day is judged."""
    end = day_end(day, calendar)
    policy = policy_at(end - timedelta(seconds=1))
    codes = [code for code in METRICS if METRICS[code].calendar == calendar and _issues(policy, code)]
    return Judgement(day, calendar, at, policy, codes, is_backfill(end, at, policy.judging.backfill_hours))


def judge_each(judgement: Judgement, shard: Shard) -> int:
    """Judge every store that is not judged yet; returns the notices made."""
    made, after = 0, 0
    while rows := list(_unjudged(judgement, shard, after)[:STORES_AT_ONCE]):
        after = rows[-1].store_id
        made += _judge_batch(rows, judgement)
    return made


def _issues(policy: Policy, code: str) -> bool:
    rules = policy.metrics.get(code)
    return rules is not None and rules.issues == "notice"


def _pass_quiet(judgement: Judgement, shard: Shard) -> None:
    """Mark the stores as judged that call for nothing."""
    calling, after = sifted(with_levels(judgement.codes, LEVELS)), 0
    while True:
        rows = _unjudged(judgement, shard, after).exclude(_standing(judgement)).exclude(calling)
        ids = list(rows.values_list("store_id", flat=True)[:QUIET_AT_ONCE])
        if not ids:
            return
        after = ids[-1]
        _mark_quiet(ids, judgement)


@transaction.atomic
def _mark_quiet(store_ids: Collection[int], judgement: Judgement) -> None:
    """Mark days as judged, except those of stores that have got a notice meanwhile: those are judged like any other."""
    held = hold_stores(store_ids)
    rows = _unjudged(judgement, Shard(ids=tuple(held)), 0).exclude(_standing(judgement))
    marks = rows.values_list("store_id", "day", "calendar", Value(judgement.at, InstantField()))
    with connection.cursor() as cursor:
        execute(
            cursor,
            SQL("INSERT INTO notifications_judgedday (store_id, day, calendar, judged_at) {marks}").format(
                marks=QuerySetSQL(marks)
            ),
        )


def _standing(judgement: Judgement) -> Exists:
    """Whether the store of a published row has notices of the judged metrics that its day may end (PN-18, PN-33)."""
    apart = Q(state__in=APART_STATES, ended_day=None)
    standing = Notice.objects.filter(Q(state__in=OPEN_STATES) | apart, metric__in=judgement.codes)
    return Exists(standing.filter(store=OuterRef("store_id")))


def _unjudged(judgement: Judgement, shard: Shard, after: int) -> QuerySet[Published]:
    judged = JudgedDay.objects.filter(store=OuterRef("store_id"), day=judgement.day, calendar=judgement.calendar)
    rows = Published.objects.filter(~Exists(judged), day=judgement.day, calendar=judgement.calendar)
    return shard.narrow(rows.filter(store_id__gt=after)).order_by("store_id")


@transaction.atomic
def _judge_batch(rows: Sequence[Published], judgement: Judgement) -> int:
    """Judge the days of some stores, except those that another run has judged meanwhile; returns the notices made."""
    held = hold_stores([row.store_id for row in rows])
    judged = JudgedDay.objects.filter(store_id__in=held, day=judgement.day, calendar=judgement.calendar)
    ours = held - set(judged.values_list("store_id", flat=True))
    rows = [row for row in rows if row.store_id in ours]
    JudgedDay.objects.bulk_create(
        JudgedDay(store_id=row.store_id, day=row.day, calendar=row.calendar, judged_at=judgement.at) for row in rows
    )
    apart = active_records(ours, judgement.day)
    within = [(row.store_id, code) for row in rows for code in judgement.codes if _level(row, code) in WITHIN_LEVELS]
    _end([notice for key in within for notice in apart.get(key, ())], judgement)
    recover_notices(rows=rows, codes=judgement.codes, policy=judgement.policy, at=judgement.at)
    drafts = _drafts(list(_findings(rows, judgement.codes)), apart, judgement)
    _end_replaced(drafts, judgement)
    return issue_notices(drafts=drafts, policy=judgement.policy, at=judgement.at)


def _level(row: Published, code: str) -> Any:
    return row.scorecard.get(code, {}).get("level")


def _findings(rows: Sequence[Published], codes: Sequence[str]) -> Iterator[Finding]:
    """What is over a threshold, by store and metric."""
    crossed = [(row, [code for code in codes if _level(row, code) in LEVELS]) for row in rows]
    busy = [row.store_id for row, over in crossed if over]
    stores = Store.objects.select_related("company").in_bulk(busy)
    for row, over in crossed:
        for code in over:
            yield Finding(stores[row.store_id], row, code, NoticeLevel(_level(row, code)))


def _state_of(store: Store, judgement: Judgement) -> State:
    if judgement.late:
        return State.HISTORICAL
    return State.PREDICTED if store.mode == Store.Mode.MIRRORED else State.ISSUED


def _drafts(findings: Sequence[Finding], apart: OpenNotices, judgement: Judgement) -> list[Draft]:
    """One open notice per store and metric: a worse level replaces it, anything else adds nothing (PN-06).

    Historical and predicted notices follow the same order among their own kind, so that a month over the threshold is
    one record, not thirty. They stay open until a day within bounds."""
    standing = open_notices_of({finding.store.pk for finding in findings})
    begun = plans_begun(notice for notices in standing.values() for notice in notices)
    drafts = []
    for finding in findings:
        state = _state_of(finding.store, judgement)
        if state == State.ISSUED and finding.key in begun and not _is_worse(finding, begun[finding.key], judgement):
            continue
        beside = standing if state == State.ISSUED else apart
        same_kind = [notice for notice in beside.get(finding.key, ()) if state == State.ISSUED or notice.state == state]
        worst = min(same_kind, key=lambda notice: notice.level, default=None)
        if step_for(finding.level, NoticeLevel(worst.level) if worst else None) != Step.NOTHING:
            drafts.append(Draft(finding, state, worst, same_kind))
    return drafts


def _is_worse(finding: Finding, start: Decimal | None, judgement: Judgement) -> bool:
    """While a plan runs only a red value counts that is worse than the one it began with (BX-06)."""
    if finding.level != NoticeLevel.RED or start is None:
        return finding.level == NoticeLevel.RED
    value = Decimal(finding.row.scorecard[finding.code]["value"])
    return crosses(value, start, floor_top=judgement.policy.metrics[finding.code].floor_top)


def _end_replaced(drafts: Sequence[Draft], judgement: Judgement) -> None:
    """End the notices that worse ones replace, unless somebody closed them meanwhile."""
    _end([one for draft in drafts if draft.state != State.ISSUED for one in draft.beside], judgement)
    acting = [draft for draft in drafts if draft.state == State.ISSUED and draft.replaces is not None]
    for draft in acting:
        for notice in draft.beside:
            notice.store = draft.finding.store
    escalated = escalate_notices(notices=[one for draft in acting for one in draft.beside], at=judgement.at)
    for draft in acting:
        if draft.replaces not in escalated:
            draft.replaces = None


def _end(notices: Sequence[Notice], judgement: Judgement) -> None:
    """End notices that stand apart: the day was within bounds, or a worse one replaces them."""
    ending = Notice.objects.filter(pk__in=[notice.pk for notice in notices], ended_day=None)
    if ending.update(ended_day=judgement.day, ended_at=judgement.at):
        tell_followers(notices, judgement.at)
