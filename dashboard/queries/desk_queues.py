"""The queues of the desk: how many wait in each, since when and until when, and who has claimed them (PG-20)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import BooleanField, Case, Count, Min, Q, QuerySet, Value, When

from appeals.models import Appeal, AppealReview
from appeals.queries.blind_reviews import waiting_blind
from appeals.queries.review_queue import undecided
from appeals.rules import AppealState
from core.models import Deadline, OutboxEntry
from core.outbox.delivering import given_up
from disputes.models import Arbitration
from metrics.models import RatingAnomalyCase, RatingFreeze, Run
from notifications.models import Notice
from notifications.queries.notices import VIEW
from notifications.rules import NoticeLevel, State
from orders.models import LogisticsClaim, RiskCase
from orders.queries.working import OPEN_CASE, waiting_claims
from penalties.models import PenaltyProposal
from penalties.queries.proposals import waiting_proposals
from stores.claims import unclaimed
from stores.models import User

# As many cases of a queue are drawn on the axis of time.
MOST_TICKS = 300


class Waiting(StrEnum):
    """The queues of the desk."""

    APPEALS = "appeals"
    BLIND = "blind"
    ARBITRATIONS = "arbitrations"
    PLANS = "plans"
    UNOPENED = "unopened"
    PROOFS = "proofs"
    CLAIMS = "claims"
    CASES = "cases"
    PROPOSALS = "proposals"
    RISKS = "risks"
    FREEZES = "freezes"
    NIGHTS = "nights"
    OUTBOX = "outbox"


@dataclass(frozen=True, slots=True)
class ClaimedQueue:
    """A queue whose rows people claim: the columns of its clock (``due``: empty for none), the path to the store of a
    row, the permission to decide, and the paths to people who may not decide a row."""

    since: str
    due: str
    store: str
    permission: str
    barred: tuple[str, ...] = ()


# The model whose rows wait, which a person has to be allowed to see.
MODELS: dict[Waiting, Any] = {
    Waiting.APPEALS: Appeal,
    Waiting.BLIND: AppealReview,
    Waiting.ARBITRATIONS: Arbitration,
    Waiting.PLANS: Notice,
    Waiting.UNOPENED: Notice,
    Waiting.PROOFS: LogisticsClaim,
    Waiting.CLAIMS: LogisticsClaim,
    Waiting.CASES: RiskCase,
    Waiting.PROPOSALS: PenaltyProposal,
    Waiting.RISKS: RatingAnomalyCase,
    Waiting.FREEZES: RatingFreeze,
    Waiting.NIGHTS: Run,
    Waiting.OUTBOX: OutboxEntry,
}
REVIEW_APPEALS = "appeals.review_appeal"
DECIDE_CLAIMS = "orders.decide_logisticsclaim"
CLAIMED: dict[Waiting, ClaimedQueue] = {
    Waiting.APPEALS: ClaimedQueue(
        "begun_at", "due_at", "store", REVIEW_APPEALS, ("decided_by", "previous__decided_by")
    ),
    Waiting.BLIND: ClaimedQueue("begun_at", "", "appeal__store", REVIEW_APPEALS, ("appeal__decided_by",)),
    Waiting.ARBITRATIONS: ClaimedQueue("begun_at", "due_at", "dispute__store", "disputes.decide_arbitration"),
    Waiting.PROOFS: ClaimedQueue("submitted_at", "due_at", "store", DECIDE_CLAIMS),
    Waiting.CLAIMS: ClaimedQueue("submitted_at", "due_at", "store", DECIDE_CLAIMS),
    Waiting.CASES: ClaimedQueue("opened_at", "due_at", "store", "orders.decide_riskcase"),
    Waiting.PROPOSALS: ClaimedQueue(
        "proposed_at", "due_at", "store", "penalties.decide_penaltyproposal", ("proposed_by",)
    ),
}


@dataclass(frozen=True, slots=True)
class Due:
    """When a case is due, and whether the reader has claimed it."""

    at: datetime
    mine: bool = False


@dataclass(frozen=True, slots=True)
class QueueCount:
    """How many wait in a queue, since when, how many of them nobody has claimed (None: nobody claims there), and when
    the first `MOST_TICKS` are due. ``free``: how many the reader may claim; ``free_since`` and ``free_due``: since when
    the oldest of these waits, and when the first is due; ``mine``: how many the reader has claimed. ``parts``: how many
    of each kind."""

    queue: Waiting
    count: int
    since: datetime | None = None
    unclaimed: int | None = None
    dues: Sequence[Due] = ()
    mine: int = 0
    free: int = 0
    free_since: datetime | None = None
    free_due: datetime | None = None
    parts: Sequence[tuple[str, int]] = ()


def may_view(user: User, queue: Waiting) -> bool:
    meta = MODELS[queue]._meta
    return user.has_perm(f"{meta.app_label}.view_{meta.model_name}")


def waiting_rows(queue: Waiting, at: datetime) -> QuerySet[Any]:
    """The rows of a queue, which its list shows too."""
    rows: dict[Waiting, QuerySet[Any]] = {
        Waiting.APPEALS: undecided().filter(state=AppealState.REVIEW),
        Waiting.BLIND: waiting_blind(),
        Waiting.ARBITRATIONS: Arbitration.objects.filter(ended_at=None),
        Waiting.PLANS: Notice.objects.filter(state=State.FAILED),
        Waiting.UNOPENED: Notice.objects.filter(state=State.ISSUED, level=NoticeLevel.RED),
        Waiting.PROOFS: waiting_claims(proofs=True),
        Waiting.CLAIMS: waiting_claims(proofs=False),
        Waiting.CASES: RiskCase.objects.filter(OPEN_CASE),
        Waiting.PROPOSALS: waiting_proposals(),
        Waiting.RISKS: RatingAnomalyCase.objects.filter(state=RatingAnomalyCase.State.OPEN),
        Waiting.FREEZES: RatingFreeze.objects.filter(end_day=None),
        Waiting.NIGHTS: Run.objects.filter(state=Run.State.FAILED),
        Waiting.OUTBOX: given_up(at=at),
    }
    return rows[queue]


def count_queue(queue: Waiting, user: User, at: datetime) -> QueueCount:
    """A queue as the person sees it."""
    rows = waiting_rows(queue, at)
    if queue in CLAIMED:
        return _claimed(queue, rows, user, at)
    if queue == Waiting.UNOPENED:
        return QueueCount(queue, rows.count(), dues=_view_limits())
    if queue in (Waiting.RISKS, Waiting.FREEZES):
        return QueueCount(queue, **rows.aggregate(count=Count("pk"), since=Min("opened_at")))
    return QueueCount(queue, rows.count())


def _claimed(queue: Waiting, rows: QuerySet[Any], user: User, at: datetime) -> QueueCount:
    terms = CLAIMED[queue]
    may = user.has_perm(terms.permission)
    barred = Q(**{f"{terms.store}__company__in": user.memberships.values("company")})
    for path in terms.barred:
        barred |= Q(**{path: user})
    rows = rows.annotate(
        is_free=_flag(unclaimed(at)), is_mine=_flag(Q(claimed_by=user) & ~unclaimed(at)), is_barred=_flag(barred)
    )
    columns = (terms.since, terms.due or terms.since, "is_free", "is_mine", "is_barred")
    clocks = list(rows.order_by().values_list(*columns))
    free = [(since, due) for since, due, is_free, _mine, is_barred in clocks if is_free and may and not is_barred]
    dues = [Due(due, mine) for _since, due, _free, mine, _barred in clocks if due] if terms.due else []
    return QueueCount(
        queue,
        count=len(clocks),
        since=min((clock[0] for clock in clocks if clock[0]), default=None),
        unclaimed=sum(clock[2] for clock in clocks),
        dues=sorted(dues, key=lambda one: one.at)[:MOST_TICKS],
        mine=sum(clock[3] for clock in clocks),
        free=len(free),
        free_since=min((since for since, _due in free if since), default=None),
        free_due=min((due for _since, due in free if due), default=None) if terms.due else None,
        parts=_parts(queue) if clocks else [],
    )


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _parts(queue: Waiting) -> list[tuple[str, int]]:
    """How many cases of each kind wait; how many penalties of each kind are proposed."""
    if queue not in (Waiting.CASES, Waiting.PROPOSALS):
        return []
    rows = RiskCase.objects.filter(OPEN_CASE) if queue == Waiting.CASES else waiting_proposals()
    counted: Any = rows.order_by().values_list("kind").annotate(number=Count("pk"))
    return list(counted.order_by("-number", "kind"))


def _view_limits() -> list[Due]:
    """When the red notices that nobody has opened lose their appeals, the next first."""
    rows = Deadline.objects.filter(kind=VIEW, state=Deadline.State.OPEN)
    return [Due(at) for at in rows.order_by("due_at").values_list("due_at", flat=True)[:MOST_TICKS]]


def most_urgent_queue(user: User, at: datetime) -> Waiting | None:
    """The queue of which the person should claim a case next."""
    return first_free([count_queue(queue, user, at) for queue in CLAIMED if may_view(user, queue)])


def first_free(found: Collection[QueueCount]) -> Waiting | None:
    """The queue whose first free case is due first; where none is due, the one in which a case waits longest."""
    due = [(one.free_due, one.queue) for one in found if one.free_due is not None]
    waits = [(one.free_since, one.queue) for one in found if one.free_since is not None]
    return min(due or waits, default=(None, None))[1]
