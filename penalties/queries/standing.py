"""Penalties that are in force (PN-42)."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from penalties.models import Penalty
from penalties.rules import PenaltyKind


def penalties_in_force(
    store_ids: Collection[int], at: datetime, *, kinds: Collection[PenaltyKind] = tuple(PenaltyKind)
) -> QuerySet[Penalty]:
    """Penalties of stores that hold at an instant, whether or not a sweep has run since (RL-05); those of mirrored
    stores are predicted."""
    return Penalty.objects.filter(in_force(at), store__in=store_ids, kind__in=kinds)


def in_force(at: datetime) -> Q:
    """The penalties that hold at an instant."""
    lasting = Q(ended_at=None) | Q(ended_at__gt=at)
    unexpired = Q(ends_at=None) | Q(ends_at__gt=at)
    return Q(lasting, unexpired, starts_at__lte=at)
