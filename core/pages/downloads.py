"""Tables as downloads (RL-12): for people, or in the machine form where the address asks for it."""

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core.pages.attachments import attached
from core.pages.people_sheets import Reader, Sheet, write_xlsx
from core.pages.people_sheets import csv_lines as people_lines
from core.pages.sheets import Row, csv_lines, write_table

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORM, MACHINE = "form", "machine"


def wants_machine_form(request: HttpRequest) -> bool:
    """Whether the address asks for the names and values that programs read."""
    return request.GET.get(FORM) == MACHINE


def file_links(address: Callable[[str], str], query: Mapping[str, Any] | None = None) -> list[dict[str, str]]:
    """The files of a list as links, the one that keeps everything first; ``address``: by suffix."""
    kept = dict(query or {})
    links = [("xlsx", "XLSX", kept), ("csv", "CSV", kept), ("csv", _("CSV for programs"), {**kept, FORM: MACHINE})]
    return [
        {"label": label, "url": f"{address(suffix)}?{urlencode(asked)}" if asked else address(suffix)}
        for suffix, label, asked in links
    ]


def people_file(name: str, suffix: str, sheet: Sheet) -> HttpResponseBase:
    """A table for the person who asks, to save as ``name.suffix``, suffix csv or xlsx."""
    reader = Reader.current()
    if suffix == "csv":
        stream = StreamingHttpResponse(people_lines(sheet, reader), content_type=TYPES[suffix])
        return attached(stream, f"{name}.{suffix}")
    return attached(_written(suffix, lambda path: write_xlsx(path, sheet, reader)), f"{name}.{suffix}")


def table_file(
    name: str, suffix: str, columns: Sequence[str], rows: Iterable[Row], *, lines: Iterable[str | bytes] | None = None
) -> HttpResponseBase:
    """A table in the machine form; ``lines`` is the same as CSV, where the database writes it."""
    if suffix == "csv":
        stream = StreamingHttpResponse(lines or csv_lines(columns, rows), content_type=TYPES[suffix])
        return attached(stream, f"{name}.{suffix}")
    return attached(_written(suffix, lambda path: write_table(path, columns, rows)), f"{name}.{suffix}")


def _written(suffix: str, write: Callable[[Path], object]) -> HttpResponseBase:
    """A file that is written first and read while it is sent, without a place of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table.{suffix}"
        write(path)
        # Open files outlive their names.
        file: IO[bytes] = path.open("rb")
    return FileResponse(file, content_type=TYPES[suffix])
