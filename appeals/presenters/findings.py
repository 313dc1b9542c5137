"""The findings of the Smart Check as pages show them: what, where, how grave, what to do (PN-28)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appeals.checks.findings import WHOLE, Code, Finding, Severity
from appeals.presenters.finding_words import finding_text, severity_word, words_of
from core.pages import formats
from evidence.models import EvidenceFile

__all__ = ["LEVELS", "FindingRow", "Findings", "finding_text", "present_findings"]


class AttachedFile(Protocol):
    """A file of an appeal or of a side of a dispute; `Finding.file` is its ``pk``."""

    @property
    def pk(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def file_id(self) -> int | None: ...
    @property
    def file(self) -> EvidenceFile | None: ...


# Severity → status, which has colour and shape (core/pages/statuses.py).
LEVELS = {Severity.HIGH: "red", Severity.MEDIUM: "yellow", Severity.LOW: "info", Severity.PASSED: "ok"}
# The drawing beside a finding is 80 wide and 108 high.
SKETCH_WIDTH, SKETCH_HEIGHT, LEAST_MARK = 80, 108, 6
# The frame on a page leaves some room around the words.
AROUND = 6
_ABOUT_STATEMENT = frozenset({Code.STATEMENT_EMPTY, Code.STATEMENT_NAMES_NO_ORDER, Code.STATEMENT_ALIKE})
_ABOUT_ORDERS = frozenset({Code.HANDED_OVER_LATE})


@dataclass(frozen=True, slots=True)
class Mark:
    """A box on a page or its sketch, in its units."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is: ``kind`` of sketch (page, picture, missing, statement), its label, the box marked in it."""

    kind: str
    label: str
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding in words. ``where``: file, page, order; ``step``: where it is mended (orders, statement, evidence) with
    ``step_url``; ``page_url``: the picture of the page that it is on, ``pin`` its box in thousandths of that."""

    level: str
    word: str
    title: str
    where: str
    advice: str
    place: Place
    step: str
    step_url: str = ""
    page_url: str = ""
    pin: Mark | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What templates/appeals/_findings.html reads. ``passed``: what was checked and is in order, each once;
    ``must`` and ``should``: how many there are."""

    title: str
    rows: list[FindingRow]
    passed: list[str]
    passed_title: str
    must: int
    should: int


def present_findings(
    findings: Iterable[Finding], files: Sequence[AttachedFile], steps: Mapping[str, str] | None = None
) -> Findings:
    """Findings of an appeal with these files. ``steps``: addresses of the steps ``orders``, ``statement`` and
    ``evidence``, where something can still be changed."""
    every, by_id = list(findings), {file.pk: file for file in files}
    open_ones = [finding for finding in every if finding.severity != Severity.PASSED]
    counts = Counter(finding.severity for finding in open_ones)
    passed = _passed(finding for finding in every if finding.severity == Severity.PASSED)
    return Findings(
        title=_title(counts[Severity.HIGH], len(open_ones)),
        rows=[_row(finding, by_id, steps or {}) for finding in open_ones],
        passed=passed,
        passed_title=ngettext("%(count)s check found nothing", "%(count)s checks found nothing", len(passed))
        % {"count": formats.number(len(passed))},
        must=counts[Severity.HIGH],
        should=counts[Severity.MEDIUM],
    )


def _title(must: int, count: int) -> str:
    """``Mend 1 thing first, then see 3 suggestions``"""
    rest = count - must
    first = ngettext("Mend %(count)s thing first", "Mend %(count)s things first", must) % {"count": must}
    then = ngettext("see %(count)s suggestion", "see %(count)s suggestions", rest) % {"count": rest}
    if must and rest:
        return _("%(first)s, then %(then)s") % {"first": first, "then": then}
    if must:
        return first
    return ngettext("%(count)s suggestion", "%(count)s suggestions", rest) % {"count": rest} if rest else _("In order")


def _row(finding: Finding, files: Mapping[int, AttachedFile], steps: Mapping[str, str]) -> FindingRow:
    title, advice = words_of(finding)
    file = files.get(finding.file) if finding.file is not None else None
    step = _step(finding)
    return FindingRow(
        level=LEVELS[finding.severity],
        word=severity_word(finding.severity),
        title=title,
        where=_where(finding, file),
        advice=advice,
        place=_place(finding, file),
        step=step,
        step_url=steps.get(step, ""),
        page_url=reverse("evidence:page", args=[file.file_id, finding.page]) if file and finding.page else "",
        pin=_pin(finding),
    )


def _step(finding: Finding) -> str:
    if finding.code in _ABOUT_STATEMENT:
        return "statement"
    return "orders" if finding.code in _ABOUT_ORDERS else "evidence"


def _where(finding: Finding, file: AttachedFile | None) -> str:
    parts = [file.name] if file else []
    if file and finding.page:
        parts.append(_("page %(number)s") % {"number": finding.page})
    if finding.order:
        parts.append(_("order %(number)s") % {"number": finding.order})
    if finding.params.get("recognised") and finding.file is not None:
        parts.append(_("read by recognition"))
    return " · ".join(parts)


def _place(finding: Finding, file: AttachedFile | None) -> Place:
    if file is None:
        kind = "statement" if finding.code in _ABOUT_STATEMENT else "missing"
        return Place(kind, _("statement") if kind == "statement" else _("missing"))
    kind = "picture" if file.file is not None and file.file.kind == "jpeg" else "page"
    if finding.box is None:
        whole = _("the whole picture") if kind == "picture" else _("the whole file")
        return Place(kind, whole, Mark(1, 1, SKETCH_WIDTH - 2, SKETCH_HEIGHT - 2))
    left, top, right, bottom = finding.box
    return Place(kind, _height(finding, kind, (top + bottom) // 2), _mark(left, top, right, bottom))


def _height(finding: Finding, kind: str, middle: int) -> str:
    part = _("top") if middle < WHOLE // 3 else _("bottom") if middle > 2 * WHOLE // 3 else _("middle")
    if kind == "picture":
        return _("picture, %(part)s") % {"part": part}
    return _("page %(number)s, %(part)s") % {"number": finding.page, "part": part}


def _pin(finding: Finding) -> Mark | None:
    if finding.box is None:
        return None
    left, top, right, bottom = finding.box
    return Mark(left - AROUND, top - AROUND, right - left + 2 * AROUND, bottom - top + 2 * AROUND)


def _mark(left: int, top: int, right: int, bottom: int) -> Mark:
    return Mark(
        x=left * SKETCH_WIDTH // WHOLE,
        y=top * SKETCH_HEIGHT // WHOLE,
        width=max(LEAST_MARK, (right - left) * SKETCH_WIDTH // WHOLE),
        height=max(LEAST_MARK, (bottom - top) * SKETCH_HEIGHT // WHOLE),
    )


def _passed(findings: Iterable[Finding]) -> list[str]:
    """What is in order, each check once; orders that are named count together."""
    every = list(findings)
    named = {finding.order for finding in every if finding.code == Code.NUMBER_FOUND}
    texts = [finding_text(finding) for finding in every if finding.code != Code.NUMBER_FOUND]
    if named:
        text = ngettext("%(count)s order is named in the files", "%(count)s orders are named in the files", len(named))
        texts.insert(0, text % {"count": formats.number(len(named))})
    return list(dict.fromkeys(texts))
