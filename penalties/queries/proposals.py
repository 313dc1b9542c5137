"""Proposals of penalties and of their lifting (PN-42)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from penalties.models import Penalty, PenaltyProposal, PointsEntry
from penalties.queries.standing import in_force
from penalties.rules import Key
from stores.models import Store

OPEN_PROPOSAL = Q(state=PenaltyProposal.State.OPEN)
PER_PAGE = 40
CONFIRMED_LIFT = Q(state=PenaltyProposal.State.CONFIRMED, action=PenaltyProposal.Action.LIFT)


def lifts_by_hand(store_ids: Collection[int]) -> Mapping[tuple[str, Key], datetime]:
    """When two people lifted penalties of stores, by source and key of their grounds."""
    rows = PenaltyProposal.objects.filter(CONFIRMED_LIFT, store__in=store_ids).exclude(penalty=None)
    found: dict[tuple[str, Key], datetime] = {}
    for row in rows.select_related("penalty").order_by("-decided_at"):
        assert row.penalty is not None
        assert row.decided_at is not None
        found[row.penalty.source, key_of(row.penalty)] = row.decided_at
    return found


def key_of(penalty: Penalty) -> Key:
    """As `penalties.rules.Ground.key`."""
    return penalty.store_id, penalty.kind, penalty.subject, penalty.cause


# ── Queue and list ─────────────────────────────────────────────────────────────────────────────────────────────────


def waiting_proposals() -> QuerySet[PenaltyProposal]:
    """Those that wait for a second person, what is due first on top."""
    return PenaltyProposal.objects.filter(OPEN_PROPOSAL).order_by("due_at", "pk")


def open_proposal_count() -> int:
    return PenaltyProposal.objects.filter(OPEN_PROPOSAL).count()


def proposal_queue(*, decided: bool, number: str | None) -> Page[PenaltyProposal]:
    """What waits, or the latest of what was decided."""
    return Paginator(listed_proposals(decided=decided), PER_PAGE).get_page(number)


def listed_proposals(*, decided: bool) -> QuerySet[PenaltyProposal]:
    """Every proposal of the queue."""
    rows = (
        PenaltyProposal.objects.exclude(OPEN_PROPOSAL).order_by("-decided_at", "-pk")
        if decided
        else waiting_proposals()
    )
    return rows.select_related("store", "claimed_by", "proposed_by")


def proposal_with(pk: int) -> PenaltyProposal | None:
    """A proposal with everything that its page shows."""
    related = ("store__company", "claimed_by", "proposed_by", "decided_by", "penalty__store", "entry", "case__store")
    return PenaltyProposal.objects.select_related(*related).filter(pk=pk).first()


@dataclass(frozen=True, slots=True)
class PenaltyFilters:
    """Which penalties a list shows: ``store`` is a number or part of a name, empty values filter nothing."""

    store: str = ""
    kind: str = ""
    source: str = ""


def penalties_listed(filters: PenaltyFilters, at: datetime, number: str | None) -> Page[Any]:
    """The penalties in force, the latest first."""
    return Paginator(listed_penalties(filters, at), PER_PAGE).get_page(number)


def listed_penalties(filters: PenaltyFilters, at: datetime) -> QuerySet[Penalty]:
    """Every penalty in force that passes the filters."""
    rows = Penalty.objects.filter(in_force(at)).select_related("store__company")
    if filters.store:
        rows = rows.filter(Q(store__store_no=filters.store) | Q(store__name__icontains=filters.store))
    given = {"kind": filters.kind, "source": filters.source}
    rows = rows.filter(**{name: value for name, value in given.items() if value})
    return rows.order_by("-starts_at", "-pk")


def lifts_waiting(penalties: Collection[Penalty]) -> Mapping[int, int]:
    """The proposals to lift penalties that wait for an answer, by penalty."""
    rows = PenaltyProposal.objects.filter(OPEN_PROPOSAL, penalty__in=penalties)
    return {penalty: pk for penalty, pk in rows.values_list("penalty", "pk") if penalty is not None}


def entry_with(pk: int) -> PointsEntry | None:
    return PointsEntry.objects.select_related("store__company").filter(pk=pk).first()


def penalty_with(pk: int) -> Penalty | None:
    return Penalty.objects.select_related("store__company").filter(pk=pk).first()


def store_numbered(number: str) -> Store | None:
    return Store.objects.select_related("company").filter(store_no=number).first()
