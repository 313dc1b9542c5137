"""The notices of a store as what-if sees them (BX-04): the app that issues them registers its book; metrics doesn't
know it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from metrics.catalogue import Calendar
from stores.models import Store


@dataclass(frozen=True, slots=True)
class CurrentNotice:
    """A notice that stands: ``since`` is the day of the first notice that it goes back to by escalation."""

    code: str
    level: str
    number: str
    day: date
    since: date


class NoticeBook(Protocol):
    """What is known of a store's notices and of how levels make them."""

    def current(self, store: Store) -> Mapping[str, CurrentNotice]:
        """The notices that stop another one of their metric, by metric (PN-06)."""
        ...

    def step(self, level: str, current: str | None) -> str:
        """The effect of a level on the open notice's level: nothing, issue or escalate (PN-06)."""
        ...

    def ends_within(self, store: Store) -> bool:
        """Whether a day within bounds ends a standing notice of the store."""
        ...

    def is_judged(self, store: Store, day: date, calendar: Calendar) -> bool:
        """Whether a day of the store was judged: it brings no notice any more (MX-09)."""
        ...


_books: list[NoticeBook] = []


def register_notices(book: NoticeBook) -> None:
    """Have what-if tell notices by this book; one only."""
    if _books and _books[0] is not book:
        raise ValueError("two books of notices")
    _books[:] = [book]


def notice_book() -> NoticeBook | None:
    """The registered book; None where no app issues notices."""
    return _books[0] if _books else None
