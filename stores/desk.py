"""The frame of the pages on which operations staff work: every app adds its own to the main navigation (PG-20)::

add_desk_page("cases", "admin:orders_riskcase_queue", _("Risk cases"), place=50, waiting=open_case_count)
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from stores.context_processors import nav
from stores.models import User


@dataclass(frozen=True, slots=True)
class DeskPage:
    """A page in the main navigation, by ``place``; ``waiting``: how much waits there for a decision."""

    key: str
    url_name: str
    label: str | Promise
    place: int
    waiting: Callable[[], int] | None


_pages: dict[str, DeskPage] = {}


def add_desk_page(
    key: str, url_name: str, label: str | Promise, *, place: int, waiting: Callable[[], int] | None = None
) -> None:
    """Put a page into the navigation of every page of the desk."""
    _pages[key] = DeskPage(key, url_name, label, place, waiting)


def staff_of(request: HttpRequest, permission: str) -> User:
    """The person, who has the permission. Raises PermissionDenied."""
    user = cast(User, request.user)
    if not user.has_perm(permission):
        raise PermissionDenied
    return user


def desk_nav(request: HttpRequest, current: str) -> dict[str, Any]:
    """The frame of a work page."""
    pages = sorted(_pages.values(), key=lambda page: page.place)
    entries = [
        {
            "key": page.key,
            "label": page.label,
            "url": reverse(page.url_name),
            "count": page.waiting() if page.waiting else 0,
        }
        for page in pages
    ]
    return nav(request, entries=entries, current=current)
