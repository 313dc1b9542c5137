"""The search bonus is suspended while the rating is frozen (SR-06)."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import QuerySet

from metrics.catalogue import Calendar
from metrics.models import RatingFreeze
from metrics.rules.days import run_begins
from penalties.presenters.level_words import freeze_words
from penalties.rules import Ending, Ground, PenaltyKind
from penalties.sources import grounds_of


def _freezes(_at: datetime) -> QuerySet[RatingFreeze]:
    return RatingFreeze.objects.all()


@grounds_of("freeze", words=freeze_words, rows=_freezes)
def grounds_of_freezes(store_ids: Collection[int], at: datetime) -> Iterator[Ground]:
    """From the publication of the day of the anomaly until the freeze ends. One that a correction ended had no ground
    (BX-03)."""
    for freeze in _freezes(at).filter(store_id__in=store_ids).order_by("pk"):
        groundless = freeze.ended_at is not None and freeze.ended_by_id is None and not freeze.predicted
        yield Ground(
            store_id=freeze.store_id,
            kind=PenaltyKind.SEARCH_BONUS_SUSPENDED,
            cause=freeze.start_day.isoformat(),
            rule="SR-06",
            starts_at=run_begins(freeze.start_day, Calendar.RATING),
            ends_at=freeze.ended_at,
            ending=Ending.LIFTED if groundless else Ending.MET,
            facts={"day": freeze.start_day.isoformat()},
        )
