"""The findings of the Smart Check in words (PN-28)."""

from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from appeals.checks.findings import Code, Finding, Severity
from appeals.models import AppealFile
from appeals.presenters.finding_words import finding_text, words_of
from appeals.presenters.findings import Mark, Place, present_findings
from evidence.models import EvidenceFile

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("PN-28")]
AT = "2026-11-14T02:00:00+00:00"
READ = {"written": "SZ126718225930", "recognised": False}
PARAMS: dict[Code, dict[str, Any]] = {
    Code.TYPE_DIFFERS: {"ending": "jpg", "type": "pdf"},
    Code.PICTURE_EDITOR: {"program": "Adobe Photoshop 25.1", "changed": ""},
    Code.ACTIVE_CONTENT: {"parts": ["attachment", "launch", "media", "opens_itself", "script", "sends_form", "xfa"]},
    Code.SIGNATURE_OUTRUN: {"pages": [2], "times": 1, "changed": ""},
    Code.SAVED_AGAIN: {"pages": [1, 2, 3, 4, 5, 6], "times": 1, "changed": ""},
    Code.FILE_REUSED: {"appeals": ["A20261101-000002", ""]},
    Code.PICTURE_REUSED: {"appeals": ["A20261101-000002"]},
    Code.PICTURE_ALIKE: {"appeals": [""]},
    Code.NUMBER_FOUND: READ,
    Code.NUMBER_MISSING: {"orders": ["L1", "L2"], "count": 2, "recognised": False},
    Code.NUMBER_NEAR: READ | {"meant": "SZ126718225903", "valid": None},
    Code.OTHER_ORDER: READ | {"count": 1},
    Code.DELIVERED_BEFORE_DISPATCH: READ | {"dispatched": AT},
    Code.HANDED_OVER_LATE: READ | {"ship_by": AT},
    Code.DATES_OUTSIDE: READ | {"begin": "2026-11-01", "end": "2026-12-01"},
    Code.COUNTRY_DIFFERS: READ | {"country": "CL", "sites": "BR FR"},
    Code.EVIDENCE_MISSING: {"exception": "wrong_address", "kind": "platform_messages", "orders": ["L1"], "count": 1},
    Code.EVIDENCE_INVALID: {"kinds": ["full_trace", "withdrawal"]},
    Code.STATEMENT_ALIKE: {"appeal": "", "percent": 97},
}


def finding(code: Code, **more: Any) -> Finding:
    columns: dict[str, Any] = {"severity": Severity.MEDIUM, "order": "L1", "params": PARAMS.get(code, {})} | more
    return Finding(code, **columns)


def a_file(kind: str = "pdf") -> AppealFile:
    return AppealFile(pk=7, place=1, name=f"letter.{kind}", file=EvidenceFile(pk=3, kind=kind))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("code", list(Code))
def test_every_finding_has_words(code: Code, language: str) -> None:
    with translation.override(language):
        title, advice = words_of(finding(code))
    assert title == title.strip() != ""
    assert "%(" not in title + advice
    assert "_" not in title + advice


@pytest.mark.parametrize("code", list(Code))
def test_every_problem_comes_with_advice(code: Code) -> None:
    passed = {
        Code.TYPE_SAME,
        Code.NO_EDITOR,
        Code.NO_ACTIVE_CONTENT,
        Code.SIGNATURE_WHOLE,
        Code.SAVED_ONCE,
        Code.FILE_NEW,
        Code.NUMBER_FOUND,
        Code.DATES_FIT,
        Code.COUNTRY_FITS,
        Code.STAMP_SEEN,
        Code.EVIDENCE_COMPLETE,
        Code.STATEMENT_OWN,
    }
    assert bool(words_of(finding(code))[1]) == (code not in passed)


@pytest.mark.parametrize("code", [Code.NUMBER_MISSING, Code.NUMBER_NEAR])
def test_what_was_recognised_is_never_held_against_the_seller(code: Code) -> None:
    read = finding(code, params=PARAMS[code] | {"recognised": True})
    with translation.override("en"):
        assert "never held against you" in words_of(read)[1]


def test_words_name_what_matters() -> None:
    with translation.override("en"):
        assert finding_text(finding(Code.SIGNATURE_OUTRUN)) == "Changed after it was signed: page 2"
        assert finding_text(finding(Code.SAVED_AGAIN)) == "Changed since it was made: pages 1, 2, 3, 4, 5…"
        assert finding_text(finding(Code.FILE_REUSED)) == (
            "The same file was handed in before: A20261101-000002, an appeal of another store of your company"
        )
        assert "Wrong address" not in finding_text(finding(Code.EVIDENCE_MISSING))
        assert finding_text(finding(Code.EVIDENCE_MISSING)) == "“wrong address” lacks evidence: platform messages"
    with translation.override("zh-hans"):
        assert finding_text(finding(Code.NUMBER_NEAR)) == ("SZ126718225930 与订单 L1 的单号 SZ126718225903 只差一位")


def test_a_row_says_where_the_finding_is() -> None:
    near = finding(Code.NUMBER_NEAR, file=7, page=3, box=(100, 400, 700, 420))
    alike = finding(Code.STATEMENT_ALIKE, order="")
    missing = finding(Code.EVIDENCE_MISSING, severity=Severity.LOW)
    with translation.override("en"):
        shown = present_findings([near, alike, missing], [a_file()], {"evidence": "/evidence", "statement": "/say"})
    assert [(row.where, row.level, row.word, row.step_url) for row in shown.rows] == [
        ("letter.pdf · page 3 · order L1", "yellow", "should be checked", "/evidence"),
        ("", "yellow", "should be checked", "/say"),
        ("order L1", "info", "note", "/evidence"),
    ]
    assert [(row.page_url, row.pin) for row in shown.rows] == [
        ("/evidence/3/3", Mark(94, 394, 612, 32)),
        ("", None),
        ("", None),
    ]
    assert [row.place for row in shown.rows] == [
        Place("page", "page 3, middle", Mark(8, 43, 48, 6)),
        Place("statement", "statement"),
        Place("missing", "missing"),
    ]


def test_a_picture_without_a_place_is_marked_whole() -> None:
    with translation.override("en"):
        [row] = present_findings([finding(Code.PICTURE_EDITOR, file=7, page=1)], [a_file("jpeg")]).rows
    assert row.place == Place("picture", "the whole picture", Mark(1, 1, 78, 106))


@pytest.mark.parametrize(
    ("severities", "title"),
    [
        ([], "In order"),
        (["passed"], "In order"),
        (["high", "medium", "low", "low"], "Mend 1 thing first, then see 3 suggestions"),
        (["high", "high"], "Mend 2 things first"),
        (["low"], "1 suggestion"),
    ],
)
def test_the_title_says_what_comes_first(severities: list[str], title: str) -> None:
    findings = [finding(Code.STAMP_MISSING, severity=Severity(severity)) for severity in severities]
    with translation.override("en"):
        assert present_findings(findings, []).title == title


def test_what_passed_is_said_once() -> None:
    passed = [
        finding(Code.TYPE_SAME, severity=Severity.PASSED, file=1),
        finding(Code.TYPE_SAME, severity=Severity.PASSED, file=2),
        finding(Code.NUMBER_FOUND, severity=Severity.PASSED, file=1, order="L1"),
        finding(Code.NUMBER_FOUND, severity=Severity.PASSED, file=2, order="L1"),
        finding(Code.NUMBER_FOUND, severity=Severity.PASSED, file=2, order="L2"),
    ]
    with translation.override("en"):
        shown = present_findings(passed, [])
    assert shown.passed == ["2 orders are named in the files", "Name and content are of one type"]
    assert (shown.passed_title, shown.rows) == ("2 checks found nothing", [])


@pytest.mark.rule("RL-10")
def test_what_a_file_says_is_text_on_the_page() -> None:
    named = finding(Code.PICTURE_EDITOR, file=7, page=1, params={"program": "<script>Photoshop", "changed": ""})
    page = render_to_string("appeals/_findings.html", {"findings": present_findings([named], [a_file()])})
    assert "&lt;script&gt;Photoshop" in page
    assert "<script" not in page


def test_nothing_is_rendered_of_nothing() -> None:
    assert render_to_string("appeals/_findings.html", {"findings": present_findings([], [])}).strip() == ""
