"""Workbooks and Parquet files as CSV: converted by a process of its own, which may be killed (RL-09, RL-12)."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from intake.reading.archives import check_archive
from intake.reading.errors import BundleError
from intake.reading.kinds import FileKind

SECONDS = 600


def tables_to_csv(path: Path, kind: FileKind, target: Path) -> Iterator[tuple[str, Path]]:
    """The tables of a workbook or Parquet file: name and CSV file, written into ``target``."""
    if kind is FileKind.XLSX:
        with zipfile.ZipFile(path) as archive:
            check_archive(archive)
    target.mkdir(parents=True, exist_ok=True)
    converter = Path(__file__).with_name("convert.py")
    try:
        run = subprocess.run(
            [sys.executable, str(converter), kind.value, str(path), str(target)],
            capture_output=True,
            timeout=SECONDS,
            cwd=settings.DATA_DIR,
        )
    except subprocess.TimeoutExpired as error:
        raise BundleError(_("takes too long to read: save it as CSV UTF-8")) from error
    if run.returncode != 0:
        raise BundleError(
            _("can't be read as %(kind)s, or needs too much memory: save it as CSV UTF-8")
            % {"kind": kind.value.upper()}
        )
    for name, file in json.loads(run.stdout):
        yield name, Path(file)
