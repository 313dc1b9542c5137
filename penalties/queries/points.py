"""Penalty points that count (PN-43)."""

from collections.abc import Collection
from datetime import date, datetime

from django.db.models import QuerySet

from core.timebase import performance_day, performance_day_start
from penalties.models import PointsEntry
from stores.models import Store


def counting_rows(at: datetime) -> QuerySet[PointsEntry]:
    """The points of this calendar year and the one before that were not lifted."""
    first = performance_day_start(date(performance_day(at).year - 1, 1, 1))
    return PointsEntry.objects.filter(at__gte=first, lifted_at=None)


def counting_entries(store_ids: Collection[int], at: datetime) -> list[PointsEntry]:
    """The points of stores that count, by store in order of time."""
    rows = counting_rows(at).filter(store__in=store_ids)
    return list(rows.order_by("store_id", "at", "source", "cause"))


def points_of_year(store: Store, year: int) -> list[PointsEntry]:
    """Every entry of a calendar year in Shanghai, lifted ones too, the latest first."""
    first, last = (performance_day_start(date(one, 1, 1)) for one in (year, year + 1))
    return list(PointsEntry.objects.filter(store=store, at__gte=first, at__lt=last).order_by("-at", "-pk"))
