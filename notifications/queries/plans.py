"""What improvement plans are judged by: published levels (PN-10)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from core.models import Deadline
from core.rules import has_lapsed
from metrics.models import Published
from notifications.models import ImprovementPlan, Notice
from notifications.queries.notices import PLAN_DUE
from notifications.rules import SAYING_LEVELS, Measure, PlanContent, State
from notifications.titles import calendar_of


def handed_in_since(notices: Iterable[Notice]) -> dict[int, datetime]:
    """When the plans of notices were handed in, by the notices' ids; none for those that were not."""
    plans = ImprovementPlan.objects.filter(notice__in=[notice.pk for notice in notices])
    return {plan.notice_id: plan.submitted_at for plan in plans if plan.submitted_at is not None}


def plans_begun(notices: Iterable[Notice]) -> dict[tuple[int, str], Decimal | None]:
    """The value that each running plan began with, by store and metric: of those of notices that were handed in."""
    keys = {notice.pk: (notice.store_id, notice.metric) for notice in notices if notice.state == State.PLAN}
    if not keys:
        return {}
    plans = ImprovementPlan.objects.filter(notice__in=keys, submitted_at__isnull=False)
    return {keys[plan.notice_id]: plan.start_value for plan in plans}


def published_levels(notices: Mapping[Notice, tuple[datetime, datetime]]) -> dict[int, str]:
    """By the id of each notice the last level of its metric that was published within two instants and says something
    (MX-05, MX-07); none for those without any."""
    if not notices:
        return {}
    rows = Published.objects.filter(
        store_id__in={notice.store_id for notice in notices},
        computed_at__gt=min(first for first, _last in notices.values()),
        computed_at__lte=max(last for _first, last in notices.values()),
    )
    by_store: dict[int, list[Published]] = {}
    for row in rows.order_by("day"):
        by_store.setdefault(row.store_id, []).append(row)
    found = {}
    for notice, (first, last) in notices.items():
        for row in by_store.get(notice.store_id, ()):
            level = row.scorecard.get(notice.metric, {}).get("level")
            of_metric = row.calendar == calendar_of(notice.metric) and first < row.computed_at <= last
            if of_metric and level in SAYING_LEVELS:
                found[notice.pk] = level
    return found


def overdue_plans(notices: Iterable[Notice], at: datetime) -> dict[Notice, datetime]:
    """The notices whose plans are overdue at an instant, swept or not, with the instants that were due (RL-05)."""
    by_number = {notice.number: notice for notice in notices}
    rows = Deadline.objects.filter(
        store_id__in={notice.store_id for notice in by_number.values()},
        kind=PLAN_DUE,
        subject_key__in=by_number,
        state=Deadline.State.OPEN,
    )
    return {by_number[row.subject_key]: row.due_at for row in rows if has_lapsed(row.due_at, at)}


def content_of(plan: ImprovementPlan) -> PlanContent:
    """What is written in a plan."""
    rows = plan.measures.order_by("kind", "place")
    measures = [Measure(row.kind, row.text, row.cause, row.owner_id, row.day, row.proof) for row in rows]
    return PlanContent(plan.causes, plan.explanation, measures)


def last_published(notice: Notice, at: datetime) -> Published | None:
    """The last published day of a notice's metric at an instant whose level says something (MX-05, MX-07)."""
    rows = Published.objects.filter(
        store_id=notice.store_id, calendar=calendar_of(notice.metric), computed_at__lte=at, day__gte=notice.day
    )
    said = (row for row in rows.order_by("-day") if row.scorecard.get(notice.metric, {}).get("level") in SAYING_LEVELS)
    return next(said, None)
