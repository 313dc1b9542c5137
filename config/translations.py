"""Compiles the translations when a process starts: in Python, so that running needs no gettext installed."""

import os
import warnings
from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def compile_catalogues(folder: Path = LOCALE) -> list[Path]:
    """Write the `.mo` beside every `.po` that is newer, atomically, and return those written; where the folder may not
    be written, pages stay untranslated and a warning says so."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        try:
            _compile(source, target)
        except PermissionError:
            warnings.warn(f"{target} can't be written: start once as the owner of {folder}", stacklevel=2)
            continue
        written.append(target)
    return written


def _compile(source: Path, target: Path) -> None:
    # Every process passes here; few have something to compile.
    import polib

    part = target.with_name(f"{target.name}.{os.getpid()}")
    polib.pofile(str(source)).save_as_mofile(str(part))
    part.replace(target)
