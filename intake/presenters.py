"""Imports and files as pages show them: words, levels, rows of tables. No database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.forms import Form
from django.utils.translation import gettext_lazy as _

from intake.canonical import FILES, FileSpec
from intake.models import Import
from intake.pipeline.report import COUNT_NAMES
from intake.profiles import PROFILES
from intake.reading.encodings import NAMES
from intake.reading.looks import ENCODING
from intake.throughput import Progress, progress_of
from stores.models import Store

# Levels of components/status.html.
LEVELS = {
    Import.State.ASKING: "yellow",
    Import.State.QUEUED: "info",
    Import.State.RUNNING: "info",
    Import.State.DONE: "ok",
    Import.State.FAILED: "red",
    Import.State.CANCELLED: "yellow",
}
COUNT_LABELS = {
    "new": _("new"),
    "changed": _("changed"),
    "same": _("same"),
    "older": _("older, ignored"),
    "waiting": _("waiting"),
    "refused": _("refused"),
    "duplicates": _("doubled keys"),
    "deleted": _("deleted"),
    "emptied": _("cells without a value"),
}
FILE_TITLES = {
    "fx_rates": _("exchange rates"),
    "companies": _("companies"),
    "categories": _("categories"),
    "carriers": _("carriers"),
    "stores": _("stores"),
    "listings": _("listings"),
    "orders": _("orders"),
    "order_lines": _("order lines"),
    "shipments": _("parcels"),
    "tracking_events": _("tracking events"),
    "reviews": _("reviews"),
    "disputes": _("disputes"),
    "refunds": _("refunds"),
    "returns": _("return parcels"),
    "settlements": _("settlements"),
    "messages": _("messages"),
    "copyright_complaints": _("copyright complaints"),
    "benchmarks": _("imported benchmarks"),
    "platform_figures": _("the platform's figures"),
    "platform_notices": _("the platform's notices"),
}


@dataclass(frozen=True)
class ImportRow:
    """A line of the list of imports."""

    job: Import
    level: str
    progress: Progress
    refused: int


def import_rows(jobs: Iterable[Import], now: datetime) -> list[ImportRow]:
    """Lines of the list of imports."""
    return [
        ImportRow(job, LEVELS[Import.State(job.state)], progress_of(job, now), job.total("refused")) for job in jobs
    ]


def count_labels() -> list[object]:
    """Heads of the table of counts."""
    return [COUNT_LABELS[name] for name in COUNT_NAMES]


@dataclass(frozen=True, slots=True)
class CountCell:
    """A count of the table of counts under its head."""

    label: object
    value: int


def count_table(job: Import) -> list[tuple[object, list[CountCell]]]:
    """Counts per file in the order of COUNT_NAMES."""
    return [
        (FILE_TITLES.get(name, name), [CountCell(COUNT_LABELS[count], counts.get(count, 0)) for count in COUNT_NAMES])
        for name, counts in job.counts.items()
    ]


@dataclass(frozen=True)
class FileGuide:
    """What a canonical file may hold."""

    name: str
    title: object
    required: list[str]
    optional: list[str]


def file_guides() -> list[FileGuide]:
    """All canonical files, in the order in which they are taken in."""
    return [_guide(spec) for spec in FILES.values()]


def _guide(spec: FileSpec) -> FileGuide:
    optional = [column.name for column in spec.columns if not column.required]
    return FileGuide(spec.name, FILE_TITLES[spec.name], list(spec.required), optional)


@dataclass(frozen=True)
class Question:
    """What a person must say of one file; ``names``: what it calls stores, with the number proposed for each."""

    file: str
    needs: tuple[str, ...]
    said: dict[str, str]
    readings: list[dict[str, str]]
    names: dict[str, str] = field(default_factory=dict)
    is_aliexpress: bool = False


def questions(job: Import) -> list[Question]:
    """What is asked of an upload that was looked at, file by file."""
    found: dict[str, Question] = {}
    for look in (job.look or {}).get("looks", []):
        former = found.get(look["file"], Question(look["file"], (), {}, []))
        needs = tuple(dict.fromkeys([*former.needs, *look["needs"]]))
        if needs:
            said = {**former.said, **{name: text for name, text in look["said"].items() if text}}
            names = former.names | look.get("names", {})
            is_aliexpress = former.is_aliexpress or look.get("kind", "").startswith("aliexpress-")
            found[look["file"]] = Question(
                look["file"], needs, said, former.readings + look["readings"], names, is_aliexpress
            )
    return list(found.values())


@dataclass(frozen=True)
class FoundTable:
    """A table of an upload as it was recognised, for its page."""

    label: str
    title: object
    file_name: str
    encoding: str
    rows: int | None
    notes: list[str]
    columns: list[str]
    preview: list[list[str]]
    refused: str
    # Its place among the tables, where its columns may be mapped.
    number: int | None = None


def found_tables(job: Import) -> list[FoundTable]:
    """What an upload's files were recognised as."""
    look = job.look or {}
    refused: dict[str, str] = look.get("refused", {})
    looks = enumerate(look.get("looks", []))
    shown = [_found_table(one, refused, number) for number, one in looks if one["kind"] != ENCODING]
    labels = {table.label for table in shown}
    rest = [label for label in refused if label not in labels]
    return shown + [FoundTable(label, "", "", "", None, [], [], [], refused[label]) for label in rest]


def _found_table(look: dict[str, Any], refused: dict[str, str], number: int) -> FoundTable:
    kind = look["kind"]
    title = FILE_TITLES.get(kind) or (PROFILES[kind].label if kind in PROFILES else look.get("title", ""))
    encoding = look["encoding"]
    return FoundTable(
        look["label"],
        title,
        f"{kind}.csv" if kind in FILE_TITLES else "",
        NAMES.get(encoding, encoding.upper()),
        look["count"],
        look["notes"],
        look["columns"],
        look["rows"],
        refused.get(look["label"], ""),
        number if look.get("sample") else None,
    )


@dataclass(frozen=True, slots=True)
class DataPage:
    """What templates/intake/index.html reads; ``form``: None for those who may not import; ``largest``: bytes that an
    upload may have."""

    nav: dict[str, Any]
    form: Form | None
    largest: int
    imports: list[ImportRow]
    guides: list[FileGuide]
    now: datetime


@dataclass(frozen=True, slots=True)
class ImportPage:
    """What templates/intake/import.html reads; ``found`` and ``form``: of an upload that asks what its files are."""

    nav: dict[str, Any]
    job: Import
    actor: str
    progress: Progress
    count_labels: list[object]
    counts: list[tuple[object, list[CountCell]]]
    has_errors: bool
    found: list[FoundTable]
    form: Form | None
    stores: Sequence[Store]
    may_cancel: bool
    may_import_now: bool
    now: datetime
