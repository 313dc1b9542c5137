"""Workbooks and Parquet files as CSV: converted by a process of its own, which may be killed (RL-09, RL-12)."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from intake.reading.archives import check_archive, largest_unpacked, open_archive
from intake.reading.errors import BundleError
from intake.reading.filetypes import FileKind
from intake.reading.stopping import heed

SECONDS = 300
# The exit statuses by which convert.py says that it stopped at its bounds, or at a column that is no cells.
TOO_LARGE, NESTED = 3, 4
_GLANCE = 0.2


def tables_to_csv(path: Path, kind: FileKind, target: Path) -> Iterator[tuple[str, Path]]:
    """The tables of a workbook or Parquet file: name and CSV file, written into ``target``."""
    if kind is FileKind.XLSX:
        with open_archive(path) as archive:
            check_archive(archive)
    target.mkdir(parents=True, exist_ok=True)
    converter = Path(__file__).with_name("convert.py")
    command = [sys.executable, str(converter), kind.value, str(path), str(target), str(largest_unpacked())]
    status, said = _run(command, target / "rows")
    if status == TOO_LARGE:
        raise BundleError(_("has more rows or columns than are taken at once: save it in parts, as CSV UTF-8"))
    if status == NESTED:
        raise BundleError(
            _("the column %(name)s holds lists or records where single values are meant: save it as plain columns")
            % {"name": json.loads(said)}
        )
    if status != 0 and kind is FileKind.XLS:
        raise BundleError(
            _("is no workbook that can be read, or has a password: save it as XLSX without one, or as CSV UTF-8")
        )
    if status != 0:
        raise BundleError(
            _("can't be read as %(kind)s, or needs too much memory: save it as CSV UTF-8")
            % {"kind": kind.value.upper()}
        )
    for name, file in json.loads(said):
        yield name, Path(file)


def _run(command: list[str], told: Path) -> tuple[int, bytes]:
    """Exit status and output of a program, which is killed when it takes too long or the import is to stop; ``told`` is
    where it tells how many rows it has written."""
    until, passed = time.monotonic() + SECONDS, 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=settings.DATA_DIR) as program:
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    return program.wait(_GLANCE), _output(program)
                rows = _rows_told(told)
                heed(max(rows - passed, 0))
                passed = max(rows, passed)
                if time.monotonic() > until:
                    raise BundleError(_("takes too long to read: save it as CSV UTF-8"))
        finally:
            program.kill()


def _rows_told(told: Path) -> int:
    """The number in the file; 0 while there is none, or while it is being written."""
    try:
        return int(told.read_text())
    except (OSError, ValueError):
        return 0


def _output(program: "subprocess.Popen[bytes]") -> bytes:
    assert program.stdout is not None
    return program.stdout.read()
