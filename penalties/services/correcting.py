"""Penalties that a correction leaves without a ground end with it (BX-03)."""

from datetime import date, timedelta
from fractions import Fraction

from django.db.models import Q

from core.timebase import days_between
from notifications.services.consequences import Correction, Outcome, reevaluates
from penalties.grounds.defects import DEFECTS
from penalties.models import Penalty
from penalties.rules import Ending
from penalties.services.deriving import derive_penalties, lift_penalties
from penalties.services.levels import grade_anew
from rulebook.rules import crosses

IN_FORCE, PREDICTED = "in_force", "predicted"


@reevaluates("penalty")
def end_groundless_penalties(correction: Correction) -> list[Outcome]:
    """End the penalties whose grounds fell away with the correction, those of notices that it ended included; returns
    what became of them. The key of an outcome is the penalty's kind and id."""
    there = Q(ended_at=None) | Q(ended_at=correction.at)
    before = [row.pk for row in Penalty.objects.filter(there, store=correction.store)]
    _lift_suspensions(correction)
    grade_anew(correction)
    derive_penalties(store_ids=[correction.store.pk], at=correction.at)
    ended = Penalty.objects.filter(pk__in=before).exclude(ended_at=None).exclude(ending=Ending.EXPIRED)
    return [
        Outcome("penalty", f"{row.kind} {row.pk}", PREDICTED if row.predicted else IN_FORCE, row.ending)
        for row in ended.order_by("starts_at", "kind", "pk")
    ]


def _lift_suspensions(correction: Correction) -> None:
    """Lift suspended settlements where one of the days, as corrected, is no longer over the line (PN-11). Days that the
    correction does not reach stay as they were published (MX-08)."""
    rows = Penalty.objects.select_related("store__company").filter(
        store=correction.store, source=DEFECTS, ended_at=None
    )
    groundless = [row for row in rows if not _stands(row, correction)]
    lift_penalties(rows=groundless, at=correction.at)


def _stands(row: Penalty, correction: Correction) -> bool:
    metric, line, last = row.facts["metric"], Fraction(row.facts["line"]), date.fromisoformat(row.cause)
    days = days_between(last - timedelta(days=row.facts["days"] - 1), last)
    for day in days:
        if (day, metric) in correction.changed:
            value = correction.span.value(metric, day)
            if value.exact is None or not value.sufficient or not crosses(value.exact, line, floor_top=None):
                return False
    return True
