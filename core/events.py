"""The append-only event log (DM-33): kinds are declared, events recorded together with their outbox rows.

Each app declares its kinds in its ``events.py``::

    declare_events(EventKind("member.added", _("Member added"), subject="membership"))

An actor is an id that never changes and holds no personal data, since rows can't be edited: ``person:17``,
``program:erp-3``, ``command:import_bundle``, ``demo``, ``system``. Readers look up whom it names.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog
from django.db.models import Field, Model
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.fields import InstantField
from core.models import Event
from core.outbox.filling import enqueue
from core.pages import formats

# The actor of what the system does by itself (DM-04).
SYSTEM = "system"
EVENTS_AT_ONCE = 1000

Text = str | Promise
Formatter = Callable[[Mapping[str, Any], Mapping[str, Any]], str]


class Visibility(StrEnum):
    """Whom pages may show events of a kind. The buyer's side is shown none."""

    STAFF = "staff"
    COMPANY = "company"


class UndeclaredEventError(LookupError):
    """An event of a kind that no app has declared, or about another kind of subject than declared."""


class PersonalActorError(ValueError):
    """An actor named by an e-mail address, which could never be removed from the log."""


# ── Kinds ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Detail:
    """How a value in ``before`` and ``after`` reads: its label, and its words where the stored code has any."""

    label: Text
    words: Callable[[Any], object] = str

    def text(self, value: Any) -> str:
        return "–" if value is None or value == "" else str(self.words(value))


def details(**known: Detail) -> Formatter:
    """A formatter that writes ``role: Owner → Manager``; names that are not among ``known`` show their raw values."""

    def describe(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
        parts = []
        for name in dict.fromkeys((*before, *after)):
            detail = known.get(name, Detail(name))
            values = [detail.text(values[name]) for values in (before, after) if name in values]
            parts.append(_("%(name)s: %(value)s") % {"name": detail.label, "value": " → ".join(values)})
        return " · ".join(parts)

    return describe


RAW_VALUES = details()


def choice_words(choices: Iterable[tuple[Any, Any]]) -> Callable[[Any], object]:
    """How the codes of a field with choices read."""
    words = dict(choices)
    return lambda code: words.get(code, code)


def instant_words(value: str) -> str:
    """How a stored instant reads in the reader's time zone."""
    return formats.instant(datetime.fromisoformat(value), timezone.get_current_timezone())


def column_details(model: type[Model]) -> Formatter:
    """Values of a model's columns, under the names of the columns."""
    return details(**column_words(model))


def column_words(model: type[Model]) -> dict[str, Detail]:
    """How the values of a model's columns read, by name of the column."""
    return {column.name: Detail(column.verbose_name, _words(column)) for column in model._meta.concrete_fields}


def _words(column: "Field[Any, Any]") -> Callable[[Any], object]:
    if column.choices:
        return choice_words(column.flatchoices)
    return instant_words if isinstance(column, InstantField) else str


@dataclass(frozen=True, slots=True)
class EventKind:
    """A kind of event: its label, the subject kind (None: any), who may see it, and how its values read."""

    name: str
    label: Text
    subject: str | None
    visibility: Visibility = Visibility.COMPANY
    describe: Formatter = RAW_VALUES


_kinds: dict[str, EventKind] = {}


def declare_events(*kinds: EventKind) -> None:
    """Make kinds known. Raises ValueError for a name that is declared already."""
    for kind in kinds:
        if _kinds.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"two declarations of events {kind.name!r}")


def declared_kinds() -> Iterator[EventKind]:
    yield from _kinds.values()


def event_label(event: Event) -> Text:
    """What happened, in the reader's language; of kinds that an older version knew, their name."""
    kind = _kinds.get(event.kind)
    return event.kind if kind is None else kind.label


def event_text(event: Event) -> str:
    """What changed, in the reader's language."""
    kind = _kinds.get(event.kind)
    return (RAW_VALUES if kind is None else kind.describe)(event.before, event.after)


def kinds_for_company() -> list[str]:
    """The names of the kinds that a company's members may see."""
    return [kind.name for kind in declared_kinds() if kind.visibility == Visibility.COMPANY]


# ── Recording ──────────────────────────────────────────────────────────────────────────────────────────────────────


def record_event(
    *,
    kind: str,
    subject_kind: str,
    subject_key: str,
    actor: str,
    at: datetime,
    store_no: str = "",
    company_no: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    cause: str = "",
    request_id: str = "",
) -> Event:
    """Append an event in the caller's transaction (DM-33). No personal data in before and after.

    Without ``request_id`` the id of the request or job at hand is taken, the one that the logs carry too.
    """
    event = Event(
        kind=kind,
        subject_kind=subject_kind,
        subject_key=subject_key,
        actor=actor,
        at=at,
        store_no=store_no,
        company_no=company_no,
        before=before or {},
        after=after or {},
        cause=cause,
        request_id=request_id,
    )
    record_events([event])
    return event


def record_events(events: Sequence[Event]) -> None:
    """Append many unsaved events in the caller's transaction, in order; as `record_event` otherwise (DM-33)."""
    present = _present_id()
    for event in events:
        _check(event)
        event.request_id = event.request_id or present
    Event.objects.bulk_create(events, batch_size=EVENTS_AT_ONCE)
    enqueue(events)


def _check(event: Event) -> None:
    kind = _kinds.get(event.kind)
    if kind is None or kind.subject not in (None, event.subject_kind):
        raise UndeclaredEventError(f"{event.kind} about {event.subject_kind}")
    if "@" in event.actor:
        raise PersonalActorError(event.kind)


def _present_id() -> str:
    bound = structlog.contextvars.get_contextvars()
    return str(bound.get("request_id") or bound.get("job_id") or "")


UNTIL = details(until=Detail(gettext_lazy("should be over"), instant_words))

declare_events(
    EventKind(
        "deadline.lapsed",
        gettext_lazy("Deadline lapsed"),
        subject=None,
        describe=details(deadline=Detail(gettext_lazy("deadline")), due_at=Detail(gettext_lazy("due"), instant_words)),
    ),
    EventKind("maintenance.begun", gettext_lazy("Maintenance begun"), "installation", Visibility.STAFF, UNTIL),
    EventKind("maintenance.ended", gettext_lazy("Maintenance ended"), "installation", Visibility.STAFF),
    EventKind("outbox.retried", gettext_lazy("Delivery of an event tried again"), "outbox", Visibility.STAFF),
    EventKind("outbox.discarded", gettext_lazy("Delivery of an event discarded"), "outbox", Visibility.STAFF),
)
