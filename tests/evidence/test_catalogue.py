"""The catalogue "Uploads" by content: refused with a reason or taken, within 10 seconds and 512 MB (AP-02, RL-09).

What is harmless to read is tried in this process, the rest in the sandbox, and each through the service once. Marks of
editors, later changes and altered signatures are no reason to refuse: the Smart Check tells of them."""

import time
from pathlib import Path

import pytest

from evidence.inspection import RefusedContentError, jpeg, pdf
from evidence.inspection.kinds import kind_of
from evidence.rules import Limits, RefusedFileError
from evidence.services.accepting import accept_content
from tests.evidence.catalogue import DANGEROUS, HARMLESS

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("AP-02", "RL-09")]

LIMITS = Limits(max_bytes=10 * 2**20, max_files=5, max_pages=100, max_megapixels=50)


def outcome_here(content: bytes) -> str:
    """The code of the refusal, or nothing, as the service would say it."""
    kind = kind_of(content)
    try:
        if kind == "pdf":
            pdf.accept(content, max_pages=LIMITS.max_pages)
        elif kind == "jpeg":
            jpeg.accept(content, max_megapixels=LIMITS.max_megapixels)
        else:
            return "known_type" if kind else "other_type"
    except RefusedContentError as refused:
        return refused.code
    return ""


def outcome(content: bytes, folder: Path) -> str:
    """The same from the service, which asks the sandbox."""
    path = folder / "file"
    path.write_bytes(content)
    try:
        accept_content(name="file", path=path, limits=LIMITS)
    except RefusedFileError as refused:
        return refused.code
    return ""


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_files(name: str) -> None:
    build, expected = HARMLESS[name]
    assert outcome_here(build()) == expected


@pytest.mark.parametrize("name", DANGEROUS)
def test_dangerous_files(name: str, tmp_path: Path) -> None:
    build, expected = DANGEROUS[name]
    content = build()
    started = time.monotonic()
    assert outcome(content, tmp_path) == expected
    assert time.monotonic() - started < 11


@pytest.mark.parametrize("name", ["ZIP", "EICAR", "JPEG of 900 megapixels", "PDF of 101 pages", "PDF of 100 pages"])
def test_service_says_the_same_of_harmless_files(name: str, tmp_path: Path) -> None:
    build, expected = HARMLESS[name]
    assert outcome(build(), tmp_path) == expected
