"""Addresses: numbers in them, and those of the many rows of a page."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote

from django.urls import register_converter, reverse
from django.utils.http import RFC3986_SUBDELIMS

# A last part that no other part of an address contains, and that needs no quoting.
_PLACE = "0-last-part-0"
# What browsers, servers or proxies would cut off, resolve or decode once more.
_UNFIT = re.compile(r"[/?#%\\;\x00-\x20\x7f]|^~|^\.{1,2}$")


class NumberConverter:
    """A number of a store or order as one part of an address. One with characters that an address can't
    contain is encoded, so that no list breaks because of one row (RL-18)."""

    regex = "[^/]+"

    def to_python(self, part: str) -> str:
        """The number; raises ValueError, which is a 404, for what encodes none."""
        if not part.startswith("~"):
            return part
        coded = part[1:] + "=" * (-len(part[1:]) % 4)
        return urlsafe_b64decode(coded.encode("ascii", "strict")).decode()

    def to_url(self, number: str) -> str:
        """The part of the address."""
        if number and not _UNFIT.search(number):
            return number
        return "~" + urlsafe_b64encode(number.encode()).decode().rstrip("=")


register_converter(NumberConverter, "number")


def address_maker(name: str, *first: str) -> Callable[[str], str]:
    """The addresses of a route that differ in their last argument, a ``number`` that may be any text, reversed once
    instead of row by row."""
    before, _place, after = reverse(name, args=[*first, _PLACE]).rpartition(_PLACE)
    part = NumberConverter().to_url

    def address(last: str) -> str:
        return f"{before}{quote(part(last), safe=RFC3986_SUBDELIMS + '/~:@')}{after}"

    return address
