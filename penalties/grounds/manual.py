"""Penalties that one person of operations proposed and another one confirmed (PN-42)."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from penalties.models import Penalty, PenaltyProposal
from penalties.rules import Ground, PenaltyKind
from penalties.sources import GroundWords, grounds_of

SOURCE = "manual"


def manual_words(penalty: Penalty) -> GroundWords:
    lifted_by = "" if penalty.ends_at is not None else _("Operations lift it; two people decide on that.")
    return GroundWords(penalty.facts["reason"], lifted_by)


@grounds_of(SOURCE, words=manual_words)
def grounds_of_proposals(store_ids: Collection[int], at: datetime) -> Iterable[Ground]:
    """Confirmed proposals of penalties; points have rows of their own."""
    del at
    rows = PenaltyProposal.objects.filter(
        store__in=store_ids, state=PenaltyProposal.State.CONFIRMED, action=PenaltyProposal.Action.APPLY
    ).exclude(kind=PenaltyKind.PENALTY_POINTS)
    for row in rows:
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
