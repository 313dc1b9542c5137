"""What in a listing's text leads to "not as described", and what to write instead (DP-17). Pure.

Checked are title and description: a size tolerance where sizes are stated, a note on colours, no absolute claims, and
attributes that don't contradict each other. Two texts contradict each other in an attribute if both state it and have
no value in common.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntFlag
from functools import lru_cache

from disputes.rules.attribute_words import (
    CLAIM_SENTENCES,
    COLOUR_SENTENCES,
    COLOURS,
    FUNCTION_WORDS,
    LABELS,
    MATERIALS,
    PIECES,
    SIZE_SENTENCES,
    UNITS,
    Words,
)

TITLE, DESCRIPTION = "title", "description"
_HAN = re.compile(r"[\u4e00-\u9fff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_WORD = re.compile(r"[^\W\d_]+")
_TOLERANCE = re.compile(r"(?:±|\+\s?/?\s?-)\s?\d")
_NUMBER = r"\d+(?:[.,]\d+)?"


class Check(IntFlag):
    """What was found in a listing."""

    SIZE_TOLERANCE = 1
    COLOUR_NOTE = 2
    ABSOLUTE_CLAIM = 4
    SIZES = 8
    MATERIALS = 16
    COLOURS = 32
    QUANTITIES = 64


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the title or description."""

    part: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ListingText:
    """What is checked. ``has_colours``: whether what is sold can look otherwise than on its pictures."""

    title: str
    description: str
    has_colours: bool = True

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        return (TITLE, self.title), (DESCRIPTION, self.description)

    @property
    def whole(self) -> str:
        return f"{self.title}\n{self.description}"


@dataclass(frozen=True, slots=True)
class CheckWords:
    """The words of policy: absolute claims and colour notes by language, what states a tolerance, and its size."""

    claims: Mapping[str, Sequence[str]]
    colour_notes: Mapping[str, Sequence[str]]
    tolerances: Sequence[str]
    tolerance_cm: Decimal


@dataclass(frozen=True, slots=True)
class ListingFinding:
    """What was found, where, and a sentence in the listing's language that mends it. ``said``: the words found; of a
    contradiction ``other`` are the description's, and the sentence states the title's."""

    check: Check
    spans: tuple[Span, ...]
    suggestion: str
    said: tuple[str, ...] = ()
    other: tuple[str, ...] = ()


def check_listing(listing: ListingText, words: CheckWords) -> list[ListingFinding]:
    """The findings, in the order of `Check`."""
    if not listing.whole.strip():
        return []
    language = language_of(listing.whole)
    return [
        *_size_tolerance(listing, words, language),
        *_colour_note(listing, words, language),
        *_absolute_claims(listing, words, language),
        *_contradictions(listing, language),
    ]


def mask_of(findings: Iterable[ListingFinding]) -> int:
    """The checks of findings as bits."""
    return int(sum({finding.check for finding in findings}))


def language_of(text: str) -> str:
    """The language of a listing among those that sentences are suggested in; English where nothing tells."""
    letters = len(_WORD.findall(text))
    if len(_HAN.findall(text)) > letters // 2:
        return "zh"
    if len(_CYRILLIC.findall(text)) * 2 > sum(sign.isalpha() for sign in text):
        return "ru"
    found = {word.casefold() for word in _WORD.findall(text)}
    return max(FUNCTION_WORDS, key=lambda language: (len(found & FUNCTION_WORDS[language]), language == "en"))


# ── Notes and claims ───────────────────────────────────────────────────────────────────────────────────────────────


def _size_tolerance(listing: ListingText, words: CheckWords, language: str) -> Iterator[ListingFinding]:
    stated = [Span(part, *place) for part, text in listing.parts for place, _value in _measures(text)]
    has_note = _TOLERANCE.search(listing.whole) or any(word in listing.whole for word in words.tolerances)
    if stated and not has_note:
        cm = format(words.tolerance_cm.normalize(), "f")
        yield ListingFinding(Check.SIZE_TOLERANCE, tuple(stated), SIZE_SENTENCES[language].format(cm=cm))


def _colour_note(listing: ListingText, words: CheckWords, language: str) -> Iterator[ListingFinding]:
    whole = listing.whole.casefold()
    if listing.has_colours and not any(
        note.casefold() in whole for notes in words.colour_notes.values() for note in notes
    ):
        yield ListingFinding(Check.COLOUR_NOTE, (), COLOUR_SENTENCES[language])


def _absolute_claims(listing: ListingText, words: CheckWords, language: str) -> Iterator[ListingFinding]:
    claims = [claim for group in words.claims.values() for claim in group]
    found = list(_found_words(listing, {claim: {"": (claim,)} for claim in claims}))
    if found:
        said = tuple(dict.fromkeys(text for _key, _span, text in found))
        spans = tuple(span for _key, span, _text in found)
        yield ListingFinding(Check.ABSOLUTE_CLAIM, spans, CLAIM_SENTENCES[language], said)


def _found_words(listing: ListingText, words: Words) -> Iterator[tuple[str, Span, str]]:
    """Every place of any word, with its key; where words overlap the longest counts."""
    for part, text in listing.parts:
        folded = _folded(text)
        taken: list[tuple[int, int]] = []
        places = sorted(
            ((match.span(), key) for key, pattern in _patterns(_frozen(words)) for match in pattern.finditer(folded)),
            key=lambda found: (found[0][0] - found[0][1], found[0]),
        )
        kept = []
        for (start, end), key in places:
            if not any(start < other_end and other_start < end for other_start, other_end in taken):
                taken.append((start, end))
                kept.append((key, Span(part, start, end), text[start:end]))
        yield from sorted(kept, key=lambda found: found[1].start)


def _folded(text: str) -> str:
    """In small letters, every sign in its place."""
    return "".join(low if len(low := sign.lower()) == 1 else sign for sign in text)


Frozen = tuple[tuple[str, tuple[str, ...]], ...]


def _frozen(words: Words) -> Frozen:
    return tuple((key, tuple(word for group in by.values() for word in group)) for key, by in words.items())


@lru_cache(maxsize=16)
def _patterns(words: Frozen) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((key, re.compile("|".join(map(_pattern, group)))) for key, group in words)


def _pattern(word: str) -> str:
    """A whole word; Chinese has no ends of words."""
    parts = r"\s+".join(re.escape(part) for part in word.lower().split())
    return parts if _HAN.search(word) else rf"(?<!\w){parts}(?!\w)"


# ── Contradictions ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Stated:
    """A value of an attribute that a text states."""

    value: str
    span: Span
    text: str


def _contradictions(listing: ListingText, language: str) -> Iterator[ListingFinding]:
    for check, name, stated in (
        (Check.SIZES, "sizes", _stated_sizes(listing)),
        (Check.MATERIALS, "materials", _stated_words(listing, MATERIALS)),
        (Check.COLOURS, "colours", _stated_words(listing, COLOURS)),
        (Check.QUANTITIES, "quantities", _stated_quantities(listing)),
    ):
        yield from _contradiction(check, name, list(stated), language)


def _contradiction(check: Check, name: str, stated: Sequence[_Stated], language: str) -> Iterator[ListingFinding]:
    """A finding where both texts state the attribute and have no value in common."""
    said, other = ([one for one in stated if one.span.part == part] for part in (TITLE, DESCRIPTION))
    if not said or not other or {one.value for one in said} & {one.value for one in other}:
        return
    words, others = (tuple(dict.fromkeys(one.text for one in part)) for part in (said, other))
    suggestion = LABELS[name][language] + ("、" if language == "zh" else ", ").join(words)
    yield ListingFinding(check, tuple(one.span for one in (*said, *other)), suggestion, words, others)


def _stated_words(listing: ListingText, words: Words) -> Iterator[_Stated]:
    return (_Stated(key, span, text) for key, span, text in _found_words(listing, words))


def _stated_sizes(listing: ListingText) -> Iterator[_Stated]:
    for part, text in listing.parts:
        for (start, end), value in _measures(text):
            yield _Stated(value, Span(part, start, end), text[start:end])


_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
_MEASURE = re.compile(
    rf"(?<![\d.,±])({_NUMBER}(?:\s?[x×*]\s?{_NUMBER}){{0,2}})\s?({_UNIT})(?![^\W\d_]|\w)", re.IGNORECASE
)
_MEASURE_HAN = re.compile(rf"(?<![\d.,±])({_NUMBER}(?:\s?[x×*]\s?{_NUMBER}){{0,2}})\s?(毫米|厘米|公分|英寸)")


def _measures(text: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Stated lengths with their places; the value is in millimetres, so that units don't matter. A tolerance is
    none."""
    found = {match.span(): match for pattern in (_MEASURE, _MEASURE_HAN) for match in pattern.finditer(text)}
    for place, match in sorted(found.items()):
        if text[max(0, place[0] - 4) : place[0]].rstrip().endswith(("±", "+/-", "+-", "误差")):
            continue
        unit = Decimal(UNITS[match[2].lower()])
        sides = (Decimal(number.replace(",", ".")) * unit for number in re.findall(_NUMBER, match[1]))
        yield place, "x".join(format(side.normalize(), "f") for side in sides)


_PIECE = "|".join(
    re.escape(word)
    for words in PIECES.values()
    for word in sorted(words, key=len, reverse=True)
    if not _HAN.search(word)
)
_QUANTITY = re.compile(rf"(?<![\w.,])(\d{{1,4}})\s?(?:{_PIECE})(?!\w)", re.IGNORECASE)
_QUANTITY_HAN = re.compile(rf"(?<![\w.,])(\d{{1,4}})\s?(?:{'|'.join(PIECES['zh'])})")


def _stated_quantities(listing: ListingText) -> Iterator[_Stated]:
    for part, text in listing.parts:
        found = {match.span(): match for pattern in (_QUANTITY, _QUANTITY_HAN) for match in pattern.finditer(text)}
        for (start, end), match in sorted(found.items()):
            yield _Stated(str(int(match[1])), Span(part, start, end), text[start:end])
