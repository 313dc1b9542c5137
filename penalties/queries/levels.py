"""Graded days of published figures, and the spells that they make (DP-04, DP-06, DP-11, DP-12, TM-10)."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet

from core.timebase import window_start
from metrics.catalogue import Calendar
from metrics.models import Problem
from metrics.rules.days import day_end
from metrics.scorecards.windows import window_of
from orders.models import Order
from penalties.figures import LIABILITY, Figure, PolicyOn
from penalties.models import LevelDay
from penalties.spells import GradedDay, Spell
from rulebook.policy import Policy
from rulebook.queries import policies, policy_in

LIABLE = "disputes_seller_liable"


@dataclass(frozen=True, slots=True)
class FigureDays:
    """The graded days of a store's figure in order, and by day what was found besides."""

    days: Sequence[GradedDay]
    facts: Mapping[date, Mapping[str, Any]]


def graded_days(store_ids: Collection[int], figures: Collection[Figure]) -> dict[tuple[int, str], FigureDays]:
    """The graded days of stores by store and figure, in one query; stores without any are left out."""
    names = [figure.name for figure in figures]
    rows = LevelDay.objects.filter(store_id__in=store_ids, figure__in=names).order_by("store_id", "figure", "day")
    days: dict[tuple[int, str], list[GradedDay]] = defaultdict(list)
    facts: dict[tuple[int, str], dict[date, Mapping[str, Any]]] = defaultdict(dict)
    for store_id, name, day, grade, acts, found in rows.values_list(
        "store_id", "figure", "day", "grade", "acts", "facts"
    ):
        key = (store_id, name)
        days[key].append(GradedDay(day, grade, acts))
        facts[key][day] = found
    return {key: FigureDays(its, facts[key]) for key, its in days.items()}


def days_of(*figures: Figure) -> Callable[[datetime], QuerySet[LevelDay]]:
    """The graded days of figures, as the rows of a source of grounds."""
    names = [figure.name for figure in figures]
    return lambda _at: LevelDay.objects.filter(figure__in=names)


def policies_on(calendar: Calendar) -> PolicyOn:
    """The policy that judges each day of a calendar: the version in force at its end (DM-30)."""
    periods = policies()
    return lambda day: policy_in(periods, day_end(day, calendar) - timedelta(seconds=1))


def spells_of(
    store_ids: Collection[int], figure: Figure
) -> Iterator[tuple[int, int, Spell, Policy, Mapping[date, Mapping[str, Any]]]]:
    """Every spell of a figure in some stores: store, grade, spell, the policy of its first day, what was found by
    day."""
    policy_on = policies_on(figure.calendar)
    for (store_id, _name), found in graded_days(store_ids, [figure]).items():
        for grade, spell in figure.spells(found.days, policy_on):
            yield store_id, grade, spell, policy_on(spell.first), found.facts


def listings_at_fault(store_ids: Collection[int], day: date, policy: Policy) -> dict[int, list[str]]:
    """The listings of stores with as many liable disputes of their own in the window, and as large a share of the
    store's, as policy asks for (DP-04): SKUs by store."""
    first = window_start(day, window_of(policy, LIABILITY))
    problems = Problem.objects.filter(store_id__in=store_ids, counter=LIABLE, day__gte=first, day__lte=day)
    by_order: dict[int, int] = dict(
        problems.values("order_id").annotate(disputes=Count("subject_id")).values_list("order_id", "disputes")
    )
    counts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    orders = Order.objects.filter(pk__in=problems.values("order_id"))
    for pk, store_id, sku in orders.values_list("pk", "store_id", "sku"):
        counts[store_id][sku] += by_order[pk]
    least, share = policy.disputes.delist_min_disputes, policy.disputes.delist_min_share
    return {
        store_id: sorted(sku for sku, own in skus.items() if sku and own >= least and own >= share * sum(skus.values()))
        for store_id, skus in counts.items()
    }
