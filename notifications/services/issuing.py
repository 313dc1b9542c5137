"""Issuing a notice: number, frozen figures and orders, clocks, message and event in one transaction (PN-01)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F

from metrics.models import Published
from notifications.models import Message, Notice, NoticeCounter
from notifications.queries.notices import APPEAL, SUBJECT, VIEW
from notifications.rules import Level, State, number_of
from notifications.services.freezing import card_columns, freeze_arithmetic, freeze_orders
from notifications.services.lifecycle import record_notice_event
from notifications.services.messages import tell_company
from rulebook.policy import Policy
from rulebook.queries import policy_at
from stores.deadlines import open_deadline
from stores.models import Store
from stores.services import SYSTEM

CAUSES = {Level.YELLOW: "PN-05", Level.RED: "PN-04"}


@dataclass(frozen=True, slots=True)
class Finding:
    """A metric over a line: the store, the published row, the metric's code, the level, the policy that judged it."""

    store: Store
    row: Published
    code: str
    level: Level
    policy: Policy


def next_number(day: date) -> str:
    """The next number of a performance day. The counter's row is held until the transaction ends, so numbers have no
    gaps: a transaction that fails gives its number back."""
    NoticeCounter.objects.bulk_create([NoticeCounter(day=day)], ignore_conflicts=True)
    NoticeCounter.objects.filter(day=day).update(last=F("last") + 1)
    return number_of(day, NoticeCounter.objects.values_list("last", flat=True).get(day=day))


@transaction.atomic
def issue_notice(*, finding: Finding, state: State, at: datetime, replaces: Notice | None = None) -> Notice:
    """Issue the notice of a finding in its first state; only `State.ISSUED` starts clocks (MX-09, DM-11a)."""
    row, code = finding.row, finding.code
    notice = Notice.objects.create(
        store=finding.store,
        number=next_number(row.day),
        metric=code,
        level=finding.level,
        day=row.day,
        triggered_at=at,
        state=state,
        historical=state == State.HISTORICAL,
        predicted=finding.store.mode == Store.Mode.MIRRORED,
        replaces=replaces,
        policy_version=row.policy_version,
        frozen=freeze_arithmetic(store=finding.store, row=row, code=code, policy=finding.policy),
        **card_columns(row.cards[code]),
    )
    freeze_orders(notice)
    kind = "notice.issued" if state == State.ISSUED else f"notice.{state}"
    after = {"metric": code, "level": finding.level, "day": row.day.isoformat(), "state": state}
    if replaces is not None:
        after["replaces"] = replaces.number
    record_notice_event(kind, notice, actor=SYSTEM, at=at, cause=CAUSES[finding.level], after=after)
    notice.refresh_from_db(fields=["value", "yellow", "red", "benchmark"])
    if state == State.ISSUED:
        _start_clocks(notice, at)
        tell_company(kind=Message.Kind.ESCALATED if replaces else Message.Kind.ISSUED, notice=notice, at=at)
    elif state == State.PREDICTED:
        tell_company(kind=Message.Kind.PREDICTED, notice=notice, at=at)
    return notice


def _start_clocks(notice: Notice, at: datetime) -> None:
    """A red notice must be opened in time; every notice can be appealed for some days (PN-03, PN-08)."""
    policy = policy_at(at)
    due = {APPEAL: at + timedelta(days=policy.appeals.window_days)}
    if notice.level == Level.RED:
        due[VIEW] = at + timedelta(hours=policy.notices.open_hours)
    for kind, due_at in due.items():
        open_deadline(
            store=notice.store, kind=kind, subject_kind=SUBJECT, subject_key=notice.number, due_at=due_at, at=at
        )
