"""What files tell about themselves (PN-28)."""

from typing import Any

import pytest

from appeals.checks.content import check_content, is_editor
from tests.appeals.checks.build import a_case, a_file, page, pdf_facts

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("PN-28")]


def found(name: str = "a.pdf", **facts: Any) -> dict[str, str]:
    file = a_file(pdf_facts(page("text"), **facts), name=name, kind="order_proof")
    return {one.code: one.severity for one in check_content(a_case(file)) if one.severity != "passed"}


@pytest.mark.parametrize(
    ("facts", "findings"),
    [
        ({}, {}),
        ({"revisions": 2}, {"saved_again": "low"}),
        ({"revisions": 2, "changed_pages": [1]}, {"saved_again": "medium"}),
        ({"signature": "whole", "revisions": 2}, {}),
        ({"signature": "outrun", "revisions": 2}, {"signature_outrun": "low"}),
        ({"signature": "outrun", "revisions": 2, "changed_pages": [1]}, {"signature_outrun": "high"}),
        ({"active": ["attachment"]}, {"active_content": "medium"}),
        ({"active": ["attachment", "script"]}, {"active_content": "high"}),
        ({"encrypted": True}, {"encrypted": "medium"}),
        ({"agents": ["Canva"]}, {"picture_editor": "low"}),
    ],
)
def test_facts_become_findings(facts: dict[str, Any], findings: dict[str, str]) -> None:
    assert found(**facts) == findings


@pytest.mark.parametrize("name", ["a.pdf", "A.PDF", "交接清单 11月.Pdf"])
def test_a_right_ending_passes(name: str) -> None:
    assert found(name) == {}


@pytest.mark.parametrize("name", ["a.jpg", "a", "a.pdf.exe", ".pdf", ""])
def test_another_ending_is_told(name: str) -> None:
    assert found(name) == {"type_differs": "medium"}


def test_a_file_without_facts_was_not_examined() -> None:
    findings = [(one.code, one.severity) for one in check_content(a_case(a_file({})))]
    assert findings == [("type_same", "passed"), ("not_examined", "low")]


@pytest.mark.parametrize(
    ("program", "editor"),
    [
        ("Adobe Photoshop 25", True),
        ("美图秀秀", True),
        ("HUAWEI P60 5.0", False),
        ("Microsoft Word", False),
        ("", False),
    ],
)
def test_cameras_and_printers_are_no_editors(program: str, editor: bool) -> None:
    assert is_editor(program) == editor
