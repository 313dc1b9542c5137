"""What the examination says about a page: its words with their places, its picture, a stamp (PN-28)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

MAX_WORDS_A_PAGE = 1500
MAX_WORDS_A_FILE = 6000
MAX_LETTERS_A_WORD = 120
# Boxes are left, top, right, bottom in thousandths of the page's width and height.
WHOLE = 1000

Box = tuple[int, int, int, int]
# Number of the line, text, left, top, right, bottom, how sure recognition is in percent (100 for text of the file).
Word = tuple[int, str, int, int, int, int, int]
# Top, bottom, left, right from the upper left corner in any unit, text, how sure.
Run = tuple[float, float, float, float, str, int]


@dataclass(slots=True)
class Page:
    """``source`` of the words: ``text`` of the file, ``recognised`` in the picture, ``unread`` (a picture that nobody
    read), ``empty``. ``picture``: a 256-bit hash in hexadecimal, of pages that are a picture."""

    source: str = "empty"
    words: list[Word] = field(default_factory=list)
    picture: str = ""
    stamp: Box | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "words": [list(word) for word in self.words],
            "picture": self.picture,
            "stamp": list(self.stamp) if self.stamp else None,
        }


def pages_as_json(pages: Iterable[Page]) -> list[dict[str, Any]]:
    """The pages as facts, with no more words than a file may have."""
    left, found = MAX_WORDS_A_FILE, []
    for page in pages:
        page.words = page.words[: min(MAX_WORDS_A_PAGE, left)]
        left -= len(page.words)
        found.append(page.as_json())
    return found


def words_of(runs: Iterable[Run], width: float, height: float) -> Iterator[Word]:
    """Runs of text as words of a page of this size; what stands side by side shares a line."""
    for line, across in enumerate(_lines(runs)):
        for top, bottom, left, right, said, sure in across:
            yield line, said[:MAX_LETTERS_A_WORD], *box_of(left, top, right, bottom, width, height), sure


def _lines(runs: Iterable[Run]) -> list[list[Run]]:
    """Runs from the top down, those of one line from left to right."""
    lines: list[list[Run]] = []
    for run in sorted(runs):
        middle = (run[0] + run[1]) / 2
        if lines and middle <= lines[-1][0][1]:
            lines[-1].append(run)
        else:
            lines.append([run])
    return [sorted(line, key=lambda run: run[2]) for line in lines]


def box_of(left: float, top: float, right: float, bottom: float, width: float, height: float) -> Box:
    """A box in thousandths of a page of this size, kept inside it."""
    return _part(left, width), _part(top, height), _part(right, width), _part(bottom, height)


def _part(value: float, whole: float) -> int:
    return max(0, min(WHOLE, round(value * WHOLE / whole))) if whole else 0


def pictures_of(pages: Iterable[dict[str, Any]]) -> list[str]:
    """The hashes of the pages that are pictures, each once: what another appeal's files are compared by."""
    return list(dict.fromkeys(page["picture"] for page in pages if page["picture"]))
