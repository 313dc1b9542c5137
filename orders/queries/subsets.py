"""Some of a store's orders that an app left of this one names, such as those of a notice: the order list shows them
alone where its address asks for them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.http import urlencode

from stores.models import Store


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


Finder = Callable[[Store, str], Subset | None]
_finders: dict[str, Finder] = {}


def register_subset(parameter: str, finder: Finder) -> None:
    """Let addresses of the order list name a subset: ``finder`` gives it for a value, or None."""
    if _finders.setdefault(parameter, finder) is not finder:
        raise ValueError(f"two subsets of the name {parameter!r}")


def subset_parameters() -> Iterable[str]:
    """The parameters that name subsets."""
    return _finders.keys()


def subset_asked(store: Store, given: Mapping[str, Any]) -> Subset | None:
    """The subset that an address names; one that isn't there is as none."""
    for parameter, finder in _finders.items():
        value = str(given.get(parameter, ""))
        if value and "\x00" not in value and (found := finder(store, value)) is not None:
            return found
    return None
