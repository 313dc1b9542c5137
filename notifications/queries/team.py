"""The colleagues of a notice: who can look after it, and their notes (PN-13)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from notifications.models import Notice, NoticeNote
from stores.models import Store, User


@dataclass(frozen=True, slots=True)
class Team:
    """Members who may look after a notice; ``notes``: theirs, newest first, None for whoever is no colleague."""

    members: Sequence[User]
    notes: Sequence[NoticeNote] | None


def team_of(store: Store) -> QuerySet[User]:
    """The members of the store's company who can sign in."""
    return User.objects.filter(memberships__company=store.company_id, is_active=True).order_by("name", "email")


def notice_team(notice: Notice, *, is_colleague: bool) -> Team:
    """Notes are for the company alone: not for reviewers who read its store, nor for programs."""
    notes = list(notice.notes.select_related("author").order_by("-at", "-id")) if is_colleague else None
    return Team(list(team_of(notice.store)), notes)
