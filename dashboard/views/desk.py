"""The home of the staff admin, and the tables behind it (PG-20)."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from appeals.queries.reviewers import REVIEW_PERMISSION
from core.pages.responses import render_page
from dashboard.presenters.desk import TablesPage, desk_page, groups_of
from dashboard.queries.desk import desk_of
from rulebook.queries import policies_held
from stores.desk import desk_nav
from stores.models import User


def desk(request: HttpRequest) -> HttpResponse:
    """What waits for operations."""
    user, now = cast(User, request.user), timezone.now()
    with policies_held():
        found = desk_of(user, now)
        page = desk_page(found, may_claim=user.has_perm(REVIEW_PERMISSION), at=now, nav=desk_nav(request, "desk"))
        return render_page(request, "desk/desk.html", page)


def tables(request: HttpRequest, app_list: Iterable[Mapping[str, Any]]) -> HttpResponse:
    """Every table that the person may see, by what is done with it."""
    return render_page(request, "desk/tables.html", TablesPage(groups_of(app_list), desk_nav(request, "tables")))
