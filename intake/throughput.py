"""How fast an import takes rows in (IX-07). The first rows, or a file of one row, say nothing of the pace."""

from dataclasses import dataclass
from datetime import datetime

from intake.models import Import

FEW_ROWS = 500
FEW_SECONDS = 3.0


def pace(rows: int, seconds: float) -> float | None:
    """Rows a second; None while nothing sensible can be said."""
    if rows <= 0 or seconds <= 0 or (rows < FEW_ROWS and seconds < FEW_SECONDS):
        return None
    return rows / seconds


@dataclass(frozen=True)
class Progress:
    """How far an import is: rows, rows a second, seconds left (None while nothing can be said); ``read``: rows
    read while the files are still looked through."""

    done: int
    total: int | None
    rate: int | None = None
    seconds_left: int | None = None
    read: int = 0


def progress_of(job: Import, now: datetime) -> Progress:
    """How far the import is (IX-07)."""
    if not job.is_open or job.rows_total is None or job.rows_since is None:
        return Progress(job.rows_done if job.rows_total is not None else 0, job.rows_total, read=job.rows_done)
    done, total, spent = job.rows_done, job.rows_total, (now - job.rows_since).total_seconds()
    # Rows of earlier turns, and the time before the first row, say nothing of the pace.
    rate = pace(done - job.rows_first, spent)
    if rate is None:
        return Progress(done, total)
    return Progress(done, total, int(rate), int((total - done) / rate))
