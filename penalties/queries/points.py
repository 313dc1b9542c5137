"""Penalty points that count (PN-43)."""

from collections.abc import Collection
from datetime import date, datetime

from core.timebase import performance_day, performance_day_start
from penalties.models import PointsEntry


def counting_entries(store_ids: Collection[int], at: datetime) -> list[PointsEntry]:
    """The points of this calendar year and the one before that were not lifted, by store in order of time."""
    first = performance_day_start(date(performance_day(at).year - 1, 1, 1))
    rows = PointsEntry.objects.filter(store__in=store_ids, at__gte=first, lifted_at=None)
    return list(rows.order_by("store_id", "at", "source", "cause"))
