"""What can be done about a notice now: saved, appealed, waited for; the smallest change that helps (BX-16, PN-30)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from appeals.models import Appeal
from appeals.queries.eligibility import eligibility_of
from appeals.queries.kinds import find_subject
from appeals.queries.suggestions import Suggestion, suggest_exceptions
from appeals.rules import OPEN_STATES as OPEN_APPEALS
from appeals.rules import AppealKind, AppealState
from core.models import Deadline
from core.rules import has_lapsed
from core.timebase import window_start
from dashboard.queries.rating_change import failing_rated, rating_parts
from insights.queries.status import MetricStatus, failures_of
from insights.rules.smallest_change import Cost, Failing, Share, SmallestChange, smallest_change
from insights.rules.smallest_rating_change import FailingRated, RatingChange, smallest_rating_change
from metrics.catalogue import METRICS, RATED, problem_counters
from metrics.models import Problem
from metrics.scorecards.spans import StoreSpan
from notifications.complaints import COPYRIGHT
from notifications.models import Notice, NoticeOrder
from notifications.queries.complaints import listings_of_notice, shown_still
from notifications.queries.notices import APPEAL
from notifications.queries.rectify import (
    Rectification,
    WaitingOrders,
    acting_numbers,
    rectification_of,
    waiting_orders,
)
from notifications.rules import NoticeLevel, State
from orders.models import Order

# Exceptions are proposed for so many problem orders, the newest first.
MOST_SUGGESTED = 1_000


class AppealWay(StrEnum):
    """Whether a notice can be appealed. ``SECOND``: a rejection can be appealed once more (BX-05); ``PREPARE``: the
    platform decides, the case can be prepared here (DM-11a)."""

    OPEN = "open"
    SECOND = "second"
    PREPARE = "prepare"
    UNDERWAY = "underway"
    WAIVED = "waived"
    CLOSED = "closed"


class Standing(StrEnum):
    """Where a problem order of a notice stands. ``GONE``: it counts no more, as it left the window, was excluded, or
    its data changed."""

    ACT = "act"
    APPEAL = "appeal"
    PAST = "past"
    GONE = "gone"


SUGGESTING = frozenset({AppealWay.OPEN, AppealWay.SECOND, AppealWay.PREPARE})


@dataclass(frozen=True, slots=True)
class WhatNow:
    """``standings``: of the notice's problem orders by their ids; ``suggestions``: by order number; ``leaving``: how
    many of the past ones leave the window on which day; ``appeal``: the one that is under way, a draft too; ``change``:
    None where the metric has no threshold now; ``failing``: what counts now, of which ``acting_cells``
    are orders that can still be acted on."""

    rectification: Rectification
    waiting: Sequence[WaitingOrders]
    way: AppealWay
    appeal: Appeal | None
    suggestions: Mapping[str, Suggestion]
    standings: Mapping[int, Standing]
    leaving: Mapping[date, int]
    change: SmallestChange | RatingChange | None
    failing: Sequence[Failing | FailingRated]
    acting_cells: int

    def of(self, standing: Standing) -> list[int]:
        """The ids of the notice's problem orders that stand so."""
        return [pk for pk, found in self.standings.items() if found == standing]


def what_now(
    notice: Notice, status: MetricStatus, store_span: StoreSpan, deadlines: Mapping[str, Deadline], at: datetime
) -> WhatNow:
    """What can be done about a notice at an instant; ``status``: how its metric stands then, by the figures of
    ``store_span``."""
    store = notice.store
    appeal = _open_appeal(notice)
    way = appeal_way(notice, appeal, deadlines, at)
    rows = list(NoticeOrder.objects.filter(notice=notice).order_by("place"))
    if notice.metric == COPYRIGHT:
        return _complaints_now(notice, rows, way, appeal, at)
    counting = _counting(notice, status)
    acting = acting_numbers(store, notice, at)
    counted = frozenset((one.counter, one.order_id) for one in counting)
    found = _Rows(notice, rows, _order_ids(notice, rows), counted, acting)
    suggestions = found.suggestions(at) if way in SUGGESTING else {}
    standings = {row.pk: found.standing(row, suggestions) for row in rows}
    suggested = {found.ids[number]: one for number, one in suggestions.items()}
    failing: Sequence[Failing | FailingRated]
    change: SmallestChange | RatingChange | None
    if notice.metric == RATED[0]:
        failing, change = _rating_change(notice, status, store_span, counting, suggested)
    else:
        failing, change = _rate_change(notice, status, counting, suggested)
    cells = [one.order_id for one in counting]
    cells = list(dict.fromkeys(cells)) if notice.metric == RATED[0] else cells
    return WhatNow(
        rectification=rectification_of(store, notice, at),
        waiting=waiting_orders(store, notice, at),
        way=way,
        appeal=appeal,
        suggestions=suggestions,
        standings=standings,
        leaving=_leaving(notice, rows, standings),
        change=change,
        failing=failing,
        acting_cells=sum(order_id in found.acting_ids for order_id in cells),
    )


def _complaints_now(
    notice: Notice, rows: Sequence[NoticeOrder], way: AppealWay, appeal: Appeal | None, at: datetime
) -> WhatNow:
    """Of a copyright notice: listings that show their images still can be mended, other complaints are past (PN-24)."""
    found = {one.complaint.number: one for one in listings_of_notice(notice, at)}
    shown = shown_still(found.values())
    standings = {
        row.pk: Standing.GONE
        if row.complaint_no not in found
        else Standing.ACT
        if found[row.complaint_no].complaint.sku in shown
        else Standing.PAST
        for row in rows
    }
    return WhatNow(
        rectification=rectification_of(notice.store, notice, at),
        waiting=waiting_orders(notice.store, notice, at),
        way=way,
        appeal=appeal,
        suggestions={},
        standings=standings,
        leaving=_leaving(notice, rows, standings),
        change=None,
        failing=(),
        acting_cells=0,
    )


def appeal_way(notice: Notice, appeal: Appeal | None, deadlines: Mapping[str, Deadline], at: datetime) -> AppealWay:
    """Whether the notice can be appealed at an instant (PN-03, PN-08); a draft leaves it open."""
    if notice.predicted:
        return AppealWay.PREPARE if notice.ended_day is None else AppealWay.CLOSED
    if notice.state == State.APPEALING or (appeal is not None and appeal.state != AppealState.DRAFT):
        return AppealWay.UNDERWAY
    if notice.state == State.WAIVED:
        return AppealWay.WAIVED
    if notice.state == State.PLAN:
        return AppealWay.SECOND if _has_second(notice, at) else AppealWay.CLOSED
    window = deadlines.get(APPEAL)
    running = window is not None and window.state == Deadline.State.OPEN and not has_lapsed(window.due_at, at)
    return AppealWay.OPEN if running and notice.state in (State.ISSUED, State.OPENED) else AppealWay.CLOSED


def _has_second(notice: Notice, at: datetime) -> bool:
    subject = find_subject(notice.store, AppealKind.NOTICE, notice.number)
    return subject is not None and eligibility_of(subject, at).refusal is None


def _open_appeal(notice: Notice) -> Appeal | None:
    rows = Appeal.objects.filter(notice=notice, state__in=sorted(OPEN_APPEALS)).order_by("-pk")
    return rows.first()


def _order_ids(notice: Notice, rows: Iterable[NoticeOrder]) -> dict[str, int]:
    numbers = {row.order_no for row in rows} - {""}
    return dict(Order.objects.filter(store=notice.store, order_no__in=numbers).values_list("order_no", "pk"))


@dataclass(frozen=True, slots=True)
class _Counting:
    """A failure that counts on the present day."""

    counter: str
    order_id: int
    day: date


def _counting(notice: Notice, status: MetricStatus) -> list[_Counting]:
    """The metric's failures in the window of its present day."""
    day = status.result.day
    rows = Problem.objects.filter(
        store=notice.store,
        counter__in=problem_counters(notice.metric),
        day__gte=window_start(day, status.window_days),
        day__lte=day,
    )
    found = rows.order_by("day", "order_id", "subject_id", "counter").values_list("counter", "order_id", "day")
    return [_Counting(*row) for row in found]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The problem orders of a notice, with what is known of them now."""

    notice: Notice
    rows: Sequence[NoticeOrder]
    ids: Mapping[str, int]
    counted: frozenset[tuple[str, int]]
    acting: frozenset[str]

    @property
    def acting_ids(self) -> frozenset[int]:
        return frozenset(self.ids[number] for number in self.acting if number in self.ids)

    def still_counts(self, row: NoticeOrder) -> bool:
        return (row.counter, self.ids.get(row.order_no, 0)) in self.counted

    def suggestions(self, at: datetime) -> dict[str, Suggestion]:
        """The suggestions for orders that count and that nobody can act on, by order number."""
        wanted = {
            self.ids[row.order_no]: row.order_no
            for row in self.rows[:MOST_SUGGESTED]
            if row.order_no in self.ids and row.order_no not in self.acting and self.still_counts(row)
        }
        found = suggest_exceptions(store=self.notice.store, metric=self.notice.metric, order_ids=wanted.keys(), at=at)
        return {wanted[order_id]: one for order_id, one in found.items()}

    def standing(self, row: NoticeOrder, suggestions: Mapping[str, Suggestion]) -> Standing:
        if row.order_no in self.acting:
            return Standing.ACT
        if not self.still_counts(row):
            return Standing.GONE
        return Standing.APPEAL if row.order_no in suggestions else Standing.PAST


def _leaving(notice: Notice, rows: Iterable[NoticeOrder], standings: Mapping[int, Standing]) -> dict[date, int]:
    window = timedelta(days=int(notice.snapshot.get("days", 0)))
    counted = Counter(row.day + window for row in rows if standings[row.pk] == Standing.PAST)
    return dict(sorted(counted.items()))


def _failing(
    counting: Iterable[_Counting], status: MetricStatus, suggestions: Mapping[int, Suggestion]
) -> list[Failing]:
    """Each failure with what it takes to have it not count."""
    lower, day, window = METRICS[status.result.code].lower, status.result.day, timedelta(days=status.window_days)
    return [
        Failing(
            key=place,
            cost=_cost(suggestions.get(one.order_id)),
            denominator=int(one.counter in lower),
            leaves_in=(one.day + window - day).days,
        )
        for place, one in enumerate(counting)
    ]


def _cost(suggestion: Suggestion | None) -> Cost:
    if suggestion is None:
        return Cost.WAIT
    return Cost.READY if suggestion.is_ready else Cost.APPEAL


def _threshold(notice: Notice, status: MetricStatus) -> Fraction | None:
    """The threshold of the notice's level as it is now."""
    return status.result.red if notice.level == NoticeLevel.RED else status.result.yellow


def _rate_change(
    notice: Notice, status: MetricStatus, counting: Sequence[_Counting], suggestions: Mapping[int, Suggestion]
) -> tuple[list[Failing], SmallestChange | None]:
    """The failures of a rate, and the smallest change."""
    failing, threshold = _failing(counting, status, suggestions), _threshold(notice, status)
    failures, denominator = failures_of(status.result), status.result.value.denominator
    if threshold is None or failures is None or not denominator or not status.result.thresholds.applies:
        return failing, None
    top = status.rules.floor_top
    allowed = threshold if top is None else Fraction(top) - threshold
    share = Share(failures, denominator, allowed, status.rules.inclusive)
    return failing, smallest_change(share, failing, window_days=status.window_days)


def _rating_change(
    notice: Notice,
    status: MetricStatus,
    store_span: StoreSpan,
    counting: Sequence[_Counting],
    suggestions: Mapping[int, Suggestion],
) -> tuple[list[FailingRated], RatingChange | None]:
    """The orders that pull the rating down, and the smallest change."""
    counters: dict[int, set[str]] = {}
    for one in counting:
        counters.setdefault(one.order_id, set()).add(one.counter)
    failing = failing_rated(counters, lambda order_id: _cost(suggestions.get(order_id)))
    threshold, rating = _threshold(notice, status), store_span.on(status.result.day).rating
    if threshold is None or rating.score is None:
        return failing, None
    return failing, smallest_rating_change(rating_parts(rating), threshold, failing)
