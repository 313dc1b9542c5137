"""Penalties, points and cases as tests compare them."""

from datetime import datetime

from core.sweeping import sweep
from orders.models import RiskCase
from penalties.models import Penalty, PenaltyProposal, PointsEntry
from penalties.services.deriving import derive_penalties
from stores.models import Store
from tests.outbox import deliver


def penalties(store: Store) -> list[tuple[str, str, datetime, datetime | None, str]]:
    """Kind, cause, begin, end and how it ended, in order of time."""
    rows = Penalty.objects.filter(store=store).order_by("starts_at", "kind", "cause", "subject")
    return [(row.kind, row.cause, row.starts_at, row.ended_at, row.ending) for row in rows]


def in_force(store: Store) -> list[str]:
    """The kinds that have not ended."""
    return sorted(Penalty.objects.filter(store=store, ended_at=None).values_list("kind", flat=True))


def points(store: Store) -> list[tuple[int, str, bool]]:
    """Points, cause, and whether they were lifted."""
    rows = PointsEntry.objects.filter(store=store).order_by("at", "cause")
    return [(row.points, row.cause, row.lifted_at is not None) for row in rows]


def cases(store: Store) -> list[tuple[str, str, datetime]]:
    """Kind, cause and opening of the risk cases."""
    rows = RiskCase.objects.filter(store=store).order_by("opened_at", "kind", "dedupe")
    return [(row.kind, row.dedupe, row.opened_at) for row in rows]


def swept(at: datetime) -> None:
    """Fire what is due and deliver what it tells."""
    sweep(at=at)
    deliver()


def impose(store: Store, kind: str, at: datetime, days: int | None = None) -> Penalty:
    """A penalty that two people decided on; what follows from it is carried out."""
    proposal = PenaltyProposal.objects.create(
        store=store, action="apply", kind=kind, days=days, reason="As found", proposed_at=at, due_at=at,
        state="confirmed", decided_at=at,
    )  # fmt: skip
    derive_penalties(store_ids=[store.pk], at=at)
    deliver()
    return Penalty.objects.get(store=store, cause=f"proposal {proposal.pk}")


def lift(penalty: Penalty, at: datetime) -> None:
    """Two people lift a penalty; what follows is carried out."""
    PenaltyProposal.objects.create(
        store=penalty.store, action="lift", kind=penalty.kind, penalty=penalty, reason="Not so", proposed_at=at,
        due_at=at, state="confirmed", decided_at=at,
    )  # fmt: skip
    derive_penalties(store_ids=[penalty.store_id], at=at)
    deliver()
