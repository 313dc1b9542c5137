"""What waits for operations: queues with how many, since when and until when, and the reader's claims (PG-20)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Count, Min, QuerySet

from appeals.models import Appeal, AppealReview
from appeals.queries.blind_reviews import waiting_blind
from appeals.queries.review_figures import ReviewFigures, review_figures
from appeals.queries.review_queue import undecided
from appeals.rules import AppealState
from core.models import Deadline, OutboxEntry
from core.outbox.delivering import given_up
from disputes.models import Arbitration
from metrics.catalogue import Calendar
from metrics.models import RatingAnomalyCase, RatingFreeze, Run
from metrics.queries.nights import Night, recent_nights
from metrics.rules.days import last_complete_day
from metrics.services.night import days_to_close
from notifications.models import Notice
from notifications.queries.notices import VIEW
from notifications.rules import NoticeLevel, State
from orders.models import LogisticsClaim, RiskCase
from orders.queries.working import OPEN_CASE, cases_waiting, claims_waiting, waiting_claims
from stores.claims import unclaimed
from stores.models import User

# As many cases of a queue are drawn on the axis of time.
MOST_TICKS = 300
NIGHTS = 5


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
    RISKS = "risks"
    FREEZES = "freezes"
    NIGHTS = "nights"
    OUTBOX = "outbox"


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
    Waiting.RISKS: RatingAnomalyCase,
    Waiting.FREEZES: RatingFreeze,
    Waiting.NIGHTS: Run,
    Waiting.OUTBOX: OutboxEntry,
}


@dataclass(frozen=True, slots=True)
class QueueCount:
    """How many wait in a queue, since when, how many of them nobody has claimed (None: nobody claims there), and the
    instants at which the first `MOST_TICKS` are due."""

    queue: Waiting
    count: int
    since: datetime | None = None
    unclaimed: int | None = None
    dues: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything on the desk; ``figures`` and ``nights`` are None for those who may not see them."""

    queues: list[QueueCount]
    claims: list[Appeal]
    blind_claims: list[AppealReview]
    arbitration_claims: list[Arbitration]
    nights: list[Night] | None
    figures: ReviewFigures | None


def desk_of(user: User, at: datetime) -> Desk:
    """What the person may see of what waits at an instant."""
    seen = [queue for queue, model in MODELS.items() if _may_view(user, model)]
    return Desk(
        queues=[_count(queue, at) for queue in seen],
        claims=_claims(user, at) if Waiting.APPEALS in seen else [],
        blind_claims=_blind_claims(user, at) if Waiting.BLIND in seen else [],
        arbitration_claims=_arbitration_claims(user, at) if Waiting.ARBITRATIONS in seen else [],
        nights=_nights(at) if Waiting.NIGHTS in seen else None,
        figures=review_figures(at) if Waiting.APPEALS in seen else None,
    )


def waiting_rows(queue: Waiting, at: datetime) -> QuerySet[Any]:
    """The rows of a queue, which its list shows too."""
    rows: dict[Waiting, QuerySet[Any]] = {
        Waiting.APPEALS: Appeal.objects.filter(state=AppealState.REVIEW),
        Waiting.BLIND: waiting_blind(),
        Waiting.ARBITRATIONS: Arbitration.objects.filter(ended_at=None),
        Waiting.PLANS: Notice.objects.filter(state=State.FAILED),
        Waiting.UNOPENED: Notice.objects.filter(state=State.ISSUED, level=NoticeLevel.RED),
        Waiting.PROOFS: waiting_claims(proofs=True),
        Waiting.CLAIMS: waiting_claims(proofs=False),
        Waiting.CASES: RiskCase.objects.filter(OPEN_CASE),
        Waiting.RISKS: RatingAnomalyCase.objects.filter(state=RatingAnomalyCase.State.OPEN),
        Waiting.FREEZES: RatingFreeze.objects.filter(end_day=None),
        Waiting.NIGHTS: Run.objects.filter(state=Run.State.FAILED),
        Waiting.OUTBOX: given_up(at=at),
    }
    return rows[queue]


def _count(queue: Waiting, at: datetime) -> QueueCount:
    rows = waiting_rows(queue, at)
    if queue == Waiting.APPEALS:
        return _appeals(at)
    if queue == Waiting.BLIND:
        found = rows.aggregate(count=Count("pk"), since=Min("begun_at"), unclaimed=Count("pk", filter=unclaimed(at)))
        return QueueCount(queue, **found)
    if queue == Waiting.CASES:
        return QueueCount(queue, **asdict(cases_waiting(at)))
    if queue in (Waiting.PROOFS, Waiting.CLAIMS):
        return QueueCount(queue, **asdict(claims_waiting(at, proofs=queue == Waiting.PROOFS)))
    if queue == Waiting.ARBITRATIONS:
        found = rows.aggregate(count=Count("pk"), since=Min("begun_at"), unclaimed=Count("pk", filter=unclaimed(at)))
        dues = list(rows.order_by("due_at").values_list("due_at", flat=True)[:MOST_TICKS])
        return QueueCount(queue, **found, dues=dues)
    if queue == Waiting.UNOPENED:
        return QueueCount(queue, rows.count(), dues=_view_limits())
    if queue in (Waiting.RISKS, Waiting.FREEZES):
        return QueueCount(queue, **rows.aggregate(count=Count("pk"), since=Min("opened_at")))
    return QueueCount(queue, rows.count())


def _appeals(at: datetime) -> QueueCount:
    rows = undecided().filter(state=AppealState.REVIEW).order_by("due_at")
    clocks = list(rows.values_list("begun_at", "due_at"))
    return QueueCount(
        Waiting.APPEALS,
        count=len(clocks),
        since=min((begun for begun, _due in clocks if begun is not None), default=None),
        unclaimed=Appeal.objects.filter(unclaimed(at), state=AppealState.REVIEW).count(),
        dues=[due for _begun, due in clocks if due is not None][:MOST_TICKS],
    )


def _view_limits() -> list[datetime]:
    """When the red notices that nobody has opened lose their appeals, the next first."""
    rows = Deadline.objects.filter(kind=VIEW, state=Deadline.State.OPEN)
    return list(rows.order_by("due_at").values_list("due_at", flat=True)[:MOST_TICKS])


def _claims(user: User, at: datetime) -> list[Appeal]:
    rows = undecided().filter(~unclaimed(at), state=AppealState.REVIEW, claimed_by=user)
    return list(rows.select_related("store", "notice").order_by("claimed_until"))


def _blind_claims(user: User, at: datetime) -> list[AppealReview]:
    rows = waiting_blind().filter(~unclaimed(at), claimed_by=user)
    return list(rows.select_related("appeal__store", "appeal__notice").order_by("claimed_until"))


def _arbitration_claims(user: User, at: datetime) -> list[Arbitration]:
    rows = Arbitration.objects.filter(~unclaimed(at), ended_at=None, claimed_by=user)
    return list(rows.select_related("dispute__store").order_by("claimed_until"))


def _nights(at: datetime) -> list[Night]:
    behind = {calendar: days_to_close(calendar=calendar, at=at) for calendar in Calendar}
    last = max(last_complete_day(at, calendar) for calendar in Calendar)
    return recent_nights(days=NIGHTS, last=last, behind=behind)[: 2 * NIGHTS]


def _may_view(user: User, model: Any) -> bool:
    return user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
