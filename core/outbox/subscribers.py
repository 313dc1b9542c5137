"""Who acts on events: each app declares its subscribers in its ``subscribers.py``::

    @subscriber("messages", kinds=("notice.issued", "notice.waived"))
    def write_messages(events: Sequence[Event]) -> None: ...

It is given events in the order in which they were recorded, those of one subject never out of order, inside the
transaction that removes their rows: what it writes to the database happens exactly once. What it does elsewhere may
happen twice, as its process may be killed before the transaction ends.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from core.models import Event

Consumer = Callable[[Sequence[Event]], None]
CoalescingKey = Callable[[Event], str]

_subscribers: dict[str, "Subscriber"] = {}


@dataclass(frozen=True, slots=True)
class Subscriber:
    """``coalesce`` names what an event is news of: of waiting events with one name only the latest is delivered."""

    name: str
    kinds: frozenset[str]
    consume: Consumer
    coalesce: CoalescingKey | None = None


def subscriber(
    name: str, *, kinds: Collection[str], coalesce: CoalescingKey | None = None
) -> Callable[[Consumer], Consumer]:
    """Have a function called with every event of the kinds. Raises ValueError for a name that is taken."""

    def register(consume: Consumer) -> Consumer:
        if name in _subscribers:
            raise ValueError(f"two subscribers {name!r}")
        _subscribers[name] = Subscriber(name, frozenset(kinds), consume, coalesce)
        return consume

    return register


def all_subscribers() -> Iterable[Subscriber]:
    return _subscribers.values()


def subscribers_of(kind: str) -> list[Subscriber]:
    return [one for one in _subscribers.values() if kind in one.kinds]
