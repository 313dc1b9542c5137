"""The penalties and points of a store, as its page shows them (PG-12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from core.timebase import performance_day
from penalties.models import Penalty, PointsEntry
from penalties.queries.points import points_of_year
from penalties.queries.standing import penalties_in_force
from rulebook.policy.conduct import PointsStep
from rulebook.queries import policy_at
from stores.models import Store

PAST_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class PointsFound:
    """The points of the present calendar year with the ladder; lifted ones are listed and don't count."""

    year: int
    total: int
    entries: Sequence[PointsEntry]
    ladder: Sequence[PointsStep]


@dataclass(frozen=True, slots=True)
class PenaltiesFound:
    """``standing``: those in force, predicted ones too; ``past``: a page of the others, the latest first."""

    standing: Sequence[Penalty]
    past: "Page[Any]"
    points: PointsFound


def penalties_page(*, store: Store, at: datetime, page: str | None) -> PenaltiesFound:
    """Load the page in a fixed number of queries."""
    return PenaltiesFound(standing_penalties(store, at), past_page(store, at, page), points_found(store, at))


def standing_penalties(store: Store, at: datetime) -> list[Penalty]:
    """The penalties of a store that hold at an instant: those that end first in front, then those until lifted."""
    rows = list(penalties_in_force([store.pk], at))
    for row in rows:
        row.store = store
    return sorted(rows, key=lambda row: (row.ends_at is None, row.ends_at or row.starts_at, row.kind, row.pk))


def past_page(store: Store, at: datetime, page: str | None) -> "Page[Any]":
    return Paginator(past_penalties(store, at), PAST_A_PAGE).get_page(page)


def past_penalties(store: Store, at: datetime) -> QuerySet[Penalty]:
    """Every penalty that is over, the latest first."""
    over = Q(ended_at__lte=at) | Q(ends_at__lte=at)
    return Penalty.objects.filter(over, store=store).select_related("store").order_by("-starts_at", "-pk")


def penalties_of_notice(store: Store, number: str) -> list[Penalty]:
    """What a notice brought, in order of time."""
    rows = Penalty.objects.filter(store=store, source="notice", cause=number).order_by("starts_at", "kind")
    found = list(rows)
    for row in found:
        row.store = store
    return found


def points_found(store: Store, at: datetime) -> PointsFound:
    year = performance_day(at).year
    entries = points_of_year(store, year)
    total = sum(entry.points for entry in entries if entry.lifted_at is None)
    return PointsFound(year, total, entries, policy_at(at).penalties.points_ladder)


def kinds_by_notice(store: Store, numbers: Sequence[str]) -> dict[str, list[str]]:
    """The kinds of the penalties that notices brought, whether in force or over, in order of time."""
    rows = Penalty.objects.filter(store=store, source="notice", cause__in=numbers).order_by("starts_at", "kind")
    found: dict[str, list[str]] = {}
    for number, kind in rows.values_list("cause", "kind"):
        kinds = found.setdefault(number, [])
        if kind not in kinds:
            kinds.append(kind)
    return found
