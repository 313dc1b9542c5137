"""Figures of the review: how long appeals wait, how many decisions are in time, overturned, agreed on (AP-06, BX-07).

Decisions of twelve weeks are a few thousand narrow rows; they are read once and counted in memory.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Count, F

from appeals.models import Appeal, AppealOrder, AppealReview
from appeals.queries.review_queue import undecided
from appeals.rules import AppealState, OrderDecision
from core.rules import has_lapsed
from core.timebase import performance_day
from stores.claims import unclaimed

DAYS, WEEKS = 30, 12
FINAL = (AppealState.ACCEPTED, AppealState.REJECTED)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    total: int

    @property
    def value(self) -> Fraction | None:
        return Fraction(self.count, self.total) if self.total else None


@dataclass(frozen=True, slots=True)
class QueueState:
    """The queue as it is: ``oldest`` is the earliest begin of a clock that runs."""

    waiting: int
    unclaimed: int
    overdue: int
    oldest: datetime | None
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class DecisionShares:
    """The decisions of a reviewer or on a metric, how many were in time, and how many were overturned: by a second
    appeal that was accepted, or by a blind review that decided an order otherwise."""

    name: Any
    in_time: Share
    overturned: Share
    agreed: Share


@dataclass(frozen=True, slots=True)
class Week:
    """The decisions of the seven days up to ``last``, and the orders that blind reviews agreed on."""

    last: date
    in_time: Share
    overturned: Share
    agreed: Share


@dataclass(frozen=True, slots=True)
class ReviewFigures:
    """Everything; ``median``: between a clock's begin and the decision. Shares are of the last `DAYS` days."""

    queue: QueueState
    in_time: Share
    overturned: Share
    agreed: Share
    outcomes: Counter[str]
    median: timedelta | None
    reasons: list[tuple[str, int]]
    by_reviewer: list[DecisionShares]
    by_metric: list[DecisionShares]
    weeks: list[Week]


@dataclass(frozen=True, slots=True)
class _Decision:
    """A decision with what became of it; ``agreed`` of ``compared`` orders by its blind review, if it had one."""

    at: datetime
    begun_at: datetime
    in_time: bool
    final: bool
    outcome: str
    reviewer: Any
    metric: str
    overturned: bool
    agreed: int = 0
    compared: int = 0


def queue_state(at: datetime) -> QueueState:
    """The appeals under review at an instant."""
    rows = list(undecided().filter(state=AppealState.REVIEW).values_list("begun_at", "due_at"))
    dues = [due_at for _begun, due_at in rows if due_at is not None]
    begins = [begun_at for begun_at, _due in rows if begun_at is not None]
    return QueueState(
        waiting=len(rows),
        unclaimed=Appeal.objects.filter(unclaimed(at), state=AppealState.REVIEW).count(),
        overdue=sum(has_lapsed(due_at, at) for due_at in dues),
        oldest=min(begins, default=None),
        next_due=min(dues, default=None),
    )


def review_figures(at: datetime) -> ReviewFigures:
    """The figures at an instant, in six queries."""
    decisions = _decisions(at - timedelta(days=7 * WEEKS), at)
    recent = [one for one in decisions if one.at > at - timedelta(days=DAYS)]
    final = [one for one in recent if one.final]
    return ReviewFigures(
        queue=queue_state(at),
        in_time=_in_time(recent),
        overturned=_overturned(final),
        agreed=_agreed(final),
        outcomes=Counter(one.outcome for one in recent),
        median=_median([one.at - one.begun_at for one in recent]),
        reasons=_reasons(at - timedelta(days=DAYS), at),
        by_reviewer=_grouped(recent, "reviewer"),
        by_metric=_grouped(recent, "metric"),
        weeks=_weeks(decisions, at),
    )


def _decisions(since: datetime, until: datetime) -> list[_Decision]:
    rows = AppealReview.objects.filter(blind=False, decided_at__gt=since, decided_at__lte=until)
    rows = rows.select_related("reviewer").annotate(metric=F("appeal__notice__metric"), kind=F("appeal__kind"))
    blind = _blind_results(since)
    won = set(
        Appeal.objects.filter(state=AppealState.ACCEPTED, previous__decided_at__gt=since).values_list(
            "previous_id", flat=True
        )
    )
    return [_decision(row, blind.get(row.appeal_id), row.appeal_id in won) for row in rows.order_by("decided_at")]


def _blind_results(since: datetime) -> Mapping[int, tuple[int, int]]:
    """Agreed and compared orders of the blind reviews of appeals decided since, by appeal."""
    rows = AppealReview.objects.filter(blind=True, begun_at__gt=since, decided_at__isnull=False)
    columns = rows.values_list("appeal_id", "agreed", "accepted", "rejected", "supplement")
    return {appeal_id: (agreed or 0, sum(counts)) for appeal_id, agreed, *counts in columns}


def _decision(row: Any, blind: tuple[int, int] | None, won_again: bool) -> _Decision:
    final = row.outcome in FINAL
    agreed, compared = blind if blind and final else (0, 0)
    return _Decision(
        at=row.decided_at,
        begun_at=row.begun_at,
        in_time=row.due_at is None or not has_lapsed(row.due_at, row.decided_at),
        final=final,
        outcome=row.outcome,
        reviewer=row.reviewer,
        metric=row.metric or row.kind,
        overturned=final and (won_again or agreed < compared),
        agreed=agreed,
        compared=compared,
    )


def _in_time(decisions: Sequence[_Decision]) -> Share:
    return Share(sum(one.in_time for one in decisions), len(decisions))


def _overturned(decisions: Iterable[_Decision]) -> Share:
    final = [one for one in decisions if one.final]
    return Share(sum(one.overturned for one in final), len(final))


def _agreed(decisions: Iterable[_Decision]) -> Share:
    final = [one for one in decisions if one.final]
    return Share(sum(one.agreed for one in final), sum(one.compared for one in final))


def _grouped(decisions: Sequence[_Decision], column: str) -> list[DecisionShares]:
    """The decisions by a column, the largest group first."""
    groups: dict[Any, list[_Decision]] = {}
    for one in decisions:
        groups.setdefault(getattr(one, column), []).append(one)
    by_size = sorted(groups.items(), key=lambda group: -len(group[1]))
    return [DecisionShares(name, _in_time(of), _overturned(of), _agreed(of)) for name, of in by_size]


def _weeks(decisions: Sequence[_Decision], at: datetime) -> list[Week]:
    """Seven days at a time up to now, oldest first."""
    found = []
    for back in range(WEEKS - 1, -1, -1):
        end = at - timedelta(days=7 * back)
        of = [one for one in decisions if end - timedelta(days=7) < one.at <= end]
        found.append(Week(performance_day(end), _in_time(of), _overturned(of), _agreed(of)))
    return found


def _reasons(since: datetime, until: datetime) -> list[tuple[str, int]]:
    """How many orders were rejected for each reason, the most frequent first."""
    rows = AppealOrder.objects.filter(
        decision=OrderDecision.REJECTED, appeal__decided_at__gt=since, appeal__decided_at__lte=until
    )
    counted = rows.exclude(reason_code="").order_by().values_list("reason_code").annotate(number=Count("pk"))
    return sorted(counted, key=lambda pair: (-pair[1], pair[0]))


def _median(spans: Sequence[timedelta]) -> timedelta | None:
    return sorted(spans)[len(spans) // 2] if spans else None
