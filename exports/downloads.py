"""A list as the answer to a request: streamed, or written first and read while it is sent."""

import tempfile
from datetime import datetime
from pathlib import Path
from typing import IO

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse

from core.pages.attachments import attached
from exports.declaring import ListFile
from exports.rules import CONTENT_TYPES, CSV
from exports.writing import Shape, csv_lines, write_list


def list_response(file: ListFile, shape: Shape) -> HttpResponseBase:
    """The list to save as a file. CSV is sent while it is read; workbooks and Parquet files have to be whole."""
    kind = CONTENT_TYPES[shape.suffix]
    if shape.suffix == CSV:
        return attached(StreamingHttpResponse(csv_lines(file, shape), content_type=kind), file_name(file, shape))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list.{shape.suffix}"
        write_list(path, file, shape)
        # Open files outlive their names.
        written: IO[bytes] = path.open("rb")
    return attached(FileResponse(written, content_type=kind), file_name(file, shape))


def file_name(file: ListFile, shape: Shape) -> str:
    return f"{file.name}.{shape.suffix}"


def dated(name: str, at: datetime) -> str:
    """A file's name with the day on which it was made."""
    return f"{name}-{at:%Y%m%d}"
