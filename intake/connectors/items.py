"""Objects at the platform that are asked for one by one: noted as lists show them, due as long as their answer is out
(RL-01)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from intake.models import ConnectionItem, StoreConnection

FIRST_RETRY = timedelta(minutes=15)
MOST_FAILURES = 8
AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Seen:
    """An object as a list shows it: ``stamp`` differs whenever it changed."""

    stamp: str
    detail: Mapping[str, Any] = field(default_factory=dict)


def items_of(connection: StoreConnection, kind: str) -> QuerySet[ConnectionItem]:
    return ConnectionItem.objects.filter(connection=connection, kind=kind)


def note_items(connection: StoreConnection, kind: str, seen: Mapping[str, Seen], *, at: datetime) -> int:
    """Have objects that are new, or changed since they were noted, asked for; returns how many."""
    noted = 0
    keys = sorted(seen)
    for start in range(0, len(keys), AT_ONCE):
        noted += _note({key: seen[key] for key in keys[start : start + AT_ONCE]}, connection, kind, at)
    return noted


@transaction.atomic
def _note(seen: Mapping[str, Seen], connection: StoreConnection, kind: str, at: datetime) -> int:
    known = {item.key: item for item in items_of(connection, kind).filter(key__in=list(seen))}
    changed = [item for key, item in known.items() if item.stamp != seen[key].stamp]
    for item in changed:
        one = seen[item.key]
        item.stamp, item.detail, item.due_at, item.failures = one.stamp, {**item.detail, **one.detail}, at, 0
    ConnectionItem.objects.bulk_update(changed, ["stamp", "detail", "due_at", "failures"])
    fresh = [
        ConnectionItem(connection=connection, kind=kind, key=key, stamp=one.stamp, detail=dict(one.detail), due_at=at)
        for key, one in seen.items()
        if key not in known
    ]
    ConnectionItem.objects.bulk_create(fresh)
    return len(changed) + len(fresh)


@transaction.atomic
def remember_item(connection: StoreConnection, kind: str, key: str, seen: Seen) -> None:
    """Keep the stamp of an object whose answer is taken in already."""
    values = {"stamp": seen.stamp, "detail": dict(seen.detail), "due_at": None, "failures": 0}
    ConnectionItem.objects.update_or_create(connection=connection, kind=kind, key=key, defaults=values)


def due_items(connection: StoreConnection, kind: str, *, at: datetime, most: int) -> list[ConnectionItem]:
    """What is to be asked for, what waits longest first."""
    return list(items_of(connection, kind).filter(due_at__lte=at).order_by("due_at", "pk")[:most])


def settle_items(items: Sequence[ConnectionItem], *, due_at: datetime | None = None) -> None:
    """The answers to these are taken in. ``due_at``: when to ask again. What a list showed as changed meanwhile stays
    due."""
    for item in items:
        rows = ConnectionItem.objects.filter(pk=item.pk, stamp=item.stamp)
        rows.update(due_at=due_at, failures=0, detail=item.detail)


def put_off(item: ConnectionItem, *, at: datetime) -> bool:
    """Ask later for an object that gave no answer. False: it failed too often and is left alone until it changes."""
    failures = item.failures + 1
    given_up = failures >= MOST_FAILURES
    due_at = None if given_up else at + FIRST_RETRY * (1 << item.failures)
    ConnectionItem.objects.filter(pk=item.pk).update(failures=failures, due_at=due_at)
    return not given_up


def ask_again(connection: StoreConnection, kind: str, keys: Iterable[str], *, at: datetime) -> int:
    """Have known objects asked for though no list shows them as changed; returns how many."""
    rows = items_of(connection, kind).filter(key__in=list(keys)[:AT_ONCE])
    return rows.update(due_at=at, failures=0)
