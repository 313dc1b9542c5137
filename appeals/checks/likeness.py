"""How alike two texts and two pictures are (PN-28, PN-29). Both measures take time in proportion to their input."""

import re
import unicodedata
from collections import Counter
from fractions import Fraction

from evidence.hashes import distance

# Longer statements are compared by their beginning.
MAX_LETTERS = 4000
# Signs that are compared at once.
GRAM = 3
# Copies that were saved again, made smaller or cropped a little lie up to 18 of 256 bits apart in the corpus of the
# tests, other photos 52 or more.
NEAR_BITS = 24
_NUMBER = re.compile(r"[a-z0-9]*[0-9][a-z0-9]*")


def are_near(one: str, other: str) -> bool:
    """Whether two picture hashes can be of one picture."""
    return distance(one, other) <= NEAR_BITS


def likeness(one: str, other: str) -> Fraction:
    """The share of three-letter pieces that two texts have in common, from 0 to 1; 1 for texts that differ only in
    numbers, case, spaces and punctuation."""
    grams, others = _grams(one), _grams(other)
    whole = grams.total() + others.total()
    return Fraction(2 * (grams & others).total(), whole) if whole else Fraction(1)


def _grams(text: str) -> Counter[str]:
    bare = bare_text(text)
    return Counter(bare[start : start + GRAM] for start in range(max(1, len(bare) - GRAM + 1))) if bare else Counter()


def bare_text(text: str) -> str:
    """The letters of a text alone: without numbers, which differ from appeal to appeal, and signs."""
    plain = unicodedata.normalize("NFKC", text[:MAX_LETTERS]).casefold()
    return "".join(sign for sign in _NUMBER.sub("", plain) if sign.isalpha())
