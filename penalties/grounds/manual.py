"""Penalties that one person of operations proposed and another one confirmed (PN-42)."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from penalties.models import Penalty, PenaltyProposal
from penalties.rules import Ground, PenaltyKind
from penalties.sources import GroundWords, grounds_of

SOURCE = "manual"


def manual_words(penalty: Penalty) -> GroundWords:
    lifted_by = "" if penalty.ends_at is not None else _("Operations lift it; two people decide on that.")
    return GroundWords(penalty.facts["reason"], lifted_by)


def _confirmed(_at: datetime) -> QuerySet[PenaltyProposal]:
    rows = PenaltyProposal.objects.filter(state=PenaltyProposal.State.CONFIRMED, action=PenaltyProposal.Action.APPLY)
    return rows.exclude(kind=PenaltyKind.PENALTY_POINTS)


@grounds_of(SOURCE, words=manual_words, rows=_confirmed)
def grounds_of_proposals(store_ids: Collection[int], at: datetime) -> Iterable[Ground]:
    """Confirmed proposals of penalties; points have rows of their own."""
    for row in _confirmed(at).filter(store__in=store_ids):
        assert row.decided_at is not None
        yield Ground(
            store_id=row.store_id,
            kind=PenaltyKind(row.kind),
            cause=f"proposal {row.pk}",
            rule=row.rule,
            starts_at=row.decided_at,
            ends_at=None if row.days is None else row.decided_at + timedelta(days=row.days),
            subject=row.subject,
            facts={"reason": row.reason},
        )
