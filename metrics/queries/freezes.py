"""Freezes as pages read them: which one a day lies in, and the rating that is shown (SR-05, SR-06)."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q

from metrics.models import Published, RatingFreeze
from metrics.models.governance import RATING_PLACES
from rulebook.rules import rounded

# A year of a freeze a week would be one too many for a page.
MOST_FREEZES = 50


def freeze_on(store_id: int, day: date) -> RatingFreeze | None:
    """The freeze that a rating day lies in: one that acts before a predicted one."""
    rows = RatingFreeze.objects.covering(day).filter(store=store_id)
    return rows.order_by("predicted", "-start_day").first()


def freezes_between(store_id: int, first: date, last: date) -> list[RatingFreeze]:
    """The freezes that touch the rating days ``first`` … ``last``, oldest first."""
    ongoing = Q(end_day=None) | Q(end_day__gte=first)
    return list(RatingFreeze.objects.filter(ongoing, store=store_id, start_day__lte=last).order_by("start_day", "id"))


def past_freezes(store_id: int, until: date) -> list[RatingFreeze]:
    """The freezes that began up to a rating day, newest first, at most `MOST_FREEZES`, each with who ended it."""
    rows = RatingFreeze.objects.filter(store=store_id, start_day__lte=until).select_related("ended_by")
    return list(rows.order_by("-start_day", "predicted")[:MOST_FREEZES])


def official_rating(computed: Fraction | None, row: Published | None, freeze: RatingFreeze | None) -> Fraction | None:
    """The published rating of a day: as published, before that the one that a freeze holds, else the computed one."""
    shown: Decimal | None = None
    if row is not None:
        shown = row.shown_rating
    elif freeze is not None and not freeze.predicted:
        shown = freeze.held
    if shown is None or (computed is not None and shown == rounded(computed, RATING_PLACES)):
        return computed
    return Fraction(shown)
