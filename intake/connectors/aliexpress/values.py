"""Values as the platform writes them: lists in wrappers, ids of 64 bits, money in two spellings, local times."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from intake.connectors.aliexpress.wire import TIME_FORMAT, ZONE

Json = Any


def parse(body: bytes) -> Json:
    """An answer. Fractions stay exact. Raises ValueError."""
    return json.loads(body, parse_float=Decimal)


def at_path(value: Json, path: str) -> Json:
    """What stands at ``a.b.c``; None where a part is missing or no object."""
    for name in path.split(".") if path else ():
        value = value.get(name) if isinstance(value, dict) else None
    return value


def first_of(value: Json, *paths: str) -> Json:
    """What stands at the first path that leads to something."""
    return next((found for path in paths if (found := at_path(value, path)) not in (None, "")), None)


def rows_of(value: Json) -> list[dict[str, Json]]:
    """The objects of a list, however it is wrapped: ``{"child_list": {"…dto": [ … ]}}``; an empty one is ``{}``."""
    while isinstance(value, dict):
        lists = [inner for inner in value.values() if isinstance(inner, list)]
        wrappers = [inner for inner in value.values() if isinstance(inner, dict)]
        value = (lists or wrappers or [None])[0]
    return [row for row in value or () if isinstance(row, dict)]


def text_of(value: Json) -> str:
    """A plain value as text; ids keep all their digits."""
    if value is None or isinstance(value, (dict, list)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()


def is_true(value: Json) -> bool:
    """Booleans come as such, or as text."""
    return text_of(value).lower() == "true"


def whole_of(value: Json) -> int:
    """A count; 0 for what is none."""
    text = text_of(value)
    return int(text) if text.isdecimal() else 0


# ── Money ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency, which is empty where the answer doesn't say it."""

    amount: Decimal
    currency: str


def money_of(value: Json) -> Money | None:
    """An amount as an object or a plain number; None where there is none. Cents win over ``amount``, which some answers
    give as 0."""
    if not isinstance(value, dict):
        amount = _decimal(value)
        return None if amount is None else Money(amount, "")
    cents = _decimal(value.get("cent"))
    factor = _decimal(value.get("cent_factor")) or Decimal(100)
    amount = _decimal(value.get("amount")) if cents is None else cents / factor
    currency = text_of(first_of(value, "currency_code", "currency.currency_code", "currency"))
    return None if amount is None else Money(amount, currency)


def _decimal(value: Json) -> Decimal | None:
    try:
        found = Decimal(text_of(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


# ── Times ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Oddity(StrEnum):
    """Why a local time is not certain: the clocks were put forward over it, or it came twice."""

    SKIPPED = "skipped"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    oddity: Oddity | None = None


def moment_of(value: Json) -> Moment | None:
    """A local time of the platform, or seconds or milliseconds since 1970; None for what is none.

    Of a time that came twice the first is taken; one that was skipped is read with the offset before it.
    """
    text = text_of(value)
    if text.isdecimal() and len(text) in (10, 13):
        return Moment(datetime.fromtimestamp(int(text[:10]), UTC))
    try:
        local = datetime.strptime(text[:19], TIME_FORMAT).replace(tzinfo=ZONE)
    except ValueError:
        return None
    return Moment(local.astimezone(UTC), _oddity(local))


def _oddity(local: datetime) -> Oddity | None:
    if local.utcoffset() == local.replace(fold=1).utcoffset():
        return None
    is_real = local.astimezone(UTC).astimezone(ZONE).replace(tzinfo=None) == local.replace(tzinfo=None)
    return Oddity.TWICE if is_real else Oddity.SKIPPED


def local_text(at: datetime) -> str:
    """An instant as requests write it."""
    return at.astimezone(ZONE).strftime(TIME_FORMAT)


def certain_before(at: datetime) -> datetime:
    """The instant itself, or the last one before the hours that have the same local times, if it lies in them: a
    request can't say which of the two it means."""
    if not _is_twice(at):
        return at
    first = at.astimezone(ZONE).replace(fold=0).astimezone(UTC)
    while _is_twice(first - timedelta(minutes=1)):
        first -= timedelta(minutes=1)
    return first.replace(second=0) - timedelta(seconds=1)


def certain_after(at: datetime) -> datetime:
    """The instant itself, or the end of the hours that have the same local times."""
    while _is_twice(at):
        at = at.replace(second=0) + timedelta(minutes=1)
    return at


def _is_twice(at: datetime) -> bool:
    local = at.astimezone(ZONE)
    return local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()


def pairs_of(values: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """Parameters as text: objects as JSON, empty ones left out."""
    for name, value in values.items():
        if isinstance(value, (dict, list)):
            yield name, json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        elif text := text_of(value):
            yield name, text
