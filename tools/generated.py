"""Documents that a script writes: whole files, or the part between two marks."""

import argparse
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
BEGIN, END = "<!-- generated: begin -->", "<!-- generated: end -->"


def setup_django() -> None:
    """Load the settings: the generators ask the product's own declarations."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()


def between_marks(document: Path, text: str) -> str:
    """The document with ``text`` between its marks; raises ValueError where it has none."""
    before, begin, rest = document.read_text(encoding="utf-8").partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{document} has no marks {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{text.strip()}\n\n{END}{after}"


def run(description: str | None, document: Path, make: Callable[[], str]) -> int:
    """Write a document, or with ``--check`` only say whether it is as it would be written; the exit status."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the document is out of date")
    check = parser.parse_args().check
    text = make()
    current = document.exists() and document.read_text(encoding="utf-8") == text
    if check:
        print(f"{document.name} is {'up to date' if current else 'out of date: run this without --check'}")
        return int(not current)
    document.write_text(text, encoding="utf-8")
    print(f"{document.relative_to(ROOT)} {'was up to date' if current else 'written'}")
    return 0


def cell(text: str) -> str:
    """Text for a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ")
