"""What the frame of every page shows of notices and messages."""

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from core.pages.components import Banner
from notifications.presenters.unheard import unheard_banners
from notifications.queries.messages import unread_messages
from notifications.queries.notices import active_notices
from notifications.queries.unheard import unheard_companies
from stores.access import principal_of
from stores.context_processors import frame_store
from stores.frame import frame_number, frame_numbers
from stores.principals import Person


class Inbox:
    """Read only where the frame is drawn: a fragment pays for none of it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def url(self) -> str:
        """The page of messages, of the unread ones while there are any: as many as the badge says. Empty for whoever
        isn't signed in."""
        if not isinstance(principal_of(self._request), Person):
            return ""
        return reverse("notifications:messages") + ("?show=unread" if self.unread else "")

    @cached_property
    def unread(self) -> int:
        """Messages that the person has not read."""
        return frame_numbers(self._request)["unread_messages"]

    @cached_property
    def banners(self) -> list[Banner]:
        """What an owner is told where messages don't reach a company (PN-37); asked for by pages that show it."""
        principal = principal_of(self._request)
        if not isinstance(principal, Person):
            return []
        return unheard_banners(unheard_companies(principal, timezone.now()))

    @cached_property
    def open_notices(self) -> int:
        """Notices that stand in the store at hand, predicted ones too."""
        return frame_numbers(self._request)["open_notices"]


def _unread(request: HttpRequest) -> QuerySet[Any] | None:
    principal = principal_of(request)
    return unread_messages(principal) if isinstance(principal, Person) else None


def _open_notices(request: HttpRequest) -> QuerySet[Any] | None:
    store = frame_store(request)
    return None if store is None else active_notices(store)


frame_number("unread_messages", _unread)
frame_number("open_notices", _open_notices)


def inbox(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``inbox`` for the header and the main navigation."""
    return {"inbox": Inbox(request)}
