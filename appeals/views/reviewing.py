"""Who may come in to the pages of the review (AP-04)."""

from django.http import HttpRequest

from appeals.queries.reviewers import REVIEW_PERMISSION
from stores import desk
from stores.models import User

VIEW_PERMISSION = "appeals.view_appeal"


def staff_of(request: HttpRequest) -> User:
    """The person, who may see appeals. Raises PermissionDenied."""
    return desk.staff_of(request, VIEW_PERMISSION)


def reviewer_of(request: HttpRequest) -> User:
    """The person, who may review appeals. Raises PermissionDenied."""
    return desk.staff_of(request, REVIEW_PERMISSION)
