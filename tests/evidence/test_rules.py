"""Names of files, and the words of refusals (AP-02)."""

import pytest
from django.utils import translation

from evidence.rules import REFUSALS, RefusedFileError, clean_name, download_name

pytestmark = [pytest.mark.rule("AP-02"), pytest.mark.sqlite_only]


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("PROOF.PDF", "PROOF.PDF"),
        ("交接清单 11月.pdf", "交接清单 11月.pdf"),
        ("../../etc/passwd", "passwd"),
        (r"C:\fakepath\list.pdf", "list.pdf"),
        ("..", "file"),
        ("", "file"),
        ("nul\x00.pdf", "nul.pdf"),
        ("two\r\nlines.pdf", "twolines.pdf"),
        ("proof\u202efdp.exe", "prooffdp.exe"),
        ("zero\u200bwidth.pdf", "zerowidth.pdf"),
        ('a:b*c?"d"<e>|.pdf', "abcde.pdf"),
        ("x" * 400 + ".pdf", "x" * 116 + ".pdf"),
        ("交" * 400, "交" * 120),
        ("a." + "x" * 400, "a." + "x" * 118),
        ("scan.pdf.exe", "scan.pdf.exe"),
    ],
)
def test_names_lead_nowhere_and_deceive_nobody(given: str, cleaned: str) -> None:
    assert clean_name(given) == cleaned


def test_names_of_downloads_end_as_their_content() -> None:
    given = [("a.PDF", "pdf"), ("a.jpg", "pdf"), ("a.JPEG", "jpeg"), ("a.jpg.exe", "jpeg"), ("a", "pdf")]
    assert [download_name(*one) for one in given] == ["a.PDF", "a.jpg.pdf", "a.JPEG", "a.jpg.exe.jpg", "a.pdf"]


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_refusal_says_why_and_what_to_do(code: str, language: str) -> None:
    refused = RefusedFileError(code, "a.pdf", limit=10, pages=101, megapixels=60, type="PNG")
    with translation.override(language):
        assert str(refused) == f"a.pdf: {refused.reason} {refused.remedy}"
        assert "%" not in str(refused)
        assert refused.reason != refused.remedy
