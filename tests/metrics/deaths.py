"""Nights that die at any statement, and everything that they leave, to be compared."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connection, models

from core.models import Deadline, DirtySubject, Event
from metrics.models import Run
from tests.outbox import deliver

# After a death the night is taken up when its lease is over, this much later.
LATER = timedelta(minutes=20)
# What a row is known by where another points at it.
NAMES = {
    "store": "store_no",
    "company": "company_no",
    "notice": "number",
    "message": "event",
    "ratingfreeze": "start_day",
}


# Subjects that events name by their row's own number.
NUMBERED = frozenset({"penalty", "risk_case"})


class Killed(BaseException):
    """Nothing in the product can catch it by accident: what follows a statement does not happen."""


class Killer:
    """Lets a number of statements pass, then ends the process, so to speak: nothing reaches the database any more but
    the rolling back that a lost connection brings with it. With ``once`` only that statement fails, as one does where
    the database refuses it."""

    def __init__(self, after: int, *, once: bool = False) -> None:
        self.left, self.once, self.seen = after, once, 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "SAVEPOINT" in sql:
            return execute(sql, params, many, context)
        self.seen += 1
        self.left -= 1
        if self.left == -1 if self.once else self.left < 0:
            raise Killed
        return execute(sql, params, many, context)


@contextmanager
def killing(after: int, *, once: bool = False) -> Iterator[Killer]:
    """The statements within pass until one is the last."""
    killer = Killer(after, once=once)
    try:
        with connection.execute_wrapper(killer):
            yield killer
    except Killed:
        pass


def left_behind() -> dict[str, list[str]]:
    """Every row that nights make or change, by table, without ids of its own; run records apart, which tell of the
    runs themselves, and the log, which must be empty. Messages are delivered first. Instants of a second go count as of
    the first."""
    deliver()
    kinds = [
        kind for app in ("metrics", "notifications", "penalties") for kind in apps.get_app_config(app).get_models()
    ]
    found = {kind.__name__: _rows(kind) for kind in [*kinds, Event, Deadline] if kind is not Run}
    return {name: rows for name, rows in found.items() if rows} | {"DirtySubject": [str(DirtySubject.objects.count())]}


def _rows(kind: type[models.Model]) -> list[str]:
    # A row's own number says nothing, unless it is the number of something, such as an order.
    known = [field for field in kind._meta.concrete_fields if not (field.primary_key and field.name == "id")]
    rows = kind._default_manager.all()
    if kind is Event:
        # Imports and sign-ins are no part of a night.
        rows = rows.exclude(kind__startswith="import.")
    return sorted(str([(field.name, _value(row, field)) for field in known]) for row in rows)


def _value(row: models.Model, field: "models.Field[Any, Any]") -> Any:
    if field.is_relation:
        other = getattr(row, field.name)
        target = field.related_model._meta.model_name  # type: ignore[union-attr]
        return None if other is None else getattr(other, NAMES.get(target, "pk"))
    value = getattr(row, field.attname)
    if isinstance(row, Event) and field.name == "subject_key" and row.subject_kind in NUMBERED:
        return None
    if isinstance(value, dict):
        # Messages name the instants of deadlines.
        return {name: _earlier(datetime.fromisoformat(one)) if _is_instant(one) else one for name, one in value.items()}
    return _earlier(value) if isinstance(value, date) else value


def _earlier(value: date) -> str:
    if isinstance(value, datetime) and value.minute == LATER.seconds // 60:
        value -= LATER
    return value.isoformat()


def _is_instant(value: Any) -> bool:
    return isinstance(value, str) and value.endswith("+00:00")
