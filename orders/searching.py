"""Numbers as people paste them (PG-06, IX-05b): dressed, several at once, in groups with blanks or dashes. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.identifiers import LONGEST_NUMBER, canonical

# What is looked at of a pasted text, and how many readings of it are looked up.
LONGEST_TEXT = 8_000
MOST_READINGS = 1_000
_BETWEEN = re.compile(r"[,;\u3001|\r\n\t]+")
_DASHES = re.compile("[-\u2010-\u2015\u2212\u00ad]")


@dataclass(frozen=True)
class Sought:
    """What a text asks for: ``numbers`` that may be meant; where it is one number, ``beginnings`` that it may be."""

    numbers: tuple[str, ...]
    beginnings: tuple[str, ...] = ()


def sought(text: str) -> Sought:
    """The numbers of a pasted text. Blanks may separate numbers or be inside one: both readings are looked up."""
    text = unicodedata.normalize("NFKC", text[:LONGEST_TEXT].replace("\x00", ""))
    parts = [part for part in map(str.split, _BETWEEN.split(text)) if part]
    numbers = _once(spelling for part in parts for run in _runs(part) for spelling in _spellings(run))
    beginnings = _once(_spellings(canonical("".join(parts[0])))) if len(parts) == 1 else []
    return Sought(tuple(numbers[:MOST_READINGS]), tuple(beginnings))


def _runs(words: Sequence[str]) -> Iterator[str]:
    """Every run of words that one number may be: the words alone first."""
    bare = [canonical(word) for word in words]
    yield from bare
    for start in range(len(bare)):
        run = bare[start]
        for word in bare[start + 1 :]:
            run += word
            if len(run) > LONGEST_NUMBER:
                break
            yield run


def _spellings(number: str) -> Iterator[str]:
    """The number as it is, without dashes, and in capitals."""
    if number:
        plain = _DASHES.sub("", number)
        yield from (number, plain, number.upper(), plain.upper())


def _once(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if text]
