"""SQL laid out for readers of a diff: a clause, a column or a condition on each line."""

import re
from collections.abc import Iterator

WIDTH = 110
_TOKEN = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|[()]|,\s|\b[A-Z_]+\b""")
_BLANKS = re.compile(r"""('(?:[^']|'')*'|"[^"]*")|\s+""")
_NAMES = "SELECT FROM WHERE GROUP ORDER HAVING LIMIT UNION EXCEPT LEFT JOIN CROSS SET VALUES ON INSERT UPDATE RANGE"
_CLAUSES = frozenset(_NAMES.split())
# What a piece is broken at, the strongest first; behind commas, before the others.
_BREAKS = (_CLAUSES, frozenset({","}), frozenset({"WHEN", "ELSE"}), frozenset({"AND", "OR"}))
# What begins a piece whose further lines belong to it.
_HEADS = (*_CLAUSES, "WITH", "WHEN")
# Words that belong to the one before them.
_AFTER = {"AND": ("BETWEEN",), "JOIN": ("LEFT", "CROSS"), "ON": ("JOIN",), "UPDATE": ("DO",), "SET": ("UPDATE",)}


def laid_out(sql: str) -> str:
    """The statement with its blanks replaced by a layout."""
    plain = _BLANKS.sub(lambda found: found.group(1) or " ", sql).strip()
    return "\n".join(_lines(plain, 0)) + "\n"


def _lines(text: str, indent: int) -> Iterator[str]:
    if len(text) + indent <= WIDTH:
        yield " " * indent + text
        return
    for breaks in _BREAKS:
        first, *rest = _pieces(text, breaks)
        if rest:
            belongs = breaks is not _CLAUSES and first.startswith(_HEADS) and not rest[0].startswith(("WHEN", "ELSE"))
            deeper = indent + 2 if belongs else indent
            yield from _lines(first, indent)
            for piece in rest:
                yield from _lines(piece, deeper)
            return
    yield from _opened(text, indent)


def _pieces(text: str, breaks: frozenset[str]) -> list[str]:
    """The text cut at these words where no parenthesis or CASE is open."""
    cuts, before = [0], ""
    for start, end, word, depth in _tokens(text):
        if depth == 0 and word in breaks and before not in _AFTER.get(word, ()):
            cuts.append(end if word == "," else start)
        before = word
    ends = [*cuts[1:], len(text)]
    return [piece for start, end in zip(cuts, ends, strict=True) if (piece := text[start:end].strip())]


def _opened(text: str, indent: int) -> Iterator[str]:
    """The text with its longest parenthesis or CASE on lines of its own."""
    groups, begun = [], 0
    for start, end, word, depth in _tokens(text):
        if word in ("(", "CASE") and depth == 0:
            begun = end
        elif word in (")", "END") and depth == 0:
            groups.append((start - begun, begun, start))
    if not groups:
        yield " " * indent + text
        return
    _length, start, end = max(groups)
    yield " " * indent + text[:start].strip()
    yield from _lines(text[start:end].strip(), indent + 2)
    yield from _lines(text[end:].strip(), indent)


def _tokens(text: str) -> Iterator[tuple[int, int, str, int]]:
    """Place, end and word of what a layout goes by, and how many parentheses and CASEs are open around it."""
    depth = 0
    for found in _TOKEN.finditer(text):
        word = found.group().strip()
        if word in (")", "END"):
            depth -= 1
        yield found.start(), found.end(), word, depth
        if word in ("(", "CASE"):
            depth += 1
