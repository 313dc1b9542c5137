"""The body of a push: read within bounds, item by item as the cells of a file (IX-21, RL-18)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest, UnreadablePostError
from django.utils.translation import gettext as _

from api.problems import FieldError, ProblemError
from api.resources import MOST_ITEMS
from core.timebase import from_epoch
from intake.canonical import FileSpec, RejectedCellError
from intake.canonical.instants import instant_reader
from intake.pipeline.batch import Verdict
from intake.pipeline.rows import RowResult

# No batch that could be taken in has as many.
MOST_OBJECTS = 10 * MOST_ITEMS
_CHUNK = 2**16
_MEMBERS = frozenset({"items", "exported_at", "known_until"})
_LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class ItemBatch:
    """Items that can be taken in, with their places in the request; results of those that can't be; the names of
    columns that don't exist."""

    rows: list[Mapping[str, Any]]
    places: list[int]
    rejected: dict[int, RowResult] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    exported_at: datetime | None = None
    known_until: datetime | None = None

    def in_order(self, results: Sequence[RowResult]) -> list[RowResult]:
        """The results of all items, given those of `rows`."""
        found = self.rejected | dict(zip(self.places, results, strict=True))
        return [found[place] for place in sorted(found)]


class _RepeatedMember(dict[str, Any]):
    """An object in which a name stands twice."""

    name = ""


class _TooManyObjectsError(Exception):
    """More objects than a batch can have."""


def read_body(request: HttpRequest, most: int) -> bytes:
    """The body of a JSON request; raises ProblemError for another type, for more than ``most`` bytes, whatever
    Content-Length says, and for one that was cut off."""
    if request.content_type != "application/json" or request.headers.get("Content-Encoding", "identity") != "identity":
        raise ProblemError("unsupported-media-type", headers={"Accept": "application/json"})
    chunks, size = [], 0
    try:
        while chunk := request.read(_CHUNK):
            size += len(chunk)
            if size > most:
                raise ProblemError("too-large")
            chunks.append(chunk)
    except UnreadablePostError:
        raise ProblemError("malformed") from None
    return b"".join(chunks)


def read_batch(body: bytes, spec: FileSpec) -> ItemBatch:
    """The batch in a body; raises ProblemError for what is no batch."""
    said = _parsed(body)
    if not isinstance(said, dict):
        raise _invalid("#", _("must be an object with the list items"))
    unknown = sorted(said.keys() - _MEMBERS)
    if unknown:
        raise _invalid(f"#/{_escaped(unknown[0])}", _("There is no such field."))
    if isinstance(said, _RepeatedMember):
        raise _invalid(f"#/{said.name}", _("stands there twice"))
    items = said.get("items")
    if not isinstance(items, list):
        raise _invalid("#/items", _("must be a list of items"))
    if len(items) > MOST_ITEMS:
        raise _too_many()
    rejected = {place: result for place, item in enumerate(items) if (result := _no_item(item)) is not None}
    places = [place for place in range(len(items)) if place not in rejected]
    rows: list[Mapping[str, Any]] = [items[place] for place in places]
    return ItemBatch(
        rows=rows,
        places=places,
        rejected=rejected,
        ignored=sorted({name for row in rows for name in row} - spec.by_name.keys())[:MOST_ITEMS],
        exported_at=_instant(said, "exported_at"),
        known_until=_instant(said, "known_until"),
    )


def result_of(place: int, result: RowResult) -> dict[str, Any]:
    """A result as JSON; of a rejected item also what is wrong with it."""
    if result.verdict is not Verdict.REJECTED:
        return {"index": place, "verdict": result.verdict.value}
    return {
        "index": place,
        "verdict": result.verdict.value,
        "column": result.column,
        "value": result.value[:_LONGEST_VALUE],
        "reason": result.reason,
    }


def _parsed(body: bytes) -> Any:
    """JSON with its numbers as texts: they are cells like those of a file, and no digit is lost on the way."""
    try:
        return json.loads(
            body.decode("utf-8-sig"),
            parse_int=str,
            parse_float=str,
            parse_constant=_refuse,
            object_pairs_hook=_Objects().made_of,
        )
    except _TooManyObjectsError:
        raise _too_many() from None
    except (ValueError, RecursionError):
        raise ProblemError("malformed") from None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class _Objects:
    """Makes the objects of a body, so many and no more, and marks those in which a name stands twice."""

    def __init__(self) -> None:
        self.count = 0

    def made_of(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self.count += 1
        if self.count > MOST_OBJECTS:
            raise _TooManyObjectsError
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        names = [name for name, _value in pairs]
        repeated = _RepeatedMember(found)
        repeated.name = next(name for name in names if names.count(name) > 1)
        return repeated


def _no_item(item: Any) -> RowResult | None:
    if not isinstance(item, dict):
        return RowResult(Verdict.REJECTED, "", json.dumps(item)[:_LONGEST_VALUE], _("must be an object"))
    if isinstance(item, _RepeatedMember):
        return RowResult(Verdict.REJECTED, item.name, "", _("stands there twice"))
    return None


def _instant(said: Mapping[str, Any], name: str) -> datetime | None:
    value = said.get(name)
    if value is None:
        return None
    try:
        return from_epoch(instant_reader(None)(value if isinstance(value, str) else json.dumps(value)))
    except RejectedCellError as error:
        raise _invalid(f"#/{name}", str(error)) from None


def _too_many() -> ProblemError:
    return _invalid("#/items", _("must be at most %(count)s items") % {"count": MOST_ITEMS})


def _invalid(pointer: str, detail: str) -> ProblemError:
    return ProblemError("invalid", errors=[FieldError(detail, pointer=pointer)])


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
