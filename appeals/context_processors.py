"""What the frame of every page shows of appeals."""

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from appeals.queries.listing import appeals_waiting_for_seller
from stores.context_processors import frame_store
from stores.frame import frame_number, frame_numbers


class Appealing:
    """Read only where the frame is drawn: a fragment pays for none of it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def waiting(self) -> int:
        """Appeals of the store at hand that wait for the seller."""
        return frame_numbers(self._request)["waiting_appeals"]


def _waiting(request: HttpRequest) -> QuerySet[Any] | None:
    store = frame_store(request)
    return None if store is None else appeals_waiting_for_seller(store)


frame_number("waiting_appeals", _waiting)


def appealing(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``appealing`` for the main navigation."""
    return {"appealing": Appealing(request)}
