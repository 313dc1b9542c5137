"""What a mapping makes of the first rows of a table: how many would be taken, and why others would not (IX-06)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from intake.canonical import FILES
from intake.canonical.columns import Reading
from intake.canonical.rejections import RejectedCellError
from intake.profiles.mapping.declared import MappingProfile
from intake.profiles.mapping.format import MappedTable, remarks
from intake.profiles.mapping.layout import Layout
from intake.profiles.mapping.rows import Skipped, groups_of
from intake.profiles.mapping.survey import survey_of
from intake.reading import Answers
from intake.reading.dress import Table

MOST_REASONS = 8
_ZONE = "UTC"


@dataclass
class Trial:
    """``rows`` of the table that were tried, what of them becomes ``taken`` and ``refused``; ``reasons`` of the first
    refused ones: line, column, value, reason; ``remarks`` of the report; ``first``: the first canonical rows."""

    rows: int = 0
    taken: int = 0
    refused: int = 0
    reasons: list[tuple[int, str, str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    makes_orders: bool = True


def try_rows(profile: MappingProfile, table: Table, workspace: Path) -> Trial:
    """Convert the table and read the cells of what comes of it; zone, store and currency are asked for later, and
    assumed here."""
    layout = Layout(profile, table)
    survey = survey_of(layout)
    stores = dict.fromkeys(survey.names, "S")
    said = Answers(store="S", zone=_ZONE, currency="USD", date_order="day", stores=stores)
    mapped = MappedTable(layout, survey, said)
    found = Trial(survey.rows, makes_orders=mapped.makes_orders or profile.file != "orders")
    reader, skipped = mapped.reader(), Skipped()
    spec = FILES[profile.file if found.makes_orders else "order_lines"]
    readers = {name: column.cell_reader(Reading(ZoneInfo(_ZONE))) for name, column in spec.by_name.items()}
    for group in groups_of(layout, skipped, workspace / "trial.sqlite3"):
        made = reader.assemble(group)
        if made.bad is not None:
            _refuse(found, made.source.line, made.bad.column, made.bad.value, made.bad.reason)
            continue
        for row in () if made.is_left else [made.order] if found.makes_orders else made.lines:
            try:
                for name in spec.required:
                    if not row.get(name):
                        raise _UnreadError(name, "", _("is required"))
                for name, text in row.items():
                    _read(readers, name, text)
            except _UnreadError as error:
                _refuse(found, made.source.line, *error.args)
            else:
                found.taken += 1
    found.remarks = remarks(reader, skipped)
    return found


class _UnreadError(ValueError):
    """Column, value, reason."""


def _read(readers: Mapping[str, Callable[[str], Any]], name: str, text: str) -> None:
    read = readers.get(name)
    if read is None or not text:
        return
    try:
        read(text)
    except RejectedCellError as error:
        raise _UnreadError(name, text, str(error)) from error


def _refuse(found: Trial, line: int, column: str, value: str, reason: str) -> None:
    found.refused += 1
    if len(found.reasons) < MOST_REASONS:
        found.reasons.append((line, column, value, reason))
