"""Numbers of parcels and orders in texts: finding them, and what is one slip away from them (DP-09, DP-14)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

# Shorter ones, and those with fewer digits, occur by chance.
LEAST_LENGTH, LEAST_DIGITS = 8, 5
# A number may be printed in groups: RR 123 456 785 CN.
MAX_GROUPS = 6
_PART = re.compile(r"[A-Z0-9$]+")
# Signs that recognition takes for one another.
_LOOKS = str.maketrans("OQDIL$SBZG", "0001155826")


def compact(number: str) -> str:
    """A number in capitals without spaces and hyphens, full-width signs made plain."""
    return "".join(_PART.findall(_plain(number)))


def looks(number: str) -> str:
    """A compact number with signs that look alike made the same, for comparing what was recognised in a picture."""
    return number.translate(_LOOKS)


def is_number(text: str) -> bool:
    """Whether a compact text can be the number of a parcel or an order."""
    return len(text) >= LEAST_LENGTH and sum(sign.isdigit() for sign in text) >= LEAST_DIGITS


def candidates(words: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    """The numbers of a line that is given as words: compact, with the first and the last word that they stand in.
    Groups beside one another are also tried as one number."""
    parts = [(part, place) for place, word in enumerate(words) for part in _PART.findall(_plain(word))]
    for start in range(len(parts)):
        joined = ""
        for part, place in parts[start : start + MAX_GROUPS]:
            joined += part
            if is_number(joined):
                yield joined, parts[start][1], place


def is_one_slip(one: str, other: str) -> bool:
    """Whether two numbers differ by one sign: another one, one more, or two neighbours that changed places."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    if len(one) != len(other):
        short, long = sorted((one, other), key=len)
        return any(long[:place] + long[place + 1 :] == short for place in range(len(long)))
    apart = [place for place, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]]
    if len(apart) == 1:
        return True
    first, *rest = apart
    return rest == [first + 1] and one[first] == other[rest[0]] and one[rest[0]] == other[first]


class Near:
    """Finds which of some numbers a text is one slip away from, in time that does not grow with how many there are."""

    def __init__(self, numbers: Iterable[str]) -> None:
        self._by_rest: dict[str, set[str]] = {}
        for number in numbers:
            for rest in _rests(number):
                self._by_rest.setdefault(rest, set()).add(number)

    def of(self, text: str) -> str:
        """The number that the text is one slip away from, if it is exactly one."""
        near = {other for rest in _rests(text) for other in self._by_rest.get(rest, ()) if is_one_slip(text, other)}
        return near.pop() if len(near) == 1 else ""


def by_number(orders: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Which order a compact number belongs to, from the numbers of each order; its own number counts too."""
    found: dict[str, str] = {}
    for order_no, numbers in orders.items():
        for number in (order_no, *numbers):
            if is_number(compact(number)):
                found.setdefault(compact(number), order_no)
    return found


def _rests(number: str) -> set[str]:
    return {number} | {number[:place] + number[place + 1 :] for place in range(len(number))}


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper()
