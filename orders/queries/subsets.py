"""Some of a store's orders, such as those of a notice, that the order list shows alone where its address says so."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.http import urlencode


@dataclass(frozen=True)
class Subset:
    """``order_nos``: a query of order numbers; ``title`` says whose they are, ``action`` the way to ``url``, where that
    is told; ``parameter`` and ``value`` ask for it in an address."""

    parameter: str
    value: str
    title: str
    action: str
    url: str
    order_nos: QuerySet[Any]

    @property
    def query(self) -> str:
        """What an address of the list has to hold."""
        return urlencode({self.parameter: self.value})
