"""Notices that a night issued from what it had published before a correction (BX-03, MX-09)."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction

from appeals.models import CorrectionReport
from metrics.catalogue import Calendar
from metrics.rules.days import day_end
from metrics.scorecards.loading import load_spans
from notifications.models import Notice
from notifications.rules import OPEN_STATES
from notifications.services.consequences import Correction, end_groundless_notices
from stores.models import Store
from stores.services.holding import hold_stores
from stores.shards import EVERY_STORE, Shard

# A correction may be delivered this long after its decision and be later than the night all the same.
DELAY = timedelta(days=1)


def recheck_day(*, day: date, at: datetime, calendar: Calendar, shard: Shard = EVERY_STORE) -> int:
    """Re-evaluate the day's notices of stores that were corrected while the night published and judged it; returns how
    many ended. Judging goes by published rows, which a correction does not change."""
    late = CorrectionReport.objects.filter(at__gte=day_end(day, calendar) - DELAY).order_by("store_id", "id")
    noticed = Notice.objects.filter(day=day, state__in=OPEN_STATES).values("store_id")
    return sum(_recheck(report, day) for report in shard.narrow(late.filter(store_id__in=noticed)))


@transaction.atomic
def _recheck(report: CorrectionReport, day: date) -> int:
    hold_stores([report.store_id])
    store = Store.objects.select_related("company").filter(pk=report.store_id).first()
    metrics = _metrics_changed(report, day)
    if store is None or not metrics:
        return 0
    span = load_spans([store], day, day, codes=metrics)[store.pk]
    changed = frozenset((day, metric) for metric in metrics)
    return len(end_groundless_notices(Correction(store, span, report.cause_no, report.at, changed)))


def _metrics_changed(report: CorrectionReport, day: date) -> Collection[str]:
    return {result["metric"] for result in report.results if result["day"] == day.isoformat()}
