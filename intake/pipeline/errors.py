"""Refused rows as CSV files that can be corrected and imported again (IX-04)."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from intake.pipeline.batch import Refusal
from intake.reading.csvfile import FORMULA_STARTS, NEUTRAL_PREFIX
from intake.reading.manifest import MANIFEST_NAME, Manifest
from rulebook.timebase import from_epoch

REPORT = ("file", "line", "column", "value", "reason")
_RENAMED = {"value": "refused_value"}


def neutral(cell: str) -> str:
    """A cell that no spreadsheet reads as a formula (RL-12); numbers stay numbers."""
    if not cell.startswith(FORMULA_STARTS) or _is_number(cell):
        return cell
    return NEUTRAL_PREFIX + cell


def _is_number(cell: str) -> bool:
    return cell[1:].replace(".", "", 1).isdigit() and cell.isascii()


class ErrorFile:
    """The refused rows of one file: original columns, then file, line, column, value and reason.

    A column of the original that is called like one of those keeps its name; ours is then ``refused_value``. The file
    is cut back to the committed length before it is written on, so a killed chunk leaves no row twice.
    """

    def __init__(self, folder: Path, name: str, label: str, header: Sequence[str]) -> None:
        self.path = folder / f"{name}.csv"
        self.label = label
        self.header = [column for column in header if column not in REPORT or column == "value"]
        self._places = [place for place, column in enumerate(header) if column in self.header]
        if "value" in header and name not in ("benchmarks", "platform_figures"):
            self.header = [column for column in self.header if column != "value"]
            self._places = [place for place, column in enumerate(header) if column in self.header]

    def append(self, refusals: Sequence[Refusal], length: int) -> int:
        """Write rows after the first ``length`` bytes; returns the new length."""
        if not refusals:
            return length
        self.path.parent.mkdir(parents=True, exist_ok=True)
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        if length == 0:
            report = [_RENAMED[name] if name in self.header else name for name in REPORT]
            writer.writerow([*self.header, *report])
        for refusal in refusals:
            cells = list(refusal.cells)
            kept = [cells[place] if place < len(cells) else "" for place in self._places]
            said = [self.label, str(refusal.line), refusal.column, refusal.value, refusal.reason]
            writer.writerow([neutral(cell) for cell in [*kept, *said]])
        data = text.getvalue().replace("\x00", "\ufffd").encode("utf-8", "replace")
        # Chinese Excel needs the mark to see that it is UTF-8.
        data = (b"\xef\xbb\xbf" if length == 0 else b"") + data
        with self.path.open("r+b" if self.path.exists() else "wb") as stream:
            stream.truncate(length)
            stream.seek(length)
            stream.write(data)
        return length + len(data)


def write_manifest(folder: Path, manifest: Manifest, at: int) -> None:
    """Say in the folder of refused rows which export they are from, so that corrected ones take their place in it."""
    said: dict[str, object] = {"exported_at": from_epoch(at).isoformat()}
    if manifest.zone:
        said["zone"] = manifest.zone
    if manifest.mode:
        said["mode"] = manifest.mode
    if manifest.known_until:
        said["known_until"] = {feed: from_epoch(instant).isoformat() for feed, instant in manifest.known_until.items()}
    (folder / MANIFEST_NAME).write_text(json.dumps(said, indent=2), encoding="utf-8")
