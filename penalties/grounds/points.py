"""What penalty points bring: the ladder within a calendar year in Shanghai (PN-43)."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from itertools import groupby

from django.utils.translation import gettext as _

from core.timebase import performance_day
from penalties.models import Penalty, PointsEntry
from penalties.queries.points import counting_entries, counting_rows
from penalties.rules import CaseGround, Found, Ground, PenaltyKind
from penalties.sources import GroundWords, grounds_of
from rulebook.policy.conduct import PointsStep
from rulebook.queries import policies, policy_in

POINTS = "points"
STORE_CLOSING = "store_closing"


def points_words(penalty: Penalty) -> GroundWords:
    return GroundWords(
        cause=_("%(points)s penalty points in %(year)s") % penalty.facts,
        lifted_by=_("Ends by itself after its days, or when points are lifted."),
    )


@grounds_of(POINTS, words=points_words, rows=counting_rows)
def grounds_of_points(store_ids: Collection[int], at: datetime) -> Iterator[Found]:
    """Each step of the ladder that a year's points reach, from the instant of the entry that reached it. What a step
    brought runs its days also where the points expire with the year before."""
    entries = counting_entries(store_ids, at)
    periods = policies() if entries else ()
    for (_store_id, year), of_year in groupby(entries, lambda one: (one.store_id, performance_day(one.at).year)):
        before = 0
        for entry in of_year:
            total = before + entry.points
            for step in policy_in(periods, entry.at).penalties.points_ladder:
                if before < step.points <= total:
                    yield from _grounds(entry, step, total, year)
            before = total


def _grounds(entry: PointsEntry, step: PointsStep, total: int, year: int) -> Iterator[Found]:
    facts = {"points": total, "year": year, "step": step.points}
    # With the entry: where points are lifted and others reach the step later, it is reached anew.
    cause = f"{step.points} {entry.source} {entry.cause}"
    for action in step.actions:
        if step.days:
            kind, ends_at = PenaltyKind(action), entry.at + timedelta(days=step.days)
            yield Ground(entry.store_id, kind, cause, "PN-43", entry.at, ends_at, facts=facts)
        else:
            yield CaseGround(entry.store_id, STORE_CLOSING, str(year), entry.at, POINTS, str(year), facts)
