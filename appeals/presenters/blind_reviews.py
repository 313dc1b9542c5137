"""The blind reviews that wait (BX-07)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from appeals.presenters.review_queue import subject_of
from stores.claims import Holder, holder_of
from stores.models import User


@dataclass(frozen=True, slots=True)
class BlindRow:
    """A decision that waits to be decided again; who decided it first is not told."""

    number: str
    url: str
    store: str
    subject: str
    orders: int
    since: datetime
    holder: Holder | None
    act: str


def blind_rows(reviews: Iterable[Any], *, user: User, at: datetime) -> list[BlindRow]:
    """Each that waits."""
    return [_row(review, holder_of(review, user=user, at=at)) for review in reviews]


def _row(review: Any, holder: Holder | None) -> BlindRow:
    return BlindRow(
        number=review.appeal.number,
        url=reverse("admin:appeals_appealreview_decide", args=[review.pk]),
        store=review.appeal.store.name,
        subject=subject_of(review.appeal),
        orders=review.orders,
        since=review.begun_at,
        holder=holder,
        act="claim" if holder is None else "continue" if holder.mine else "watch",
    )
