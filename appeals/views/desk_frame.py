"""What the views of the staff's work pages share: who may come in, and the frame (PG-20)."""

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from appeals.presenters.desk import desk_entries
from appeals.queries.blind_reviews import waiting_blind_count
from appeals.queries.review_queue import waiting_count
from appeals.queries.reviewers import REVIEW_PERMISSION
from stores.context_processors import nav
from stores.models import User

VIEW_PERMISSION = "appeals.view_appeal"


def staff_of(request: HttpRequest, permission: str = VIEW_PERMISSION) -> User:
    """The person, who has the permission. Raises PermissionDenied."""
    user = cast(User, request.user)
    if not user.has_perm(permission):
        raise PermissionDenied
    return user


def reviewer_of(request: HttpRequest) -> User:
    """The person, who may review appeals. Raises PermissionDenied."""
    return staff_of(request, REVIEW_PERMISSION)


def desk_nav(request: HttpRequest, current: str) -> dict[str, Any]:
    """The frame of a work page."""
    entries = desk_entries(waiting=waiting_count(), blind=waiting_blind_count())
    return nav(request, entries=entries, current=current)
