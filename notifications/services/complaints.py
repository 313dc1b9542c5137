"""An upheld copyright complaint issues a notice of its own at once, in the silent period too (PN-24).

Each complaint is judged once, in order of time. It brings a yellow notice, or a red one if it is the second (policy)
within the window; while a notice of the same level is open it is only named there (PN-06). One that is decided the
other way later lifts what no longer stands on enough complaints.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from core.deadlines import open_deadlines, void_deadlines
from core.events import SYSTEM, record_events
from core.timebase import performance_day, performance_day_end, window_start
from disputes.queries.images import images_of
from metrics.catalogue import Calendar
from notifications.complaints import (
    COPYRIGHT,
    COUNTER,
    UNIT,
    CopyrightLine,
    UpheldComplaint,
    counted_with,
    leaves_at,
    over_at,
)
from notifications.following import tell_followers
from notifications.models import JudgedComplaint, Notice, NoticeOrder
from notifications.queries.complaints import (
    complained_listings,
    complaints_of,
    line_of,
    standing_notices,
    stores_to_judge,
    upheld_complaints,
)
from notifications.queries.notices import MENDED, SUBJECT
from notifications.rules import OPEN_STATES, NoticeLevel, State, Step, is_backfill, step_for
from notifications.services.consequences import accept_notice
from notifications.services.issuing import open_notice_deadlines, take_numbers
from notifications.services.lifecycle import escalate_notices, move_notices, notice_event
from rulebook.policy import Policy
from rulebook.queries import policy_at
from stores.models import Listing, Store
from stores.services.holding import hold_stores
from stores.shards import EVERY_STORE, Shard

CAUSE = "PN-24"
REASON = "copyright"


def judge_day_of_complaints(*, day: date, at: datetime, calendar: Calendar, shard: Shard = EVERY_STORE) -> int:
    """The night's stage: judge what no event brought here, such as complaints from before an upgrade, and end what is
    over; returns the notices made (MX-03)."""
    del day
    if calendar != Calendar.PERFORMANCE:
        return 0
    waiting = shard.narrow(stores_to_judge(), "pk").order_by("pk").values_list("pk", flat=True)
    return sum(judge_complaints(store_ids=[pk], at=at) for pk in list(waiting))


@transaction.atomic
def judge_complaints(*, store_ids: Collection[int], at: datetime) -> int:
    """Bring the copyright notices of stores in line with their complaints; returns the notices made. May run twice."""
    held = hold_stores(store_ids)
    upheld = upheld_complaints(held)
    made = 0
    for store in Store.objects.select_related("company").filter(pk__in=held).order_by("pk"):
        complaints = upheld.get(store.pk, [])
        _lift_groundless(store, complaints, at)
        # A verdict may have been judged at once that is later than the instant of a night that has begun: it stands.
        made += _judge_store(store, [one for one in complaints if one.resolved_at <= at], at)
        _follow_listings(store, complaints, at)
    return made


# ── Issuing ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Ruling:
    """A complaint as it is judged: by which policy, with which others, how."""

    store: Store
    complaint: UpheldComplaint
    counted: Sequence[UpheldComplaint]
    line: CopyrightLine
    policy: Policy
    state: State
    at: datetime

    @property
    def level(self) -> NoticeLevel:
        return self.line.level(len(self.counted))


def _judge_store(store: Store, complaints: Sequence[UpheldComplaint], at: datetime) -> int:
    judged = dict(JudgedComplaint.objects.filter(store=store).values_list("complaint_no", "level"))
    made = 0
    for complaint in complaints:
        ruling = _ruling(store, complaint, complaints, at)
        before = judged.get(complaint.number)
        # An earlier complaint that comes late makes one red that is not history yet.
        rises = before == NoticeLevel.YELLOW and ruling.level == NoticeLevel.RED and ruling.state != State.HISTORICAL
        if before is None or rises:
            made += _judge(ruling)
    return made


def _ruling(store: Store, complaint: UpheldComplaint, complaints: Sequence[UpheldComplaint], at: datetime) -> _Ruling:
    end = performance_day_end(complaint.day)
    policy = policy_at(end - timedelta(seconds=1))
    line = line_of(policy)
    state = State.PREDICTED if store.mode == Store.Mode.MIRRORED else State.ISSUED
    if is_backfill(end, at, policy.judging.backfill_hours):
        state = State.HISTORICAL
    return _Ruling(store, complaint, counted_with(complaint, complaints, line.days), line, policy, state, at)


def _judge(ruling: _Ruling) -> bool:
    """Issue a notice for a complaint, or name it on the one that is open; whether one was made."""
    _end_apart(ruling)
    beside = _standing_beside(ruling)
    worst = min(beside, key=lambda notice: notice.level, default=None)
    step = step_for(ruling.level, NoticeLevel(worst.level) if worst else None)
    same = Notice.objects.filter(
        store=ruling.store, metric=COPYRIGHT, level=ruling.level, day=ruling.complaint.day
    ).first()
    if step == Step.NOTHING or same is not None:
        _note(ruling, worst or same, is_named=step == Step.NOTHING)
        return False
    replaces = _replace(ruling, beside)
    _note(ruling, _issue(ruling, replaces))
    return True


def _standing_beside(ruling: _Ruling) -> list[Notice]:
    """The notices that stand beside a new one: those that act, or of records apart the same kind."""
    standing = standing_notices([ruling.store.pk])[ruling.store.pk]
    states = OPEN_STATES if ruling.state == State.ISSUED else {ruling.state}
    return [notice for notice in standing if notice.state in states]


def _end_apart(ruling: _Ruling) -> None:
    """End the records whose complaints left the window before this one was upheld."""
    apart = [one for one in standing_notices([ruling.store.pk])[ruling.store.pk] if one.state not in OPEN_STATES]
    for notice in apart:
        left = _leaves_at(notice, [])
        if left is not None and performance_day(left) <= ruling.complaint.day:
            _end(notice, left)


def _leaves_at(notice: Notice, complaints: Iterable[UpheldComplaint]) -> datetime | None:
    """When a notice's complaints leave the window. Those it names count, and ``complaints`` upheld since."""
    kept = [_from_snapshot(one) for one in notice.snapshot["complaints"]]
    known = {one.number: one for one in [*kept, *complaints]}
    return leaves_at(known.values(), *_needed(notice))


def _needed(notice: Notice) -> tuple[int, int]:
    """On how many complaints within how many days a notice stands."""
    line = CopyrightLine(int(notice.red or 0), int(notice.snapshot["days"]))
    return line.needed(NoticeLevel(notice.level)), line.days


def _from_snapshot(kept: dict[str, str]) -> UpheldComplaint:
    opened, resolved = (datetime.fromisoformat(kept[name]) for name in ("opened_at", "resolved_at"))
    return UpheldComplaint(kept["number"], kept["sku"], opened, resolved)


def _end(notice: Notice, at: datetime, day: date | None = None) -> None:
    """End a record apart at an instant, as of its day or another one."""
    rows = Notice.objects.filter(pk=notice.pk, ended_day=None)
    if rows.update(ended_day=day or performance_day(at), ended_at=at):
        tell_followers([notice], at)


def _replace(ruling: _Ruling, beside: Sequence[Notice]) -> Notice | None:
    """End the yellow notices that a red one replaces; the one that it names, unless somebody closed it meanwhile."""
    for notice in beside:
        notice.store = ruling.store
    if ruling.state != State.ISSUED:
        for notice in beside:
            _end(notice, ruling.at, ruling.complaint.day)
        return next(iter(beside), None)
    escalated = escalate_notices(notices=beside, at=ruling.at)
    return next((notice for notice in beside if notice in escalated), None)


def _issue(ruling: _Ruling, replaces: Notice | None) -> Notice:
    complaint, line = ruling.complaint, ruling.line
    notice = Notice.objects.create(
        store=ruling.store,
        number=take_numbers(complaint.day, 1)[0],
        metric=COPYRIGHT,
        level=ruling.level,
        day=complaint.day,
        triggered_at=complaint.resolved_at,
        state=ruling.state,
        historical=ruling.state == State.HISTORICAL,
        predicted=ruling.store.mode == Store.Mode.MIRRORED,
        replaces=replaces,
        policy_version=ruling.policy.number,
        value=Decimal(len(ruling.counted)),
        numerator=len(ruling.counted),
        yellow=Decimal(1),
        red=Decimal(line.red_count),
        snapshot=_snapshot(ruling),
    )
    categories = _categories(ruling)
    NoticeOrder.objects.bulk_create(
        NoticeOrder(
            notice=notice,
            place=place,
            complaint_no=one.number,
            counter=COUNTER,
            day=one.day,
            category=categories.get(one.sku, ""),
            reason=REASON,
            counted_at=one.resolved_at,
            since_at=one.opened_at,
            until_at=one.resolved_at,
        )
        for place, one in enumerate(ruling.counted, start=1)
    )
    _record_issued(ruling, notice)
    if notice.state == State.ISSUED:
        open_notice_deadlines([notice], ruling.at)
    tell_followers([notice], ruling.at)
    return notice


def _categories(ruling: _Ruling) -> dict[str, str]:
    rows = Listing.objects.filter(store=ruling.store, sku__in={one.sku for one in ruling.counted})
    return dict(rows.values_list("sku", "category"))


def _snapshot(ruling: _Ruling) -> dict[str, Any]:
    """The complaints as they were, and the listing of the latest as it is shown."""
    complaint, line = ruling.complaint, ruling.line
    listing = Listing.objects.filter(store=ruling.store, sku=complaint.sku).first()
    image = images_of(ruling.store, [complaint.sku]).get(complaint.sku)
    return {
        "unit": UNIT,
        "first": window_start(complaint.day, line.days).isoformat(),
        "days": line.days,
        "lines": {},
        "complaints": [
            {
                "number": one.number,
                "sku": one.sku,
                "opened_at": one.opened_at.isoformat(),
                "resolved_at": one.resolved_at.isoformat(),
            }
            for one in ruling.counted
        ],
        "listing": {
            "sku": complaint.sku,
            "title": listing.title if listing else "",
            "category": listing.category if listing else "",
            "image_file": listing.image_file if listing else "",
            "sha256": image.sha256 if image else "",
            "picture": image.picture if image else "",
        },
    }


def _record_issued(ruling: _Ruling, notice: Notice) -> None:
    kind = "notice.issued" if ruling.state == State.ISSUED else f"notice.{ruling.state}"
    after = {
        "metric": COPYRIGHT,
        "level": ruling.level.value,
        "day": notice.day.isoformat(),
        "state": ruling.state.value,
        "complaint": ruling.complaint.number,
        **({"replaces": notice.replaces.number} if notice.replaces else {}),
    }
    record_events([notice_event(kind, notice, actor=SYSTEM, at=ruling.at, cause=CAUSE, after=after)])


def _note(ruling: _Ruling, notice: Notice | None, *, is_named: bool = False) -> None:
    """That the complaint was judged; named on a notice that was open, the audit trail keeps it."""
    assert notice is not None
    JudgedComplaint.objects.update_or_create(
        store=ruling.store,
        complaint_no=ruling.complaint.number,
        defaults={
            "level": ruling.level,
            "notice": notice,
            "resolved_at": ruling.complaint.resolved_at,
            "judged_at": ruling.at,
        },
    )
    if is_named:
        notice.store = ruling.store
        after = {"complaint": ruling.complaint.number, "level": ruling.level.value}
        event = notice_event("notice.complaint_named", notice, actor=SYSTEM, at=ruling.at, cause=CAUSE, after=after)
        record_events([event])


# ── Ending ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _lift_groundless(store: Store, complaints: Sequence[UpheldComplaint], at: datetime) -> None:
    """Lift the notices whose complaints were decided the other way, and forget that those were judged."""
    numbers = {one.number for one in complaints}
    gone = JudgedComplaint.objects.filter(store=store).exclude(complaint_no__in=numbers)
    if not gone.exists():
        return
    standing = standing_notices([store.pk])[store.pk]
    named = complaints_of(standing)
    for notice in standing:
        needed = CopyrightLine(int(notice.red or 0), 0).needed(NoticeLevel(notice.level))
        if len(named[notice.pk] & numbers) >= needed:
            continue
        notice.store = store
        if notice.is_open:
            accept_notice(notice=notice, at=at, cause=CAUSE, after={"complaints": sorted(named[notice.pk] - numbers)})
        else:
            _end(notice, at)
    gone.delete()


def _follow_listings(store: Store, complaints: Sequence[UpheldComplaint], at: datetime) -> None:
    """End the notices that are over, and keep the countdowns of those that will be (PN-33)."""
    standing = standing_notices([store.pk])[store.pk]
    named = complaints_of(standing)
    for notice in standing:
        notice.store = store
        due = _over_at(notice, [one for one in complaints if one.number in named[notice.pk]])
        subject = (store.pk, notice.number)
        if due is not None and due <= at:
            rectify_complaints(due={notice: due})
        elif due is None or notice.state == State.HISTORICAL:
            void_deadlines(kind=MENDED, subject_kind=SUBJECT, subjects=[subject], at=at)
        else:
            open_deadlines(kind=MENDED, subject_kind=SUBJECT, due={subject: due}, at=at)


def _over_at(notice: Notice, complaints: Sequence[UpheldComplaint]) -> datetime | None:
    policy = policy_at(notice.triggered_at).notices
    found = complained_listings(notice.store_id, complaints, policy.image_near_bits)
    # Of one whose appeal was waived fewer may be upheld than it needs: it ends when those that it names have left.
    left = leaves_at(complaints, *_needed(notice)) or _leaves_at(notice, complaints)
    # A record apart ends with the first day within bounds, as in the nights.
    over = over_at([one.mended_at for one in found], left, policy.rectify_days if notice.is_open else 0)
    # Of a listing that was down long before the verdict it is over at once.
    return None if over is None else max(over, notice.triggered_at)


@transaction.atomic
def rectify_complaints(*, due: dict[Notice, datetime]) -> None:
    """The notices are over at these instants: those that act are rectified, records apart have ended."""
    for notice, at in due.items():
        if not notice.is_open:
            _end(notice, at)
    acting = {notice.pk: at for notice, at in due.items() if notice.is_open}
    move_notices(
        notices=[notice for notice in due if notice.pk in acting],
        to=State.RECTIFIED,
        at=acting,
        actor=SYSTEM,
        cause="PN-33",
    )
