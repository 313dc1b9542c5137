"""What the frame of every page shows of appeals."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest

from appeals.queries.listing import waiting_appeals
from stores.context_processors import frame_store


class Appealing:
    """Read only where the frame is drawn: a fragment pays for none of it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def waiting(self) -> int:
        """Appeals of the store at hand that wait for the seller."""
        store = frame_store(self._request)
        return 0 if store is None else waiting_appeals(store)


def appealing(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``appealing`` for the main navigation."""
    return {"appealing": Appealing(request)}
