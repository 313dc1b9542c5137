"""A thing to do, as the health panel lists it (PG-03)."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from dashboard.queries.needs import SOON


class Urgency(IntEnum):
    """The groups of the list in their order: overdue, due within 24 h, red by clock, later."""

    OVERDUE = 0
    SOON = 1
    RED = 2
    LATER = 3


@dataclass(frozen=True, slots=True)
class Action:
    """A button: what it says and where it leads."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do. ``level`` and ``word`` of its mark; ``url``: its own subject; ``due`` with ``due_note``, what
    ends then; ``since``: of what has no clock, the instant it began; ``first`` and ``second``: its buttons; ``seen``:
    somebody looked at it already; ``badge``: a word in a dashed frame, such as "predicted"."""

    title: str
    url: str
    first: Action
    level: str = ""
    word: str = ""
    note: str = ""
    due: datetime | None = None
    due_note: str = ""
    since: datetime | None = None
    second: Action | None = None
    seen: bool = False
    badge: str = ""

    def urgency(self, at: datetime) -> Urgency:
        """The group in which it stands at an instant."""
        if self.due is not None and self.due <= at + SOON:
            return Urgency.OVERDUE if self.due < at else Urgency.SOON
        return Urgency.RED if self.level == "red" else Urgency.LATER
