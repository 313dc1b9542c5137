"""The numbers in the frame of every page, such as unread messages: apps declare theirs, one statement counts all."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from core.counting import count_together

# The rows that a number counts; None where there is nobody or no store to count for.
Counted = Callable[[HttpRequest], QuerySet[Any] | None]
_numbers: dict[str, Counted] = {}


def frame_number(name: str, rows: Counted) -> None:
    """Declare a number of the frame."""
    _numbers[name] = rows


def frame_numbers(request: HttpRequest) -> dict[str, int]:
    """Every number of the frame, counted when the first is asked for: a fragment pays for none."""
    numbers: dict[str, int] | None = request.__dict__.get("frame_numbers")
    if numbers is None:
        sets = {name: found for name, rows in _numbers.items() if (found := rows(request)) is not None}
        numbers = dict.fromkeys(_numbers, 0) | count_together(sets)
        request.__dict__["frame_numbers"] = numbers
    return numbers
