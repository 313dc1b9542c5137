"""Findings of a judged day, and the notices to be issued for them."""

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.models import Published
from notifications.models import Notice
from notifications.rules import NoticeLevel, State
from stores.models import Store


@dataclass(frozen=True, slots=True)
class Finding:
    """A metric over a threshold: the store with its company, the published row, the metric's code, the level."""

    store: Store
    row: Published
    code: str
    level: NoticeLevel

    @property
    def key(self) -> tuple[int, str]:
        """Store and metric: each pair has at most one open notice (PN-06)."""
        return self.store.pk, self.code


@dataclass(slots=True)
class Draft:
    """A notice to be issued: its finding, its first state, the notice that it replaces, and all of its kind that stand
    beside it. Only `State.ISSUED` starts clocks (MX-09, DM-11a)."""

    finding: Finding
    state: State
    replaces: Notice | None
    beside: Sequence[Notice]
