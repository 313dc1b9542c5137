"""What a PDF can do and what was done to it, from its objects and its bytes (PN-28)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf

MAX_OBJECTS = 200_000
MAX_DEPTH = 30
_END = re.compile(rb"startxref\s+\d+\s+%%EOF[\r\n]{0,2}")
# Kinds of actions that do something outside the document.
_ACTIONS = {
    "/JavaScript": "script",
    "/Launch": "launch",
    "/SubmitForm": "sends_form",
    "/ImportData": "sends_form",
    "/Rendition": "media",
    "/RichMediaExecute": "media",
}
_KEYS = {"/JS": "script", "/EF": "attachment", "/EmbeddedFiles": "attachment", "/XFA": "xfa", "/RichMedia": "media"}
# Of these a document opening itself is a finding; a page to begin with is none.
_OPENING = frozenset({"/JavaScript", "/Launch", "/URI", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE"})


@dataclass(frozen=True, slots=True)
class Signatures:
    """``covered``: how many bytes the signature reaches that reaches furthest; 0 without one."""

    count: int
    covered: int


def active_parts(pdf: pikepdf.Pdf) -> list[str]:
    """Codes of what a reader would run, open or send; names are those after decoding, in object streams too."""
    found: set[str] = set()
    for dictionary in _dictionaries(pdf):
        found |= {code for key, code in _KEYS.items() if key in dictionary}
        if code := _ACTIONS.get(_name(dictionary.get("/S"))):
            found.add(code)
    opening = pdf.Root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary) and _name(opening.get("/S")) in _OPENING:
        found.add("opens_itself")
    return sorted(found)


def signatures(pdf: pikepdf.Pdf) -> Signatures:
    """The signatures of a document, by the bytes they cover."""
    ends = [end for dictionary in _dictionaries(pdf) if (end := _covered(dictionary.get("/ByteRange")))]
    return Signatures(len(ends), max(ends, default=0))


def revision_ends(content: bytes) -> list[int]:
    """Where each saved state of the file ends. A file made for the web has one more end mark near its beginning."""
    ends = [match.end() for match in _END.finditer(content)]
    return ends[1:] if b"/Linearized" in content[:1024] and len(ends) > 1 else ends


def _covered(byte_range: Any) -> int:
    if not isinstance(byte_range, pikepdf.Array) or len(byte_range) != 4:
        return 0
    try:
        _start, _length, start, length = (int(value) for value in byte_range)
    except (TypeError, ValueError):
        return 0
    return start + length


def _name(value: Any) -> str:
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """All dictionaries, those within others and of streams too, up to a bound."""
    left = MAX_OBJECTS
    stack: list[tuple[Any, int]] = [(item, 0) for item in pdf.objects] + [(pdf.trailer, 0)]
    while stack and left > 0:
        item, depth = stack.pop()
        left -= 1
        if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            yield item
            parts = [part for _key, part in item.items()]
        elif isinstance(item, pikepdf.Array):
            parts = list(item)
        else:
            continue
        if depth < MAX_DEPTH:
            stack += [(part, depth + 1) for part in parts if _is_inside(part)]


def _is_inside(part: Any) -> bool:
    return isinstance(part, pikepdf.Dictionary | pikepdf.Array) and not part.is_indirect
