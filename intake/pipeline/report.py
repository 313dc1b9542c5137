"""What an import came to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.timebase import from_epoch
from intake.models import empty_counts

COUNT_NAMES = tuple(empty_counts())


class CancelledError(Exception):
    """Somebody asked the import to stop."""


class OutOfTimeError(Exception):
    """The time of this turn is over; the import goes on in the next."""


@dataclass
class Progress:
    """How far an import is. ``tell`` is called with both after every chunk and may raise CancelledError or
    OutOfTimeError to stop between chunks."""

    tell: Callable[[int, int], None]
    done: int = 0
    total: int = 0

    def advance(self, rows: int) -> None:
        """Note that more rows are done."""
        self.done += rows
        self.tell(self.done, self.total)


@dataclass
class Report:
    """What an import came to: counts per file, files refused whole, feeds with known_until, stores."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    refused_files: dict[str, str] = field(default_factory=dict)
    feeds: dict[str, int] = field(default_factory=dict)
    error_files: list[str] = field(default_factory=list)
    stores: list[str] = field(default_factory=list)

    def total(self, name: str) -> int:
        """The sum of a count over all files."""
        return sum(counts.get(name, 0) for counts in self.counts.values())

    def known_until(self) -> dict[str, str]:
        """Instants per feed, ISO 8601."""
        return {feed: from_epoch(until).isoformat() for feed, until in self.feeds.items()}

    def summary(self) -> dict[str, Any]:
        """The report for machines."""
        return {
            "counts": self.counts,
            "refused_files": self.refused_files,
            "feeds": self.known_until(),
            "errors": self.error_files,
        }
