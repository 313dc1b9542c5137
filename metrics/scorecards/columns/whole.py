"""Whole numbers in columns, exact at any size: of 64 bits where results are sure to fit, else Python's integers."""

from collections.abc import Sequence
from typing import Any, Union

import numpy as np
import numpy.typing as npt

# What a signed number of 64 bits holds; beyond it numpy would go on with wrong numbers in silence.
MOST = 2**63 - 1

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


class Whole:
    """A column of whole numbers. ``bound``: none is further from 0; None where they are Python's integers."""

    __slots__ = ("array", "bound")

    def __init__(self, array: npt.NDArray[Any], bound: int | None) -> None:
        self.array, self.bound = array, bound

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, places: Places | Mask) -> "Whole":
        return Whole(self.array[places], self.bound)

    def __add__(self, other: Union["Whole", int]) -> "Whole":
        return self._made(np.add, other, lambda mine, theirs: mine + theirs)

    def __sub__(self, other: Union["Whole", int]) -> "Whole":
        return self._made(np.subtract, other, lambda mine, theirs: mine + theirs)

    def __mul__(self, other: Union["Whole", int]) -> "Whole":
        return self._made(np.multiply, other, lambda mine, theirs: mine * theirs)

    def __floordiv__(self, other: Union["Whole", int]) -> "Whole":
        return self._made(np.floor_divide, other, lambda mine, _theirs: mine)

    def __abs__(self) -> "Whole":
        return Whole(np.abs(self.array), self.bound)

    def __gt__(self, other: Union["Whole", int]) -> Mask:
        return np.asarray(np.greater(self.array, _array(other)), dtype=bool)

    def __ge__(self, other: Union["Whole", int]) -> Mask:
        return np.asarray(np.greater_equal(self.array, _array(other)), dtype=bool)

    def _made(self, act: Any, other: Union["Whole", int], bound_of: Any) -> "Whole":
        theirs = _bound(other)
        if self.bound is not None and theirs is not None:
            bound = bound_of(self.bound, theirs)
            if bound > MOST:
                # The bounds may be wide: those of what is really there.
                self._narrow()
                if isinstance(other, Whole):
                    other._narrow()
                bound = bound_of(self.bound, _bound(other))
            if bound <= MOST:
                return Whole(act(self.array, _array(other)), bound)
        mine = self.array.astype(object)
        return Whole(act(mine, other.array.astype(object) if isinstance(other, Whole) else other), None)

    def _narrow(self) -> None:
        # Not the largest absolute number: that of the lowest of 64 bits has none.
        self.bound = max(1, int(self.array.max()), -int(self.array.min())) if len(self.array) else 1

    def numbers(self) -> list[int]:
        """Python's integers."""
        return self.array.tolist()  # type: ignore[no-any-return]


def whole(numbers: Sequence[int] | npt.NDArray[np.int64]) -> Whole:
    """A column of these numbers."""
    try:
        column = Whole(np.asarray(numbers, dtype=np.int64), None)
    except OverflowError:
        return _large(numbers)
    column._narrow()
    return column if column.bound is not None and column.bound <= MOST else _large(numbers)


def _large(numbers: Sequence[int] | npt.NDArray[np.int64]) -> Whole:
    made = np.empty(len(numbers), dtype=object)
    made[:] = [int(number) for number in numbers]
    return Whole(made, None)


def choose(mask: Mask, one: Whole | int, other: Whole | int) -> Whole:
    """The numbers of one where the mask holds, else those of the other."""
    bounds = _bound(one), _bound(other)
    narrow = bounds[0] is not None and bounds[1] is not None
    parts = [part.array if isinstance(part, Whole) else part for part in (one, other)]
    if not narrow:
        parts = [part.astype(object) if isinstance(part, np.ndarray) else part for part in parts]
    return Whole(np.where(mask, *parts), max(bounds) if narrow else None)  # type: ignore[type-var]


def _bound(other: Whole | int) -> int | None:
    if isinstance(other, Whole):
        return other.bound
    return max(1, abs(other)) if abs(other) <= MOST else None


def _array(other: Whole | int) -> Any:
    return other.array if isinstance(other, Whole) else other


PLACES = 10
_SCALE = 10**PLACES
_TWICE = 2 * _SCALE


def decimal_texts(upper: Whole, lower: Whole) -> list[str]:
    """Quotients by positive numbers with ten places, half up, as `rulebook.rules.decimal_text` writes them."""
    size = abs(upper)
    integer = size // lower
    # Of what remains, so that only the denominator decides whether 64 bits suffice.
    fraction = ((size - integer * lower) * _TWICE + lower) // (lower * 2)
    carried = fraction >= _SCALE
    if carried.any():
        integer, fraction = integer + Whole(carried.astype(np.int64), 1), choose(carried, 0, fraction)
    pairs = zip(integer.numbers(), fraction.numbers(), strict=True)
    texts = [f"{one}.{rest:010d}" for one, rest in pairs]
    below = ~(upper >= 0)
    if below.any():
        for place in np.flatnonzero(below).tolist():
            # No sign for what is rounded to nothing.
            if texts[place].strip("0.") != "":
                texts[place] = f"-{texts[place]}"
    return texts
