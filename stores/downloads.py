"""Tables as downloads (RL-12)."""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from rulebook.attachments import attached
from stores.sheets import Row, csv_lines, write_table

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def table_file(
    name: str, suffix: str, columns: Sequence[str], rows: Iterable[Row], *, lines: Iterable[str | bytes] | None = None
) -> HttpResponseBase:
    """A table to save as ``name.suffix``, suffix csv or xlsx; ``lines`` is the same as CSV, where the database writes
    it."""
    response: HttpResponseBase
    if suffix == "csv":
        response = StreamingHttpResponse(lines or csv_lines(columns, rows), content_type=TYPES[suffix])
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"table.{suffix}"
            write_table(path, columns, rows)
            response = HttpResponse(path.read_bytes(), content_type=TYPES[suffix])
    return attached(response, f"{name}.{suffix}")
