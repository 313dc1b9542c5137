"""Rejected rows as CSV files that can be corrected and imported again (IX-04)."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from core.timebase import from_epoch
from intake.canonical import FILES
from intake.canonical.columns import NUMBERS
from intake.pipeline.batch import Rejection
from intake.reading.annotated import ORIGINAL
from intake.reading.csvfile import REPORT_COLUMNS as OURS
from intake.reading.manifest import MANIFEST_NAME, Manifest
from intake.reading.neutral import kept, neutral

REPORT = ("file", "line", "column", "value", "reason")
_RENAMED = {"value": "refused_value"}


class ErrorFile:
    """The rejected rows of one file: original columns, then file, line, column, value and reason.

    Where the file's own columns are called like those, ours is ``refused_value``, and an unknown one is marked as the
    original's; columns of an earlier report are dropped. Before rows are appended, the file is truncated to the
    committed length, so that a killed chunk leaves no duplicate rows.
    """

    def __init__(self, folder: Path, name: str, label: str, header: Sequence[str], *, is_report: bool = False) -> None:
        self.path = folder / f"{name}.csv"
        self.label = label
        known = FILES[name].by_name
        places = [place for place, column in enumerate(header) if column in known or not (is_report and column in OURS)]
        self._places = places
        self.header = [
            ORIGINAL + header[place] if header[place] in OURS and header[place] not in known else header[place]
            for place in places
        ]
        self._marks = [kept if name in known and known[name].kind in NUMBERS else neutral for name in self.header]

    def _original(self, cells: Sequence[str]) -> list[str]:
        """The cells of a row, protected against changes by spreadsheet programs."""
        row = (cells[place] if place < len(cells) else "" for place in self._places)
        return [mark(cell) for mark, cell in zip(self._marks, row, strict=True)]

    def append(self, rejected: Sequence[Rejection], length: int) -> int:
        """Write rows after the first ``length`` bytes; returns the new length."""
        if not rejected:
            return length
        self.path.parent.mkdir(parents=True, exist_ok=True)
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        if length == 0:
            report = [_RENAMED[name] if name in self.header else name for name in REPORT]
            writer.writerow(map(neutral, [*self.header, *report]))
        for row in rejected:
            said = [self.label, str(row.line), row.column, row.value, row.reason]
            writer.writerow([*self._original(row.cells), *map(neutral, said)])
        data = text.getvalue().replace("\x00", "\ufffd").encode("utf-8", "replace")
        # Chinese Excel needs the byte order mark to recognise UTF-8.
        data = (b"\xef\xbb\xbf" if length == 0 else b"") + data
        with self.path.open("r+b" if self.path.exists() else "wb") as stream:
            stream.truncate(length)
            stream.seek(length)
            stream.write(data)
        return length + len(data)


def write_manifest(folder: Path, manifest: Manifest, at: int) -> None:
    """Say in the folder of rejected rows which export they are from, so that corrected ones take their place in it."""
    said: dict[str, object] = {"exported_at": from_epoch(at).isoformat()}
    if manifest.zone:
        said["zone"] = manifest.zone
    if manifest.mode:
        said["mode"] = manifest.mode
    if manifest.known_until:
        said["known_until"] = {feed: from_epoch(instant).isoformat() for feed, instant in manifest.known_until.items()}
    (folder / MANIFEST_NAME).write_text(json.dumps(said, indent=2), encoding="utf-8")
