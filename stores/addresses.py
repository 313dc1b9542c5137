"""Addresses of the many rows of a page."""

from collections.abc import Callable
from urllib.parse import quote

from django.urls import reverse
from django.utils.http import RFC3986_SUBDELIMS

# A last part that no other part of an address contains, and that needs no quoting.
_PLACE = "0-last-part-0"


def address_maker(name: str, *first: str) -> Callable[[str], str]:
    """The addresses of a route that differ in their last argument, a ``path`` that may be any text, reversed once
    instead of row by row."""
    before, _place, after = reverse(name, args=[*first, _PLACE]).rpartition(_PLACE)

    def address(last: str) -> str:
        return f"{before}{quote(last, safe=RFC3986_SUBDELIMS + '/~:@')}{after}"

    return address
