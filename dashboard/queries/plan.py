"""An improvement plan with what it is measured by: clocks, root causes, the metric's course (PN-10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.http import Http404

from core.models import Deadline
from core.timebase import days_between, performance_day
from insights.queries.causes import Causes, causes_of
from insights.queries.forecast import Scene, bounds_of
from insights.queries.metric import MetricPage, metric_page
from insights.rules.forecast import Ahead, Bounds, Course, Point, share_points
from metrics.catalogue import METRICS, Kind
from metrics.rules.values import Zone
from notifications.models import ImprovementPlan, Notice
from notifications.queries.notices import PLAN_DUE, PLAN_VERIFY, deadlines_of
from notifications.queries.plans import content_of
from notifications.queries.team import team_of
from notifications.rules import PlanContent, State
from notifications.titles import figures_of, told_by_causes
from rulebook.queries import policy_at
from stores.models import Store, User

HISTORY_DAYS = 30
# A plan's verification ends within this time; what lies further ahead is not drawn.
MOST_DAYS_AHEAD = 45


@dataclass(frozen=True, slots=True)
class PlanCourse:
    """The metric on the days until the verification: at the usual pace, and without new failures; ``back``: the first
    of them on which the latter is out of red."""

    days: Sequence[date]
    pace: Sequence[Point]
    target: Sequence[Point]
    back: date | None


@dataclass(frozen=True, slots=True)
class PlanPage:
    """``verified_on``: the day on which the verification ends, or would if the plan were handed in at the last moment;
    ``owners``: the people whom measures name; ``causes``: the root causes found, of plans that can be written only;
    ``found``: the metric today."""

    notice: Notice
    plan: ImprovementPlan
    content: PlanContent
    deadlines: Mapping[str, Deadline]
    verified_on: date | None
    members: Sequence[User]
    owners: Mapping[int, User]
    causes: Causes | None
    found: MetricPage
    course: PlanCourse | None

    @property
    def is_draft(self) -> bool:
        """Whether it can be written and handed in."""
        return self.notice.state == State.PLAN and self.plan.submitted_at is None


def plan_page(store: Store, notice: Notice, at: datetime) -> PlanPage:
    """Load the plan of a notice; Http404 where it has none."""
    plan = ImprovementPlan.objects.select_related("saved_by", "submitted_by").filter(notice=notice).first()
    if plan is None:
        raise Http404
    plan.notice = notice
    deadlines = deadlines_of(store, [notice.number])[notice.number]
    is_draft = notice.state == State.PLAN and plan.submitted_at is None
    verified_on, content = _verified_on(notice, deadlines, at), content_of(plan)
    found = metric_page(store=store, code=figures_of(notice.metric), at=at, asked=None, span=HISTORY_DAYS)
    return PlanPage(
        notice=notice,
        plan=plan,
        content=content,
        deadlines=deadlines,
        verified_on=verified_on,
        members=list(team_of(store)) if is_draft else [],
        owners=User.objects.in_bulk({one.owner_id for one in content.measures if one.owner_id}),
        causes=_causes(store, notice, at) if is_draft and told_by_causes(notice.metric) else None,
        found=found,
        course=None if verified_on is None else plan_course(found, verified_on),
    )


def _causes(store: Store, notice: Notice, at: datetime) -> Causes:
    """The root causes as of the notice's day (MX-15)."""
    then = metric_page(store=store, code=notice.metric, at=at, asked=notice.day, span=1)
    return causes_of(then.store_day, notice.metric)


def _verified_on(notice: Notice, deadlines: Mapping[str, Deadline], at: datetime) -> date | None:
    """The day on which a due or running plan is verified; None for others."""
    if notice.state != State.PLAN:
        return None
    running = {kind: one for kind, one in deadlines.items() if one.state == Deadline.State.OPEN}
    if PLAN_VERIFY in running:
        return performance_day(running[PLAN_VERIFY].due_at)
    if PLAN_DUE in running:
        return performance_day(running[PLAN_DUE].due_at + timedelta(days=policy_at(at).notices.plan_verify_days))
    return None


def plan_course(found: MetricPage, until: date) -> PlanCourse | None:
    """The courses of a share from the last known day to a later one; None for the rating, whose reviews can't be
    foreseen, and where nothing lies ahead."""
    day, metric = found.status.result.day, found.metric
    if metric.kind == Kind.STARS or not day < until <= day + timedelta(days=MOST_DAYS_AHEAD):
        return None
    days, bounds = days_between(day + timedelta(days=1), until), bounds_of(found.status)
    scene = Scene(found.store_span, metric.code, day, days, bounds, None, lambda _names, _day: 0)
    window = scene.policy.metrics[metric.code].window_days
    flow = scene.flow(metric.upper, metric.lower, window, [Ahead(0)] * len(days))
    without = replace(flow, usual=replace(flow.usual, upper=0))
    is_floor = METRICS[metric.code].kind == Kind.FLOOR
    pace, target = (share_points(one.windows(Course.PACE), bounds, is_floor=is_floor) for one in (flow, without))
    return PlanCourse(days, pace, target, _back(days, target, bounds))


def _back(days: Sequence[date], points: Sequence[Point], bounds: Bounds) -> date | None:
    if bounds.red is None:
        return None
    return next((day for day, point in zip(days, points, strict=True) if point.zone in (Zone.OK, Zone.YELLOW)), None)
