"""Words of a list in a text (TM-14, AF-12). No database, no clock, no request."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache


def first_word(text: str, words: Mapping[str, tuple[str, ...]]) -> str:
    """The first word of the lists, of whatever language, that stands in the text as a word of its own; else empty.

    Case makes no difference. Chinese has no spaces, so there a word counts wherever it stands.
    """
    listed = tuple(dict.fromkeys(word for language in sorted(words) for word in words[language]))
    found = _pattern(listed).search(text.casefold()) if listed else None
    return found.group() if found else ""


@lru_cache(maxsize=16)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_alternatives(words)))


def _alternatives(words: Iterable[str]) -> Iterable[str]:
    for word in sorted({word.casefold() for word in words}, key=len, reverse=True):
        text = re.escape(word)
        yield text if _is_chinese(word) else rf"(?<!\w){text}(?!\w)"


def _is_chinese(word: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in word)
