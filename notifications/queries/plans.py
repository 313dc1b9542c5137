"""What improvement plans are judged by: published levels (PN-10)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from metrics.catalogue import METRICS
from metrics.models import Published
from notifications.models import ImprovementPlan, Notice
from notifications.rules import SAYING_LEVELS


def handed_in_since(notices: Iterable[Notice]) -> dict[int, datetime]:
    """When the plans of notices were handed in, by the notices' ids; none for those that were not."""
    plans = ImprovementPlan.objects.filter(notice__in=[notice.pk for notice in notices])
    return {plan.notice_id: plan.submitted_at for plan in plans if plan.submitted_at is not None}


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
            of_metric = row.calendar == METRICS[notice.metric].calendar and first < row.computed_at <= last
            if of_metric and level in SAYING_LEVELS:
                found[notice.pk] = level
    return found
