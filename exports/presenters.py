"""Exports as their pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exports.declaring import ListFile
from exports.models import ExportJob
from exports.rules import CSV, PARQUET, XLSX
from exports.writing import Shape
from stores.access import SignedInRequest
from stores.context_processors import nav

State = ExportJob.State
# Levels of components/status.html.
LEVELS: Mapping[str, str] = {
    State.WAITING: "info",
    State.RUNNING: "info",
    State.READY: "ok",
    State.FAILED: "red",
    State.CANCELLED: "yellow",
    State.GONE: "info",
}
FORMATS: Mapping[str, Any] = {
    CSV: gettext_lazy("CSV"),
    XLSX: gettext_lazy("Excel workbook"),
    PARQUET: gettext_lazy("Parquet"),
}
ERRORS: Mapping[str, Any] = {
    "access": gettext_lazy("You may no longer see this list."),
    "time": gettext_lazy("It took too long. Take CSV or Parquet, or narrow the list."),
    "attempts": gettext_lazy("It failed several times. Ask for it again, or tell operations."),
}


@dataclass(frozen=True, slots=True)
class ExportRow:
    """An export; ``file_url`` where there is a file to take."""

    job: ExportJob
    url: str
    file_url: str
    level: str
    state: str
    kind: str


@dataclass(frozen=True, slots=True)
class ExportsPage:
    """What templates/exports/exports.html reads."""

    nav: dict[str, Any]
    now: datetime
    rows: list[ExportRow]
    days: int


@dataclass(frozen=True, slots=True)
class ExportPage:
    """What templates/exports/export.html reads; ``until``: when the file will be removed."""

    nav: dict[str, Any]
    now: datetime
    row: ExportRow
    error: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class NewExportPage:
    """What templates/exports/new.html reads."""

    nav: dict[str, Any]
    title: str
    kind: str
    rows: int
    at_once: int
    days: int
    action: str


def exports_page_of(request: SignedInRequest, jobs: Sequence[ExportJob], now: datetime) -> ExportsPage:
    """The list of a person's exports."""
    return ExportsPage(nav(request), now, [_row(job) for job in jobs], settings.EXPORT_DAYS)


def export_page_of(request: SignedInRequest, job: ExportJob, now: datetime) -> ExportPage:
    """One export."""
    ready = job.state == State.READY and job.finished_at is not None
    return ExportPage(
        nav=nav(request),
        now=now,
        row=_row(job),
        error=str(ERRORS.get(job.error, _("It failed."))) if job.state == State.FAILED else "",
        until=job.finished_at + timedelta(days=settings.EXPORT_DAYS) if ready and job.finished_at else None,
    )


def new_export_page_of(
    request: SignedInRequest, file: ListFile, shape: Shape, rows: int, address: str
) -> NewExportPage:
    """What is asked before a long list is prepared."""
    return NewExportPage(
        nav=nav(request),
        title=str(file.title),
        kind=str(FORMATS[shape.suffix]),
        rows=rows,
        at_once=settings.EXPORT_ROWS_AT_ONCE,
        days=settings.EXPORT_DAYS,
        action=address,
    )


def _row(job: ExportJob) -> ExportRow:
    return ExportRow(
        job=job,
        url=reverse("exports:export", args=[job.pk]),
        file_url=reverse("exports:file", args=[job.pk]) if job.state == State.READY else "",
        level=LEVELS[job.state],
        state=str(job.get_state_display()),
        kind=str(FORMATS[job.suffix]),
    )
