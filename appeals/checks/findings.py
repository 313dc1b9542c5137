"""What the Smart Check finds, as data (PN-28). Words for people are in `appeals/presenters/findings.py`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# Left, top, right, bottom in thousandths of the page.
WHOLE = 1000
Box = tuple[int, int, int, int]


class Severity(StrEnum):
    """How much a finding weighs. ``HIGH``: the evidence contradicts the order or the file does harm; ``LOW``: worth
    knowing. What was read in pictures is never above ``LOW``. None of them blocks anything."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    PASSED = "passed"


RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Code(StrEnum):
    """What can be found."""

    NOT_EXAMINED = "not_examined"
    NOT_READ = "not_read"
    TYPE_DIFFERS = "type_differs"
    TYPE_SAME = "type_same"
    PICTURE_EDITOR = "picture_editor"
    NO_EDITOR = "no_editor"
    ENCRYPTED = "encrypted"
    ACTIVE_CONTENT = "active_content"
    NO_ACTIVE_CONTENT = "no_active_content"
    SIGNATURE_OUTRUN = "signature_outrun"
    SIGNATURE_WHOLE = "signature_whole"
    SAVED_AGAIN = "saved_again"
    SAVED_ONCE = "saved_once"
    FILE_REUSED = "file_reused"
    PICTURE_REUSED = "picture_reused"
    PICTURE_ALIKE = "picture_alike"
    FILE_NEW = "file_new"
    NUMBER_FOUND = "number_found"
    NUMBER_MISSING = "number_missing"
    NUMBER_NEAR = "number_near"
    OTHER_ORDER = "other_order"
    DELIVERED_BEFORE_DISPATCH = "delivered_before_dispatch"
    HANDED_OVER_LATE = "handed_over_late"
    DATES_OUTSIDE = "dates_outside"
    DATES_FIT = "dates_fit"
    COUNTRY_DIFFERS = "country_differs"
    COUNTRY_FITS = "country_fits"
    STAMP_MISSING = "stamp_missing"
    STAMP_SEEN = "stamp_seen"
    EVIDENCE_MISSING = "evidence_missing"
    EVIDENCE_INVALID = "evidence_invalid"
    EVIDENCE_COMPLETE = "evidence_complete"
    MESSAGES_AS_FILE = "messages_as_file"
    STATEMENT_EMPTY = "statement_empty"
    STATEMENT_NAMES_NO_ORDER = "statement_names_no_order"
    STATEMENT_ALIKE = "statement_alike"
    STATEMENT_OWN = "statement_own"


@dataclass(frozen=True, slots=True)
class Finding:
    """``file``: id of the AppealFile; ``page`` from 1; ``order``: an order number. ``params``: what its words name,
    JSON values only; ``recognised`` among them says that it was read in a picture."""

    code: Code
    severity: Severity
    file: int | None = None
    page: int | None = None
    box: Box | None = None
    order: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Everything, as it is kept with the appeal."""
        return {
            "code": self.code.value,
            "severity": self.severity.value,
            "file": self.file,
            "page": self.page,
            "box": list(self.box) if self.box else None,
            "order": self.order,
            "params": dict(self.params),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Finding":
        """A finding that was kept."""
        box = data["box"]
        return cls(
            code=Code(data["code"]),
            severity=Severity(data["severity"]),
            file=data["file"],
            page=data["page"],
            box=(box[0], box[1], box[2], box[3]) if box else None,
            order=data["order"],
            params=data["params"],
        )


def in_order(findings: Iterable[Finding], places: Mapping[int, int]) -> list[Finding]:
    """Findings, the gravest first, then by file (``places``: AppealFile id → its place) and page."""

    def key(finding: Finding) -> tuple[int, int, int]:
        place = places.get(finding.file, 0) if finding.file is not None else len(places) + 1
        return RANKS[finding.severity], place, finding.page or 0

    return sorted(findings, key=key)
