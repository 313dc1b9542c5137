"""The decisions that wait to be decided again blind, the oldest first (BX-07)."""

from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet

from appeals.models import AppealReview
from stores.claims import unclaimed
from stores.models import Membership, User

PER_PAGE = 40


def waiting_blind() -> QuerySet[AppealReview]:
    return AppealReview.objects.filter(blind=True, decided_at=None)


def waiting_blind_count() -> int:
    return waiting_blind().count()


def blind_page(number: str | None) -> Page[Any]:
    """A page of those that wait, each with the number of its orders."""
    rows = waiting_blind().annotate(orders=Count("appeal__orders"))
    rows = rows.select_related("appeal__store", "appeal__notice", "claimed_by").order_by("begun_at", "pk")
    return Paginator(rows, PER_PAGE).get_page(number)


def next_blind_review(user: User, at: datetime) -> AppealReview | None:
    """The oldest unclaimed one that the person may decide."""
    decided = AppealReview.objects.filter(reviewer=user, decided_at__isnull=False)
    own = Membership.objects.filter(user=user).values("company")
    rows = waiting_blind().filter(unclaimed(at)).exclude(appeal__store__company__in=own)
    rows = rows.exclude(appeal__in=decided.values("appeal")).exclude(appeal__previous__in=decided.values("appeal"))
    return rows.select_related("appeal__store__company", "appeal__previous").order_by("begun_at", "pk").first()


def blind_review_for(pk: int) -> AppealReview | None:
    """A blind review with everything that its page names."""
    rows = AppealReview.objects.filter(blind=True).select_related(
        "appeal__store__company", "appeal__notice__store", "appeal__previous", "claimed_by", "reviewer"
    )
    return rows.filter(pk=pk).first()
