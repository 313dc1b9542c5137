"""Numbers of what one installation makes itself: notices, appeals, protected events. Pure.

Where several installations serve parts of one business, each puts its mark before the places of a day, so that no two
of them give the same number: letters only, lest a mark and a place run into each other.
"""

import re
from datetime import date

_MARK = re.compile(r"[A-Z]{1,4}")


def dated_number(kind: str, day: date, place: int, *, digits: int = 6, mark: str = "") -> str:
    """The ``place``-th number of a kind and a day; at least so many digits, of which a busy day has more."""
    return f"{kind}{day:%Y%m%d}-{mark}{place:0{digits}d}"


def check_mark(mark: str) -> str:
    """The mark of a cell, or none; raises ValueError for any other text."""
    if mark and not _MARK.fullmatch(mark):
        raise ValueError("one to four capital letters, A to Z")
    return mark
