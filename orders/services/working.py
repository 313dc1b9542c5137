"""Who of operations has a case or a claim in hand; the audit trail keeps it (RL-06)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from stores import claims
from stores.claims import is_of_company
from stores.models import User
from stores.principals import Person


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of rows that staff claim: ``waits``: the condition that one still waits; ``record`` appends an event of a
    verb (claimed, released, handed_over) about a row: ``record(verb, row, actor, at, **after)``."""

    waits: Q
    record: Callable[..., None]


@transaction.atomic
def claim_work(*, work: Work, row: Any, person: User, at: datetime) -> bool:
    """Claim a row, or extend one's own claim; False where it waits no more or is somebody else's. Raises
    PermissionDenied for a member of the store's company."""
    _refuse_members(row, person)
    was_own = row.claimed_by_id == person.pk
    claimed = claims.claim(row, waits=work.waits, person=person, at=at)
    if claimed and not was_own:
        work.record("claimed", row, Person(person).actor, at)
    return claimed


@transaction.atomic
def release_work(*, work: Work, row: Any, person: User, at: datetime) -> bool:
    """Give a row back to the queue; False where it was no longer the person's."""
    released = claims.release(row, waits=work.waits, person=person)
    if released:
        work.record("released", row, Person(person).actor, at)
    return released


@transaction.atomic
def hand_over_work(*, work: Work, row: Any, holder: User | None, to: User, by: User, at: datetime) -> bool:
    """Give the claim of ``holder`` (None: nobody's) to somebody else; False where it was not the holder's any more.
    Raises PermissionDenied for a member of the store's company."""
    _refuse_members(row, to)
    handed = claims.hand_over(row, waits=work.waits, holder=holder, to=to, at=at)
    if handed:
        work.record("handed_over", row, Person(by).actor, at, claimed_by=Person(to).actor)
    return handed


def _refuse_members(row: Any, person: User) -> None:
    if is_of_company(person, row.store.company_id):
        raise PermissionDenied
