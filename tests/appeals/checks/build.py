"""Files with facts for the tests of the Smart Check, without files."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

from appeals.checks.cases import Case, CheckedFile, CheckedOrder
from appeals.checks.checking import check_case
from appeals.checks.findings import Finding, Severity
from appeals.models import Appeal, AppealFile
from appeals.rules import AppealKind
from evidence.models import EvidenceFile
from stores.models import Company

NOW = datetime(2026, 11, 30, 6, tzinfo=UTC)
ORDERED = datetime(2026, 11, 10, 6, tzinfo=UTC)
SHIP_BY = datetime(2026, 11, 15, 20, 1, tzinfo=UTC)
DISPATCHED = datetime(2026, 11, 14, 2, tzinfo=UTC)
ORDER_NO, TRACKING_NO = "8000110002020874", "SZ126718225903"
_places = count(1)


def page(*lines: str, source: str = "text", sure: int = 96, **more: Any) -> dict[str, Any]:
    """A page whose lines stand below one another, their words side by side."""
    words = []
    for number, line in enumerate(lines):
        for place, word in enumerate(line.split("  ")):
            left, top = 100 + 200 * place, 100 + 20 * number
            words.append([number, word, left, top, left + 180, top + 15, 100 if source == "text" else sure])
    return {"source": source, "words": words, "picture": "", "stamp": None, **more}


def pdf_facts(*pages: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Facts of a PDF that nobody changed."""
    return {
        "kind": "pdf",
        "encrypted": False,
        "active": [],
        "producer": "Typst",
        "creator": "",
        "changed": "",
        "agents": [],
        "revisions": 1,
        "signature": "none",
        "changed_pages": [],
        "pages": list(pages),
        "pictures": [one["picture"] for one in pages if one["picture"]],
        **more,
    }


def jpeg_facts(one: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Facts of a JPEG as a phone writes it."""
    facts = {"kind": "jpeg", "software": "", "camera": "", "changed": "", "agents": [], "position": False}
    return {**facts, "pages": [one], "pictures": [one["picture"]] if one["picture"] else [], **more}


def letter(*lines: str, **more: Any) -> CheckedFile:
    """A carrier's letter as a PDF with these lines."""
    return a_file(pdf_facts(page(*lines)), **more)


def picture(*lines: str, **more: Any) -> CheckedFile:
    """A screenshot in which these lines were read."""
    return a_file(jpeg_facts(page(*lines, source="recognised")), content="jpeg", name="shot.jpg", **more)


def a_file(facts: dict[str, Any], **more: Any) -> CheckedFile:
    columns = {"id": 1, "place": 1, "name": "letter.pdf", "kind": "third_party_document", "content": "pdf"} | more
    return CheckedFile(facts=facts, **columns)


def an_order(**more: Any) -> CheckedOrder:
    columns: dict[str, Any] = {
        "order_no": ORDER_NO,
        "exception": "carrier_fault",
        "numbers": (TRACKING_NO,),
        "site": "BR",
        "created_at": ORDERED,
        "ship_by": SHIP_BY,
        "dispatched_at": DISPATCHED,
    }
    return CheckedOrder(**columns | more)


def a_case(*files: CheckedFile, orders: Sequence[CheckedOrder] = (), **more: Any) -> Case:
    columns: dict[str, Any] = {"kind": AppealKind.NOTICE, "at": NOW, "metric": "late_dispatch"} | more
    return Case(orders=tuple(orders) or (an_order(),), files=files, **columns)


def found(case: Case) -> dict[str, str]:
    """Code and severity of what is found, without what passed."""
    return {finding.code: finding.severity for finding in check_case(case) if finding.severity != Severity.PASSED}


def passed(case: Case) -> set[str]:
    return {finding.code.value for finding in check_case(case) if finding.severity == Severity.PASSED}


def only(case: Case, code: str) -> Finding:
    """The one finding of a code."""
    [finding] = [finding for finding in check_case(case) if finding.code == code]
    return finding


def attach(appeal: Appeal, facts: dict[str, Any], company: Company | None = None, **more: Any) -> AppealFile:
    """A file of the appeal with these facts, without content on disk."""
    place = next(_places)
    columns = {"kind": "carrier_trace", "name": f"trace.{facts['kind']}", "place": place} | more
    file = columns.pop("file", None) or EvidenceFile.objects.create(
        company=company or appeal.store.company,
        sha256=f"{place:064x}",
        kind=facts["kind"],
        name=columns["name"],
        size=1000,
        facts=facts,
        examined_at=NOW,
        uploaded_at=NOW,
    )
    return AppealFile.objects.create(appeal=appeal, file=file, added_at=NOW, **columns)
