"""The result of an import."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from core.timebase import from_epoch
from intake.models import empty_counts

COUNT_NAMES = tuple(empty_counts())
MOST_WARNINGS = 200


class CancelledError(Exception):
    """Somebody asked the import to stop."""


class OutOfTimeError(Exception):
    """The time of this turn is over; the import continues in the next."""


@dataclass
class Progress:
    """How far an import is. ``tell`` is called after every chunk and may raise CancelledError or OutOfTimeError to
    stop between chunks. ``is_trial``: a trial run on shadow tables, which are dropped."""

    tell: Callable[["Progress"], None]
    done: int = 0
    total: int = 0
    is_trial: bool = False

    def advance(self, rows: int) -> None:
        """Note that more rows are done."""
        self.done += rows
        self.tell(self)


@dataclass
class Report:
    """The result of an import: counts per file, files rejected whole, data streams with known_until, warnings (the
    first MOST_WARNINGS are kept, the others counted). ``stores`` are the first by number, ``every_store`` is all."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    rejected_files: dict[str, str] = field(default_factory=dict)
    feeds: dict[str, int] = field(default_factory=dict)
    error_files: list[str] = field(default_factory=list)
    stores: list[str] = field(default_factory=list)
    every_store: frozenset[str] = frozenset()
    warnings: list[dict[str, object]] = field(default_factory=list)
    warnings_left_out: int = 0

    def warn(self, text: str, *, file: str = "", line: int | None = None) -> None:
        """Add a warning."""
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append({"file": file, "line": line, "text": text})
        else:
            self.warnings_left_out += 1

    def all_warnings(self) -> list[dict[str, object]]:
        """The warnings, how many were left out, and the files rejected."""
        others: list[dict[str, object]] = []
        if self.warnings_left_out:
            text = _("%(count)s more warnings were left out") % {"count": self.warnings_left_out}
            others.append({"file": "", "line": None, "text": text})
        rejected: list[dict[str, object]] = [
            {"file": file, "line": None, "text": text} for file, text in self.rejected_files.items()
        ]
        return [*self.warnings, *others, *rejected]

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
            "refused_files": self.rejected_files,
            "feeds": self.known_until(),
            "errors": self.error_files,
        }
