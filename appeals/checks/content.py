"""What the files themselves tell: type, who saved them, what they do, what was saved onto them (PN-28, PN-28a)."""

from collections.abc import Iterator
from pathlib import PurePath

from appeals.checks.cases import Case, CheckedFile
from appeals.checks.findings import Code, Finding, Severity

ENDINGS = {"pdf": "pdf", "jpg": "jpeg", "jpeg": "jpeg", "jpe": "jpeg", "jfif": "jpeg"}
# Programs that change what a picture or a document shows; cameras, phones and scanners are none.
EDITORS = (
    "photoshop",
    "lightroom",
    "gimp",
    "pixelmator",
    "affinity",
    "paint.net",
    "picsart",
    "snapseed",
    "meitu",
    "美图",
    "xingtu",
    "醒图",
    "photopea",
    "canva",
    "corel",
    "krita",
    "acdsee",
    "faststone",
    "sejda",
    "pdfescape",
    "smallpdf",
    "ilovepdf",
    "pdf editor",
    "pdf-xchange editor",
    "phantompdf",
    "pdfelement",
)
# Letters of carriers and customs should bear a red stamp (PN-28a).
THIRD_PARTY = "third_party_document"
# What a reader would run at once; the rest only might be used.
HARMFUL = frozenset({"script", "launch", "opens_itself"})


def check_content(case: Case) -> Iterator[Finding]:
    """Findings about each file alone."""
    for file in case.files:
        yield _type(file)
        if not file.facts:
            yield Finding(Code.NOT_EXAMINED, Severity.LOW, file.id)
            continue
        yield _editor(file)
        if file.content == "pdf":
            yield from _encryption(file)
            yield _activity(file)
            yield from _saving(file)
        if unread := [page.number for page in file.pages if page.unread]:
            yield Finding(Code.NOT_READ, Severity.LOW, file.id, unread[0], params={"pages": unread})
        if file.kind == THIRD_PARTY:
            yield _stamp(file)


def _type(file: CheckedFile) -> Finding:
    ending = PurePath(file.name).suffix.lower().lstrip(".")
    if ENDINGS.get(ending) == file.content:
        return Finding(Code.TYPE_SAME, Severity.PASSED, file.id)
    return Finding(Code.TYPE_DIFFERS, Severity.MEDIUM, file.id, params={"ending": ending, "type": file.content})


def _editor(file: CheckedFile) -> Finding:
    named = [file.facts.get(key, "") for key in ("software", "producer", "creator")] + file.facts.get("agents", [])
    editor = next((name for name in named if is_editor(name)), "")
    if not editor:
        return Finding(Code.NO_EDITOR, Severity.PASSED, file.id)
    params = {"program": editor, "changed": file.facts.get("changed", "")}
    return Finding(Code.PICTURE_EDITOR, Severity.LOW, file.id, 1, params=params)


def is_editor(program: str) -> bool:
    """Whether the name of a program is that of a picture or PDF editor."""
    lowered = program.lower()
    return any(editor in lowered for editor in EDITORS)


def _encryption(file: CheckedFile) -> Iterator[Finding]:
    if file.facts["encrypted"]:
        yield Finding(Code.ENCRYPTED, Severity.MEDIUM, file.id)


def _activity(file: CheckedFile) -> Finding:
    active = file.facts["active"]
    if not active:
        return Finding(Code.NO_ACTIVE_CONTENT, Severity.PASSED, file.id)
    severity = Severity.HIGH if HARMFUL.intersection(active) else Severity.MEDIUM
    return Finding(Code.ACTIVE_CONTENT, severity, file.id, params={"parts": active})


def _saving(file: CheckedFile) -> Iterator[Finding]:
    facts, changed = file.facts, file.facts["changed_pages"]
    page = changed[0] if changed else None
    params = {"pages": changed, "times": facts["revisions"] - 1, "changed": facts["changed"]}
    if facts["signature"] == "outrun":
        severity = Severity.HIGH if changed else Severity.LOW
        yield Finding(Code.SIGNATURE_OUTRUN, severity, file.id, page, params=params)
    elif facts["signature"] == "whole":
        yield Finding(Code.SIGNATURE_WHOLE, Severity.PASSED, file.id)
    elif facts["revisions"] > 1:
        severity = Severity.MEDIUM if changed else Severity.LOW
        yield Finding(Code.SAVED_AGAIN, severity, file.id, page, params=params)
    else:
        yield Finding(Code.SAVED_ONCE, Severity.PASSED, file.id)


def _stamp(file: CheckedFile) -> Finding:
    for page in file.pages:
        if page.stamp is not None:
            return Finding(Code.STAMP_SEEN, Severity.PASSED, file.id, page.number, page.stamp)
    return Finding(Code.STAMP_MISSING, Severity.LOW, file.id)
