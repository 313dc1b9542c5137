"""What the Smart Check examines: an appeal with its orders and files, loaded once, without the database (PN-28)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from appeals.checks.findings import Box
from appeals.checks.numbers import candidates
from appeals.rules import AppealKind

# What recognition is less sure of than this, in percent, is not compared with numbers of orders but for finding them.
SURE = 70
# Kinds that are about a parcel on its way (PN-28a, DP-07).
PARCEL_KINDS = frozenset({"order_proof", "carrier_trace", "third_party_document", "full_trace"})
# Kinds that may well name orders that the appeal doesn't: those of the same buyer.
OTHER_ORDERS_KINDS = frozenset({"buyer_abuse"})


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: its words with their boxes and how sure each is (percent)."""

    words: tuple[str, ...]
    boxes: tuple[Box, ...]
    sure: tuple[int, ...]

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def box(self, first: int = 0, last: int | None = None) -> Box:
        """What the words from ``first`` to ``last`` cover; without them the whole line."""
        boxes = self.boxes[first : len(self.boxes) if last is None else last + 1]
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)


@dataclass(frozen=True, slots=True)
class CheckedPage:
    """A page of a file; ``recognised``: its lines were read in a picture. ``unread``: it is a picture nobody read."""

    number: int
    lines: tuple[Line, ...]
    recognised: bool = False
    unread: bool = False
    picture: str = ""
    stamp: Box | None = None


@dataclass(frozen=True, slots=True)
class SeenNumber:
    """A number on a page, compact, with its place; ``line`` from 0."""

    text: str
    page: CheckedPage
    line: int
    box: Box
    sure: int


@dataclass(frozen=True)
class CheckedFile:
    """A file of the appeal. ``kind``: which evidence it is said to be; ``content``: ``pdf`` or ``jpeg``; ``reused_in``:
    numbers of the company's other appeals that have the same file, empty for those of other stores."""

    id: int
    place: int
    name: str
    kind: str
    content: str
    facts: Mapping[str, Any]
    reused_in: tuple[str, ...] = ()

    @cached_property
    def pages(self) -> tuple[CheckedPage, ...]:
        return pages_of(self.facts)

    @cached_property
    def numbers(self) -> tuple[SeenNumber, ...]:
        return tuple(_numbers(self.pages))

    @property
    def is_recognised(self) -> bool:
        """Whether its text was read in pictures."""
        return any(page.recognised for page in self.pages)

    @property
    def is_unread(self) -> bool:
        """Whether a page of it is a picture that nobody read."""
        return any(page.unread for page in self.pages)

    @property
    def is_about_parcels(self) -> bool:
        return self.kind in PARCEL_KINDS


@dataclass(frozen=True, slots=True)
class CheckedOrder:
    """An order that the appeal names. ``numbers``: its tracking numbers, replaced ones too; ``at_hand``: kinds of
    evidence that the product has for it, so that no file is needed."""

    order_no: str
    exception: str
    numbers: tuple[str, ...]
    site: str
    created_at: datetime
    ship_by: datetime | None = None
    dispatched_at: datetime | None = None
    at_hand: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EarlierPicture:
    """A picture of a file of another appeal of the company; ``numbers``: those that can be read beside it, None where
    nobody read it. ``appeal``: its number, empty if it is of another store."""

    picture: str
    numbers: frozenset[str] | None
    appeal: str


@dataclass(frozen=True)
class Case:
    """An appeal as it is checked. ``claims``: what happened, order by order; ``needed``: the evidence kinds that each
    exception needs, for a verdict those of its dispute under the kind of the dispute; ``valid``: of these a verdict
    needs one; ``others``: which compact numbers of the files belong to other orders of the company."""

    kind: AppealKind
    at: datetime
    orders: tuple[CheckedOrder, ...]
    files: tuple[CheckedFile, ...]
    statement: str = ""
    claims: tuple[str, ...] = ()
    metric: str = ""
    needed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    valid: frozenset[str] = frozenset()
    others: Mapping[str, str] = field(default_factory=dict)
    earlier_statements: tuple[tuple[str, str], ...] = ()
    earlier_pictures: tuple[EarlierPicture, ...] = ()
    boilerplate_share: Decimal = Decimal(1)

    @property
    def places(self) -> dict[int, int]:
        """The place of each file by its id."""
        return {file.id: file.place for file in self.files}


def pages_of(facts: Mapping[str, Any]) -> tuple[CheckedPage, ...]:
    """The pages of a file from its facts."""
    return tuple(_page(number, page) for number, page in enumerate(facts.get("pages", ()), 1))


def _page(number: int, page: Mapping[str, Any]) -> CheckedPage:
    lines: dict[int, list[list[Any]]] = {}
    for word in page["words"]:
        lines.setdefault(word[0], []).append(word)
    stamp = page["stamp"]
    return CheckedPage(
        number=number,
        lines=tuple(_line(words) for words in lines.values()),
        recognised=page["source"] == "recognised",
        unread=page["source"] == "unread",
        picture=page["picture"],
        stamp=(stamp[0], stamp[1], stamp[2], stamp[3]) if stamp else None,
    )


def _line(words: list[list[Any]]) -> Line:
    return Line(
        words=tuple(word[1] for word in words),
        boxes=tuple((word[2], word[3], word[4], word[5]) for word in words),
        sure=tuple(word[6] for word in words),
    )


def _numbers(pages: tuple[CheckedPage, ...]) -> Iterator[SeenNumber]:
    for page in pages:
        for place, line in enumerate(page.lines):
            for text, first, last in candidates(line.words):
                sure = min(line.sure[first : last + 1])
                yield SeenNumber(text, page, place, line.box(first, last), sure)
