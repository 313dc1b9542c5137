"""What is wrong with the data of a policy version, in the reader's language (DM-30)."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Mend:
    """A change that would put a problem right: the parameter ``key`` gets ``value`` (as in JSON); ``part`` is the entry
    of a table that differs."""

    key: str
    value: Any
    part: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason why data is no whole policy. ``place``: the parameter, or the group of parameters, that it is about;
    ``keys``: the parameters that it concerns, where they are others than the place; ``mends``: changes each of which
    alone would put it right."""

    place: str
    text: str
    keys: tuple[str, ...] = ()
    mends: tuple[Mend, ...] = ()

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"

    @property
    def concerned(self) -> tuple[str, ...]:
        """The parameters beside which the problem is shown."""
        return self.keys or (self.place,)
