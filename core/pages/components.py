"""What shared components of pages read: templates/components names the template of each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """A name with its value (definition_list.html)."""

    name: str
    value: str
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """A term of worked arithmetic: operator, value and what it is (explanation.html)."""

    value: str
    note: str = ""
    op: str = ""
    result: bool = False


@dataclass(frozen=True, slots=True)
class Banner:
    """What has to be known to read a page, with the way to more and its words (banner.html)."""

    level: str
    title: str
    text: str
    url: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab or part of a list; ``count`` in words or None where nothing is counted (tabs.html)."""

    label: str
    url: str
    current: bool
    count: int | str | None = None
