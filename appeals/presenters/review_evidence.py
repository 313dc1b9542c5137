"""The evidence of an appeal page by page, with the findings of the Smart Check pinned on it (AP-04, PN-28)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appeals.checks.findings import Finding, Severity, in_order
from appeals.presenters.finding_words import finding_text, severity_word
from appeals.presenters.findings import LEVELS
from evidence.models import EvidenceFile
from evidence.presenters import Pin, SheetPage, sheet_page, shown_page
from rulebook.reading import word


class ViewedFile(Protocol):
    """A file in the viewer; findings name it by ``pk``."""

    @property
    def pk(self) -> int: ...
    @property
    def place(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def round(self) -> int: ...
    @property
    def file_id(self) -> int: ...
    @property
    def file(self) -> EvidenceFile: ...


@dataclass(frozen=True, slots=True)
class EvidenceFileRow:
    """A file with its kind in words; ``first``: the number of its first page, 0 once its
    content was removed; ``late``: it came as a supplement."""

    place: int
    name: str
    kind: str
    first: int
    late: bool


@dataclass(frozen=True, slots=True)
class PinnedFinding:
    """A finding in words; ``page``: the number of the page that it is pinned on."""

    number: int
    level: str
    word: str
    text: str
    page: int | None


@dataclass(frozen=True, slots=True)
class EvidenceViewer:
    """What templates/appeals/_evidence.html reads."""

    title: str
    files: list[EvidenceFileRow]
    pages: list[SheetPage]
    findings: list[PinnedFinding]
    shown: int


def evidence_of(files: Sequence[ViewedFile], kept: Iterable[Mapping[str, Any]], asked: str | None) -> EvidenceViewer:
    """Every page of every file; ``kept``: the appeal's findings as JSON; ``asked``: the page to show first."""
    findings = in_order([Finding.from_json(one) for one in kept], {file.pk: file.place for file in files})
    numbered = list(enumerate(findings, 1))
    pages: list[SheetPage] = []
    rows, of_file = [], {}
    for file in files:
        rows.append(
            EvidenceFileRow(
                place=file.place,
                name=file.name,
                kind=word(file.kind) if file.kind else "",
                first=len(pages) + 1 if file.file.shown_pages else 0,
                late=file.round > 0,
            )
        )
        if file.file.shown_pages:
            of_file[file.pk] = len(pages)
        pages += [_page(file, page, len(pages) + page, numbered) for page in range(1, file.file.shown_pages + 1)]
    return EvidenceViewer(
        title=_title(len(files), len(pages)),
        files=rows,
        pages=pages,
        findings=[_finding(number, finding, of_file) for number, finding in numbered],
        shown=shown_page(asked, len(pages)),
    )


def _title(files: int, pages: int) -> str:
    if not files:
        return _("No evidence")
    given = ngettext("%(count)s file", "%(count)s files", files) % {"count": files}
    return _("Evidence: %(files)s") % {
        "files": f"{given} · {ngettext('%(count)s page', '%(count)s pages', pages) % {'count': pages}}"
    }


def _page(file: ViewedFile, page: int, number: int, findings: Sequence[tuple[int, Finding]]) -> SheetPage:
    here = [(no, finding) for no, finding in findings if finding.file == file.pk and (finding.page or 1) == page]
    worst = next((LEVELS[finding.severity] for _no, finding in here if finding.severity != Severity.PASSED), "")
    return sheet_page(
        file.file,
        page,
        name=file.name,
        place=file.place,
        number=number,
        pins=[_pin(no, finding) for no, finding in here if finding.box],
        level=worst,
    )


def _pin(number: int, finding: Finding) -> Pin:
    assert finding.box is not None
    left, top, right, bottom = finding.box
    return Pin(
        number=number,
        level=LEVELS[finding.severity],
        left=f"{left / 10}%",
        top=f"{top / 10}%",
        width=f"{(right - left) / 10}%",
        height=f"{(bottom - top) / 10}%",
        right=f"{right / 10}%",
    )


def _finding(number: int, finding: Finding, of_file: dict[int, int]) -> PinnedFinding:
    first = of_file.get(finding.file) if finding.file is not None else None
    page = None if first is None else first + (finding.page or 1)
    word = severity_word(finding.severity)
    return PinnedFinding(number, LEVELS[finding.severity], word, finding_text(finding), page)
