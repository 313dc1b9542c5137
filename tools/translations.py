"""Keeps the Chinese catalogue complete: `python -m tools.translations [--check]`.

Without `--check` it brings locale/zh_Hans up to date with the sources (needs xgettext) and lists what still lacks a
translation. With `--check` it changes nothing and fails when the sources use a text that the catalogue lacks, leaves
empty or marks fuzzy, or a translation whose placeholders differ.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")
SKIPPED = ("var", "tests", "benchmarks", "tools", "docs", "static", ".venv")
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sdf]|\{\w*\}")


def main() -> int:
    """Update or check the catalogue; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when anything is missing")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        fresh = extracted(Path(folder))
    faults = list(catalogue_faults(fresh))
    for fault in faults:
        print(fault)
    if not check:
        fresh.save(str(ROOT / CATALOGUE))
    print(f"{len(fresh)} texts, {len(faults)} to mend")
    return int(check and bool(faults))


def extracted(folder: Path) -> polib.POFile:
    """Return the catalogue as makemessages would leave it, made in a copy under `folder`."""
    target = folder / CATALOGUE
    target.parent.mkdir(parents=True)
    if (ROOT / CATALOGUE).exists():
        shutil.copyfile(ROOT / CATALOGUE, target)
    for source in _translated_sources():
        copy = folder / source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    command = [sys.executable, "-m", "django", "makemessages", "-l", "zh_Hans", "--no-location", "--no-obsolete"]
    result = subprocess.run([*command, "-v", "0"], cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode or not target.exists():
        raise SystemExit(f"makemessages failed:\n{result.stderr or result.stdout}")
    catalogue = polib.pofile(str(target), wrapwidth=110)
    # Only what says something: the clock and the machine of whoever ran this don't.
    catalogue.metadata = {
        "Language": "zh_Hans",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    catalogue.metadata_is_fuzzy = False
    catalogue.header = "Simplified Chinese texts of Dianwei."
    return catalogue


def _translated_sources() -> Iterator[Path]:
    for suffix in ("*.py", "*.html", "*.txt"):
        for path in sorted(ROOT.rglob(suffix)):
            parts = path.relative_to(ROOT).parts
            if parts[0] not in SKIPPED and "migrations" not in parts and len(parts) > 1:
                yield path


def catalogue_faults(catalogue: polib.POFile) -> Iterator[str]:
    """Yield one line per text without a usable translation."""
    for entry in catalogue:
        translations = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        if "fuzzy" in entry.flags:
            yield f"fuzzy: {entry.msgid!r}"
        elif not all(translations):
            yield f"untranslated: {entry.msgid!r}"
        else:
            known = set(PLACEHOLDER.findall(entry.msgid)) | set(PLACEHOLDER.findall(entry.msgid_plural))
            used = {name for text in translations for name in PLACEHOLDER.findall(text)}
            if not used <= known:
                yield f"unknown placeholder {', '.join(sorted(used - known))}: {entry.msgid!r}"


if __name__ == "__main__":
    sys.exit(main())
