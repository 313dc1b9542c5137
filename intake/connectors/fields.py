"""Fields of a platform's answers that its map does not know: noted once per connection, so that a change of the
platform does not pass unnoticed (IX-25). What stands in them may be about a person: only its shape is kept (RL-14)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from core.events import SYSTEM
from intake.connectors.alarms import record
from intake.models import ConnectionField, StoreConnection

MOST_FIELDS = 300
# Optional fields come with the first order of their kind. What comes later than this was added by the platform.
LEARNED_FOR = timedelta(days=7)
ADDED = "connector.field_added"

Shape = ConnectionField.Shape
_TIME = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?.*)?", re.ASCII)
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
# With an underscore it is no name.
_CODE = re.compile(r"[A-Z]+(_[A-Z0-9]+)+|[a-z]+(_[a-z0-9]+)+", re.ASCII)
_MOST_NAMES = 12


def shape_of(value: Any) -> tuple[str, str]:
    """What kind of value it is, and an example where that can't be about a person: a code, or the names in an
    object."""
    if isinstance(value, list):
        return Shape.LIST, shape_of(value[0])[1] if value else ""
    if isinstance(value, dict):
        return Shape.OBJECT, ", ".join(list(value)[:_MOST_NAMES])[:120]
    text = str(value).strip()
    if isinstance(value, bool) or text.lower() in ("true", "false"):
        return Shape.BOOLEAN, ""
    if _NUMBER.fullmatch(text):
        return Shape.NUMBER, ""
    if _TIME.fullmatch(text):
        return Shape.TIME, ""
    return (Shape.CODE, text[:120]) if _CODE.fullmatch(text) else (Shape.TEXT, "")


@dataclass
class FieldNotes:
    """The fields of one connection that were noted, loaded once per turn."""

    connection: StoreConnection
    _noted: set[tuple[str, str]] | None = field(default=None, repr=False)

    def note(self, call: str, unknown: Mapping[str, Any], *, at: datetime) -> list[str]:
        """Note the unknown fields of an answer (path → value); returns those that the platform added."""
        if self._noted is None:
            self._noted = set(self.connection.fields.values_list("call", "path"))
        # The empty path says since when the call is answered.
        fresh = [path for path in ("", *unknown) if (call, path) not in self._noted]
        if not fresh or len(self._noted) >= MOST_FIELDS:
            return []
        self._noted |= {(call, path) for path in fresh}
        return self._keep(call, {path: unknown.get(path) for path in fresh}, at)

    @transaction.atomic
    def _keep(self, call: str, fresh: Mapping[str, Any], at: datetime) -> list[str]:
        first = self.connection.fields.filter(call=call, path="").values_list("seen_at", flat=True).first()
        is_late = first is not None and at - first > LEARNED_FOR
        rows = []
        for path, value in fresh.items():
            shape, example = shape_of(value) if path else ("", "")
            rows.append(
                ConnectionField(
                    connection=self.connection, call=call, path=path, shape=shape, example=example, seen_at=at,
                    added=is_late,
                )
            )  # fmt: skip
        ConnectionField.objects.bulk_create(rows, ignore_conflicts=True)
        added = list(fresh) if is_late else []
        if added:
            said = {"call": call, "fields": ", ".join(added)[:300]}
            record(self.connection, ADDED, at, actor=SYSTEM, after=said)
        return added
