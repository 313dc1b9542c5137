"""The root causes of an improvement plan in words: those found, those chosen, and another one (MX-15, PN-10)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.pages import formats
from insights.presenters.causes import DIMENSION_WORDS, causes_part, reason_name
from insights.queries.causes import Causes, ReasonShare
from notifications.rules import cause_key

REASON, OTHER = "reason", "other"
MOST_REASONS = 6
OTHER_CAUSE: Mapping[str, Any] = {"dimension": OTHER, "value": "", "name": "", "failures": 0, "whole": 0}


@dataclass(frozen=True, slots=True)
class CauseChoice:
    """A root cause to be ticked; ``share``: how many of the failures it covers."""

    key: str
    label: str
    share: str
    chosen: bool


def known_causes(found: Causes | None, kept: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The causes that a plan can name, by key: found ones, those that it names already, and another one."""
    candidates = [*(_found(found) if found else ()), *kept, OTHER_CAUSE]
    known: dict[str, Mapping[str, Any]] = {}
    for cause in candidates:
        known.setdefault(cause_key(cause), cause)
    return known


def _found(found: Causes) -> Iterator[Mapping[str, Any]]:
    for cause, row in zip(found.causes, causes_part(found, "").causes, strict=True):
        yield _cause(cause.group.dimension, cause.group.value, row.name, row.failures, found.failures)
    whole = sum(one.number for one in found.reasons)
    for one in found.reasons[:MOST_REASONS]:
        days = "" if one.most_days is None else str(one.most_days)
        yield _cause(REASON, f"{one.counter}/{one.code}/{days}", "", one.number, whole)


def _cause(dimension: str, value: str, name: str, failures: int, whole: int) -> Mapping[str, Any]:
    return {"dimension": dimension, "value": value, "name": name, "failures": failures, "whole": whole}


def cause_label(cause: Mapping[str, Any]) -> str:
    """What a cause is, in the reader's language."""
    dimension, value = cause["dimension"], cause["value"]
    if dimension == OTHER:
        return _("another cause, explained below")
    if dimension == REASON:
        counter, code, days = value.split("/")
        return reason_name(ReasonShare(counter, code, int(days) if days else None, cause["failures"]))
    return f"{DIMENSION_WORDS.get(dimension, dimension)} {cause['name'] or value}"


def cause_choices(known: Mapping[str, Mapping[str, Any]], chosen: Sequence[str]) -> list[CauseChoice]:
    """All causes as choices."""
    return [CauseChoice(key, cause_label(cause), _share(cause), key in chosen) for key, cause in known.items()]


def _share(cause: Mapping[str, Any]) -> str:
    if not cause["whole"]:
        return ""
    numbers = {"part": formats.number(cause["failures"]), "whole": formats.number(cause["whole"])}
    return _("%(part)s of %(whole)s failures") % numbers
