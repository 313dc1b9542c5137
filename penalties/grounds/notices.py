"""What a red notice brings: restrictions until it is over, the ladder while nobody acts, a licence re-check (PN-14)."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from core.timebase import performance_day
from notifications.ladder import Consequence, ConsequenceStep, NoticeLife, Progress, consequence_steps
from notifications.models import Notice
from notifications.queries.lives import notice_lives
from notifications.rules import NoticeLevel, State
from penalties.models import Penalty
from penalties.rules import CaseGround, Ending, Found, Ground, PenaltyKind
from penalties.sources import GroundWords, grounds_of
from rulebook.queries import policies, policy_in

NOTICE = "notice"
CLOSING_REVIEW, LICENCE_RECHECK = "closing_review", "licence_recheck"
# What has come, or comes unless somebody acts before.
COMING = frozenset({Progress.PAST, Progress.AHEAD})
PENALTIES = {
    Consequence.PROMOTION_BLOCK: PenaltyKind.PROMOTION_BLOCK,
    Consequence.SEARCH_DEMOTION: PenaltyKind.SEARCH_DEMOTION,
    Consequence.FLASH_DEALS_BLOCK: PenaltyKind.FLASH_DEALS_BLOCK,
    Consequence.FUNDS_HOLD: PenaltyKind.FUNDS_HOLD,
}
# Longer than a month: the cases of earlier ones were opened with the notices that brought them.
RECENT = timedelta(days=62)


def notice_words(penalty: Penalty) -> GroundWords:
    return GroundWords(
        cause=_("Red notice %(number)s") % {"number": penalty.cause},
        lifted_by=_("Ends when the notice is over: the appeal is accepted, the plan verified, or the metric is back."),
        url=reverse("dashboard:notice", args=[penalty.store.store_no, penalty.cause]),
    )


def _red(at: datetime) -> QuerySet[Notice]:
    """Those that are not over, or recent."""
    rows = Notice.objects.filter(level=NoticeLevel.RED, historical=False)
    return rows.filter(Q(ended_at=None) | Q(triggered_at__gte=at - RECENT))


@grounds_of(NOTICE, words=notice_words, rows=_red, of_notices=True)
def grounds_of_notices(store_ids: Collection[int], at: datetime) -> Iterator[Found]:
    """The consequences of red notices that are not over, or whose penalties are not; predicted notices bring their
    restrictions alone, since what people do about them is the platform's to know."""
    notices = _lasting(store_ids)
    lives = notice_lives(notices)
    periods = policies()
    for notice in notices:
        life = lives[notice.pk]
        policy = policy_in(periods, notice.triggered_at)
        for step in consequence_steps(policy, life, at):
            if step.progress in COMING and not (notice.predicted and step.hours):
                yield from _grounds(notice, life, step)
    yield from _licence_rechecks(store_ids, at)


def _lasting(store_ids: Collection[int]) -> list[Notice]:
    unended = Penalty.objects.filter(source=NOTICE, store=OuterRef("store_id"), cause=OuterRef("number"), ended_at=None)
    rows = Notice.objects.select_related("store").filter(
        Q(ended_at=None) | Exists(unended), store__in=store_ids, level=NoticeLevel.RED, historical=False
    )
    return list(rows.order_by("id"))


def _grounds(notice: Notice, life: NoticeLife, step: ConsequenceStep) -> Iterator[Found]:
    facts = {"metric": notice.metric, "day": notice.day.isoformat(), "hours": step.hours}
    for kind in step.kinds:
        if kind == Consequence.CLOSING_REVIEW:
            about = {"subject_kind": NOTICE, "subject_key": notice.number}
            yield CaseGround(notice.store_id, CLOSING_REVIEW, notice.number, step.at, facts=facts, **about)
        elif kind in PENALTIES:
            yield Ground(
                store_id=notice.store_id,
                kind=PENALTIES[kind],
                cause=notice.number,
                rule="PN-14",
                starts_at=step.at,
                ends_at=life.ended_at,
                ending=Ending.LIFTED if life.state == State.ACCEPTED else Ending.MET,
                facts=facts,
            )


# ── Several red notices in a month ─────────────────────────────────────────────────────────────────────────────────


def _licence_rechecks(store_ids: Collection[int], at: datetime) -> Iterator[CaseGround]:
    """A case once per store and calendar month in Shanghai: at the trigger of the notice that reaches the limit.
    Notices whose appeals had been accepted by then do not count."""
    rows = Notice.objects.filter(
        store__in=store_ids,
        level=NoticeLevel.RED,
        historical=False,
        predicted=False,
        triggered_at__gte=at - RECENT,
    )
    by_month: dict[tuple[int, str], list[Notice]] = defaultdict(list)
    for notice in rows.order_by("triggered_at", "id"):
        by_month[notice.store_id, f"{performance_day(notice.triggered_at):%Y-%m}"].append(notice)
    periods = policies() if by_month else ()
    for (store_id, month), notices in by_month.items():
        for notice in notices:
            counting = _counting(notices, notice.triggered_at)
            if len(counting) >= policy_in(periods, notice.triggered_at).notices.monthly_red_limit:
                facts = {"month": month, "notices": [one.number for one in counting]}
                number = notice.number
                yield CaseGround(store_id, LICENCE_RECHECK, month, notice.triggered_at, NOTICE, number, facts)
                break


def _counting(notices: Sequence[Notice], at: datetime) -> list[Notice]:
    """The notices that were triggered by then, without those whose appeals had been accepted."""
    return [
        one
        for one in notices
        if one.triggered_at <= at
        and not (one.state == State.ACCEPTED and one.ended_at is not None and one.ended_at <= at)
    ]
