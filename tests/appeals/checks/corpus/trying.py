"""Tries the corpus, with and without text recognition."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tests.appeals.checks.corpus.entries import Entry, findings_of
from tests.appeals.checks.corpus.honest import honest
from tests.appeals.checks.corpus.pictures import readable
from tests.appeals.checks.corpus.tables import PAGE, READ_HEADING, Tried, page, read_section
from tests.appeals.checks.corpus.wrong import wrong


@contextmanager
def language_data(folder: str | None) -> Iterator[None]:
    """Look for language data in this folder alone; None: where the machine has it."""
    before = os.environ.pop("TESSDATA_PREFIX", None)
    if folder is not None:
        os.environ["TESSDATA_PREFIX"] = folder
    try:
        yield
    finally:
        os.environ.pop("TESSDATA_PREFIX", None)
        if before is not None:
            os.environ["TESSDATA_PREFIX"] = before


def tried(entries: Iterable[Entry]) -> Tried:
    return [(entry, findings_of(entry)) for entry in entries]


def corpus_unread() -> tuple[Tried, Tried]:
    """Honest and wrong files, tried without text recognition."""
    with language_data("/nonexistent"):
        return tried(honest()), tried(wrong())


def pictures_read() -> Tried:
    with language_data(None):
        return tried(readable())


def write_page() -> None:
    """Write docs/smart-check.md anew."""
    text = page(*corpus_unread())
    before, limits = text.split("\n## What it misses", 1)
    PAGE.write_text(f"{before}{read_section(pictures_read())}\n## What it misses{limits}", encoding="utf-8")


def split_page(text: str) -> tuple[str, str]:
    """The page without the section on pictures that are read, and that section."""
    before, rest = text.split(f"\n{READ_HEADING}", 1)
    read, limits = rest.split("\n## What it misses", 1)
    return f"{before}\n## What it misses{limits}", f"\n{READ_HEADING}{read}"
