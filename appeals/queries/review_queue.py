"""The appeals that wait for a decision, the one due first on top (AP-04)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from appeals.models import Appeal, AppealFile, AppealOrder
from appeals.queries.deadlines import REVIEW, SUBJECT, SUPPLEMENT
from appeals.rules import UNDECIDED_STATES, AppealState
from core.models import Deadline
from notifications.models import NoticeOrder
from stores.claims import unclaimed
from stores.models import Membership, User

PER_PAGE = 40
DEFAULT_PART = "waiting"
# What senior reviewers watch (PN-09).
OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """What of the queue is shown; empty texts filter nothing."""

    part: str = DEFAULT_PART
    text: str = ""
    kind: str = ""
    metric: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class QueuedAppeal:
    """An appeal with its clock and what it holds; ``problem_orders``: how many its notice has."""

    appeal: Appeal
    begun_at: datetime | None
    due_at: datetime | None
    orders: int
    problem_orders: int
    files: int
    pages: int
    findings: Counter[str]


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue, with how many appeals each of its parts has."""

    rows: list[QueuedAppeal]
    page: Page[Any]
    counts: dict[str, int]


def parts_for(user: User, at: datetime) -> dict[str, Q]:
    """The parts of the queue by name, as conditions on `undecided`."""
    under_review = Q(state=AppealState.REVIEW)
    return {
        DEFAULT_PART: under_review,
        # The last second is still in time (RL-05).
        OVERDUE: under_review & Q(due_at__lt=at),
        "unclaimed": under_review & unclaimed(at),
        "mine": under_review & Q(claimed_by=user) & ~unclaimed(at),
        "second": under_review & Q(previous__isnull=False),
        "complex": under_review & Q(is_complex=True),
        "supplement": Q(state=AppealState.SUPPLEMENT),
    }


def undecided() -> QuerySet[Any]:
    """The appeals under review or waiting for a supplement, each with the clock that runs."""
    clocks = Deadline.objects.filter(
        store_id=OuterRef("store_id"),
        kind__in=(REVIEW, SUPPLEMENT),
        subject_kind=SUBJECT,
        subject_key=OuterRef("number"),
    ).order_by("-id")
    return Appeal.objects.filter(state__in=UNDECIDED_STATES).annotate(
        begun_at=Subquery(clocks.values("opened_at")[:1]), due_at=Subquery(clocks.values("due_at")[:1])
    )


def review_queue(query: QueueQuery, *, user: User, at: datetime, number: str | None) -> Queue:
    """A page of one part, in seven queries for any number of rows."""
    parts = parts_for(user, at)
    counted = {name: Count("pk", filter=which) for name, which in parts.items()}
    counts = undecided().aggregate(**counted)
    page = Paginator(listed_undecided(query, user=user, at=at), PER_PAGE).get_page(number)
    return Queue(_with_contents(list(page.object_list)), page, counts)


def listed_undecided(query: QueueQuery, *, user: User, at: datetime) -> QuerySet[Any]:
    """Every appeal of a part of the queue, the one due first on top."""
    rows = undecided().filter(parts_for(user, at)[query.part], *_filters(query))
    return rows.select_related("store", "notice", "claimed_by").order_by("due_at", "pk")


def most_urgent(user: User, at: datetime) -> Appeal | None:
    """The unclaimed appeal that is due first, of those that the person may review."""
    own = Membership.objects.filter(user=user).values("company")
    rows = undecided().filter(Q(state=AppealState.REVIEW) & unclaimed(at)).exclude(previous__decided_by=user)
    return rows.exclude(store__company__in=own).select_related("store__company", "previous").order_by("due_at").first()


def overdue_reviews(at: datetime) -> list[Any]:
    """The appeals whose review is overdue at an instant, with ``due_at``, the longest overdue first."""
    overdue = undecided().filter(state=AppealState.REVIEW, due_at__lt=at)
    return list(overdue.select_related("store").order_by("due_at", "pk"))


def waiting_count() -> int:
    return Appeal.objects.filter(state=AppealState.REVIEW).count()


def _filters(query: QueueQuery) -> list[Q]:
    exact = {"kind": query.kind, "notice__metric": query.metric, "store__level": query.level}
    found = [Q(**{name: value}) for name, value in exact.items() if value]
    # PostgreSQL refuses text with NUL as an error of the query.
    text = query.text.replace("\x00", "").strip()
    if text:
        named = AppealOrder.objects.filter(order__order_no=text).values("appeal")
        found.append(
            Q(number=text)
            | Q(subject_key=text)
            | Q(store__store_no=text)
            | Q(store__name__icontains=text)
            | Q(pk__in=named)
        )
    return found


def _with_contents(appeals: Sequence[Any]) -> list[QueuedAppeal]:
    keys = [appeal.pk for appeal in appeals]
    orders = dict(_counted(AppealOrder.objects.filter(appeal__in=keys), "appeal"))
    notices = [appeal.notice_id for appeal in appeals if appeal.notice_id]
    problems = dict(_counted(NoticeOrder.objects.filter(notice__in=notices), "notice"))
    of_files = AppealFile.objects.filter(appeal__in=keys).order_by().values_list("appeal")
    files = {key: counts for key, *counts in of_files.annotate(files=Count("pk"), pages=Sum("file__pages"))}
    return [
        QueuedAppeal(
            appeal=appeal,
            begun_at=appeal.begun_at,
            due_at=appeal.due_at,
            orders=orders.get(appeal.pk, 0),
            problem_orders=problems.get(appeal.notice_id, 0),
            files=files.get(appeal.pk, [0, 0])[0],
            pages=files.get(appeal.pk, [0, 0])[1] or 0,
            findings=Counter(finding["severity"] for finding in appeal.findings),
        )
        for appeal in appeals
    ]


def _counted(rows: QuerySet[Any], owner: str) -> Iterable[tuple[int, int]]:
    counted: Iterable[tuple[int, int]] = rows.order_by().values_list(owner).annotate(number=Count("pk"))
    return counted
