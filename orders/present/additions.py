"""What apps above this one add to the page of an order, in its first answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orders.models import Order
from stores.models import Store


@dataclass(frozen=True)
class Addition:
    """A section of the page: the template that shows it, and what that reads."""

    template: str
    context: dict[str, Any]


Maker = Callable[[Store, Order, datetime], Addition]
_makers: list[Maker] = []


def register_addition(maker: Maker) -> None:
    """Let an app add a section to the page of every order."""
    if maker not in _makers:
        _makers.append(maker)


def additions_to(store: Store, order: Order, at: datetime) -> list[Addition]:
    """The sections that apps add to the page of an order."""
    return [maker(store, order, at) for maker in _makers]
