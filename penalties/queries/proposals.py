"""Proposals of penalties and of their lifting (PN-42)."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Q

from penalties.models import Penalty, PenaltyProposal
from penalties.rules import Key

OPEN_PROPOSAL = Q(state=PenaltyProposal.State.OPEN)
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
