"""What waits for operations: risk cases, pickup proofs and logistics claims (PG-20)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Min, Q, QuerySet

from orders.models import LogisticsClaim, RiskCase
from orders.queries.logistics import OPEN
from orders.queries.order_logistics import OrderLogistics, order_logistics
from orders.rules.logistics import ClaimKind, FileSays, file_says
from stores.claims import unclaimed

PER_PAGE = 40
# As many instants of a queue are drawn on the axis of time.
MOST_TICKS = 300
OPEN_CASE = Q(state=RiskCase.State.OPEN)
IS_PROOF = Q(kind=ClaimKind.PICKUP)
# What the store was up to earlier, and what operations said to it, beside what waits.
EARLIER = 6


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, since when, how many of them nobody has claimed, and the instants at which they are due."""

    count: int
    since: datetime | None
    unclaimed: int
    dues: Sequence[datetime] = ()


def cases_waiting(at: datetime) -> Waiting:
    """The open risk cases; only some kinds have a deadline."""
    rows = RiskCase.objects.filter(OPEN_CASE)
    found = rows.aggregate(count=Count("pk"), since=Min("opened_at"), unclaimed=Count("pk", filter=unclaimed(at)))
    dues = rows.exclude(due_at=None).order_by("due_at").values_list("due_at", flat=True)[:MOST_TICKS]
    return Waiting(**found, dues=[due for due in dues if due is not None])


def claims_waiting(at: datetime, *, proofs: bool) -> Waiting:
    """The pickup proofs, or the other logistics claims, that are under review."""
    rows = waiting_claims(proofs=proofs).annotate(free=Q(unclaimed(at))).order_by("due_at")
    clocks = list(rows.values_list("submitted_at", "due_at", "free"))
    return Waiting(
        count=len(clocks),
        since=min((submitted_at for submitted_at, _due, _free in clocks), default=None),
        unclaimed=sum(free for _submitted, _due, free in clocks),
        dues=[due for _submitted, due, _free in clocks][:MOST_TICKS],
    )


def waiting_cases() -> QuerySet[RiskCase]:
    """The open risk cases as they are decided: what has a deadline first, then the oldest."""
    return RiskCase.objects.filter(OPEN_CASE).order_by(F("due_at").asc(nulls_last=True), "opened_at", "pk")


def waiting_claims(*, proofs: bool) -> QuerySet[LogisticsClaim]:
    return LogisticsClaim.objects.filter(OPEN, IS_PROOF if proofs else ~IS_PROOF)


def open_case_count() -> int:
    return RiskCase.objects.filter(OPEN_CASE).count()


def open_claim_counts() -> dict[str, int]:
    """How many ``proofs`` and ``claims`` are under review."""
    return LogisticsClaim.objects.filter(OPEN).aggregate(
        proofs=Count("pk", filter=IS_PROOF), claims=Count("pk", filter=~IS_PROOF)
    )


# ── Queues ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class CaseQueue:
    """A page of cases; ``counts`` of the open ones by kind."""

    page: Page[Any]
    counts: dict[str, int]


def case_queue(*, kind: str, decided: bool, number: str | None) -> CaseQueue:
    """The cases of a kind (empty: of all), what is due first, then the oldest; ``decided``: the latest of those that
    were decided."""
    page = Paginator(listed_cases(kind=kind, decided=decided), PER_PAGE).get_page(number)
    counted = RiskCase.objects.filter(OPEN_CASE).order_by().values_list("kind").annotate(number=Count("pk"))
    return CaseQueue(page, dict(counted))


def listed_cases(*, kind: str, decided: bool) -> QuerySet[RiskCase]:
    """Every case of the queue."""
    rows = RiskCase.objects.exclude(OPEN_CASE).order_by("-decided_at", "-pk") if decided else waiting_cases()
    if kind and not decided:
        rows = rows.filter(kind=kind)
    return rows.select_related("store", "claimed_by", "decided_by")


def claim_queue(*, part: str, number: str | None) -> Page[LogisticsClaim]:
    """What was handed in: ``proofs`` or ``claims`` that wait, by when they are due, or the latest ``decided``."""
    return Paginator(listed_claims(part=part), PER_PAGE).get_page(number)


def listed_claims(*, part: str) -> QuerySet[LogisticsClaim]:
    """Every claim of the queue."""
    related = LogisticsClaim.objects.select_related("store", "order", "claimed_by", "decided_by")
    if part == "decided":
        return related.exclude(OPEN).order_by("-decided_at", "-pk")
    return related.filter(OPEN, IS_PROOF if part == "proofs" else ~IS_PROOF).order_by("due_at", "pk")


# ── One of them ────────────────────────────────────────────────────────────────────────────────────────────────────


def case_with(pk: int) -> RiskCase | None:
    """A case with everything that its page shows."""
    return RiskCase.objects.select_related("store__company", "claimed_by", "decided_by").filter(pk=pk).first()


def store_cases(store_id: int, *, besides: int | None = None) -> list[RiskCase]:
    """The store's latest cases, the latest first."""
    rows = RiskCase.objects.filter(store=store_id).exclude(pk=besides or 0)
    return list(rows.order_by("-opened_at", "-pk")[:EARLIER])


def claim_with(pk: int) -> LogisticsClaim | None:
    """A claim with everything that its page shows."""
    rows = LogisticsClaim.objects.select_related(
        "store__company", "order__store", "claimed_by", "decided_by", "submitted_by", "scan"
    )
    return rows.filter(pk=pk).first()


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """A file of a claim; ``says``: how it compares with the form; ``read``: whether its text is known."""

    row: Any
    says: FileSays
    read: bool


@dataclass(frozen=True, slots=True)
class ClaimReview:
    """A claim beside what the data say; ``earlier``: the store's decided ones of the kind, the latest first."""

    claim: LogisticsClaim
    files: Sequence[ClaimFile]
    data: OrderLogistics
    earlier: Sequence[LogisticsClaim]


def claim_review(claim: LogisticsClaim, at: datetime) -> ClaimReview:
    """What a reviewer compares."""
    data = order_logistics(claim.order, at)
    carrier = next((one.carrier for one in data.parcels if one.parcel.tracking_no == claim.tracking_no), None)
    names = [claim.carrier, carrier.name if carrier else ""]
    earlier = LogisticsClaim.objects.filter(store=claim.store_id, kind=claim.kind).exclude(OPEN).exclude(pk=claim.pk)
    return ClaimReview(
        claim=claim,
        files=[_file(row, claim, names) for row in claim.files.select_related("file").order_by("place")],
        data=data,
        earlier=list(earlier.select_related("order").order_by("-pk")[:EARLIER]),
    )


def _file(row: Any, claim: LogisticsClaim, carriers: Sequence[str]) -> ClaimFile:
    pages = row.file.facts.get("pages", ())
    lines = [line for page in pages for line in _lines(page)]
    says = file_says(lines, tracking_no=claim.tracking_no, carriers=carriers, happened_at=claim.happened_at)
    return ClaimFile(row, says, bool(lines))


def _lines(page: dict[str, Any]) -> list[str]:
    """A page's lines of words, as `evidence.inspection.page_facts` found them."""
    lines: dict[int, list[str]] = {}
    for word in page["words"]:
        lines.setdefault(word[0], []).append(word[1])
    return [" ".join(words) for words in lines.values()]
