"""Compiles the translations (`python -m config.messages`): in Python, so that running needs no gettext installed."""

import os
from pathlib import Path

import polib

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def compile_catalogues(folder: Path = LOCALE) -> list[Path]:
    """Write the `.mo` beside every `.po` that is newer, atomically, and return those written."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        part = target.with_name(f"{target.name}.{os.getpid()}")
        polib.pofile(str(source)).save_as_mofile(str(part))
        part.replace(target)
        written.append(target)
    return written


def terminal_language() -> str:
    """Return the language that the terminal asks for, Chinese or English (pages ask the browser and the person)."""
    wanted = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return "zh-hans" if wanted.lower().startswith("zh") else "en"


if __name__ == "__main__":
    compile_catalogues()
