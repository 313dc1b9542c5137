"""Some of a store's orders, such as those of a notice, that the order list shows alone where its address says so."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.http import urlencode


@dataclass(frozen=True)
class Subset:
    """``order_nos``: a query of order numbers; ``title`` says whose they are, ``action`` is the text of a link to
    ``url``, if there is one; ``parameter`` and ``value`` select it in an address."""

    parameter: str
    value: str
    title: str
    action: str
    url: str
    order_nos: QuerySet[Any]

    @property
    def query(self) -> str:
        """The query parameters of the list's address."""
        return urlencode({self.parameter: self.value})
