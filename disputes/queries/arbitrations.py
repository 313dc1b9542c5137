"""The disputes that wait for operations, the one due first on top (DP-19)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from disputes.models import Arbitration, ArbitrationDraft
from stores.claims import people_who_may, unclaimed
from stores.models import Membership, User

PER_PAGE = 40
WAITING = "waiting"
DECIDE, REASSIGN = "disputes.decide_arbitration", "disputes.reassign_arbitration"


@dataclass(frozen=True, slots=True)
class ArbitrationQueue:
    """A page of one part of the queue, with how many each part has."""

    rows: list[Arbitration]
    page: Page[Any]
    counts: dict[str, int]


def parts_for(user: User, at: datetime) -> dict[str, Q]:
    """The parts of the queue by name."""
    waits = Q(ended_at=None)
    return {
        WAITING: waits,
        "unclaimed": waits & unclaimed(at),
        "mine": waits & Q(claimed_by=user) & ~unclaimed(at),
        "complex": waits & Q(is_complex=True),
        "ended": Q(ended_at__isnull=False),
    }


def arbitration_queue(part: str, text: str, *, user: User, at: datetime, number: str | None) -> ArbitrationQueue:
    """A page of one part, in three queries for any number of rows; ``text``: number of a dispute, order or store."""
    parts = parts_for(user, at)
    counts = Arbitration.objects.aggregate(**{name: Count("pk", filter=which) for name, which in parts.items()})
    rows = listed_arbitrations(part, text, user=user, at=at)
    page = Paginator(rows, PER_PAGE).get_page(number)
    return ArbitrationQueue(list(page.object_list), page, counts)


def listed_arbitrations(part: str, text: str, *, user: User, at: datetime) -> QuerySet[Arbitration]:
    """Every arbitration of a part of the queue."""
    rows = _loaded().filter(parts_for(user, at)[part])
    # PostgreSQL refuses text with NUL as an error of the query.
    if text := text.replace("\x00", "").strip():
        rows = rows.filter(
            Q(dispute__dispute_no=text) | Q(dispute__order__order_no=text) | Q(dispute__store__store_no=text)
        )
    order = ("-ended_at", "-pk") if part == "ended" else ("due_at", "pk")
    return rows.order_by(*order)


def most_urgent(user: User, at: datetime) -> Arbitration | None:
    """The unclaimed arbitration that is due first, of those that the person may decide."""
    own = Membership.objects.filter(user=user).values("company")
    rows = _loaded().filter(unclaimed(at), ended_at=None).exclude(dispute__store__company__in=own)
    return rows.order_by("due_at", "pk").first()


def arbitration_of(pk: int) -> Arbitration | None:
    """An arbitration with its dispute, order, store and company."""
    return _loaded().filter(pk=pk).first()


def draft_of(arbitration: Arbitration, reviewer: User) -> ArbitrationDraft | None:
    """What a reviewer filled in but has not sent."""
    return ArbitrationDraft.objects.filter(arbitration=arbitration, reviewer=reviewer).first()


def colleagues_for(arbitration: Arbitration, reviewer: User) -> QuerySet[User]:
    """To whom an arbitration can be handed over, which needs its dispute and store."""
    return people_who_may(DECIDE, company_id=arbitration.dispute.store.company_id).exclude(pk=reviewer.pk)


def waiting_count() -> int:
    """How many wait for a verdict."""
    return Arbitration.objects.filter(ended_at=None).count()


def _loaded() -> QuerySet[Arbitration]:
    return Arbitration.objects.select_related("dispute__order", "dispute__store__company", "claimed_by", "decided_by")
