"""Durable timers (DM-27): declare what happens when one lapses, open, meet and void them. `core.sweeping` fires them.

The app that owns a kind registers in its ``timers.py`` what happens when deadlines of it lapse::

    @on_lapse("order.confirm_receipt")
    def confirm_receipt(deadlines: Sequence[Deadline]) -> None: ...

A handler takes many deadlines of its kind at once, of different subjects, in order of ``due_at``. It runs in the
transaction that marks them lapsed; if it fails, it is called again with each of them alone, so what it does for one may
not depend on the others. Its effects carry each deadline's ``due_at``, not the instant of the sweep (DM-11a), and it
may open further deadlines: the same sweep fires those that are due already. Where being late matters, as it does for
reminders, ``swept_at`` tells when the sweep ran.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from django.db import connection, transaction
from django.db.models import Case, QuerySet, Value, When

from core.fields import InstantField
from core.models import Deadline

__all__ = [
    "DeadlineKind",
    "Owner",
    "Subject",
    "UnknownDeadlineKindError",
    "follow_deadlines",
    "hold_deadlines",
    "hold_owners",
    "kind_named",
    "meet_deadline",
    "meet_deadlines",
    "name_owners",
    "on_lapse",
    "open_deadline",
    "open_deadlines",
    "owner_numbers",
    "registered_kinds",
    "remove_deadlines",
    "void_deadline",
    "void_deadlines",
]

# As many rows per statement as are named one by one in it.
AT_ONCE = 500

Handler = Callable[[Sequence[Deadline]], None]
Holder = Callable[[Collection[int]], object]
# The owner's id, and the subject's key.
Subject = tuple[int, str]


class Owner(StrEnum):
    """Whose deadlines of a kind are; the value is the column with its id."""

    STORE = "store_id"
    COMPANY = "company_id"


@dataclass(frozen=True)
class DeadlineKind:
    """What happens when deadlines of a kind lapse, whose they are, whether the audit trail keeps each lapse, and
    whether a sweep locks their owners before it settles them."""

    handler: Handler
    owner: Owner
    is_recorded: bool = True
    holds_owner: bool = False


class Follower(Protocol):
    """What goes along with deadlines of a kind, such as reminders: called in the transactions that open or move them,
    and that meet or void them."""

    def opened(self, due: Mapping[Subject, datetime], at: Mapping[Subject, datetime]) -> None: ...

    def settled(self, subjects: Collection[Subject], at: Mapping[Subject, datetime]) -> None: ...


class UnknownDeadlineKindError(LookupError):
    """A deadline of a kind for which no app has registered a handler."""


# ── Kinds and owners ───────────────────────────────────────────────────────────────────────────────────────────────

_kinds: dict[str, DeadlineKind] = {}
_followers: dict[str, list["Follower"]] = {}
_numbers: dict[Owner, Callable[[Collection[int]], Mapping[int, str]]] = {}
_holders: dict[Owner, Holder] = {}


def on_lapse(
    kind: str, *, owner: Owner = Owner.STORE, is_recorded: bool = True, holds_owner: bool = False
) -> Callable[[Handler], Handler]:
    """Register what happens when deadlines of ``kind`` lapse. One kind has one handler. Those that only wake somebody
    up, such as reminders, need no event for each lapse. ``holds_owner``: the handler locks the owner's row, or others
    who have it locked settle deadlines of this kind; locks are taken in one order everywhere."""

    def register(handler: Handler) -> Handler:
        if kind in _kinds:
            raise ValueError(f"two handlers for deadlines of kind {kind!r}")
        _kinds[kind] = DeadlineKind(handler, owner, is_recorded, holds_owner)
        return handler

    return register


def follow_deadlines(kind: str, follower: Follower) -> None:
    """Have a follower go along with deadlines of a kind."""
    _followers.setdefault(kind, []).append(follower)


def kind_named(kind: str) -> DeadlineKind:
    """The kind of a name. Raises UnknownDeadlineKindError where no app handles it."""
    if kind not in _kinds:
        raise UnknownDeadlineKindError(kind)
    return _kinds[kind]


def registered_kinds() -> Iterable[str]:
    """The kinds of deadlines that some app acts on."""
    return _kinds.keys()


def name_owners(
    owner: Owner, numbers: Callable[[Collection[int]], Mapping[int, str]], hold: Holder | None = None
) -> None:
    """Register how the numbers of stores or companies are looked up by id, since events name subjects by number, and
    how their rows are locked."""
    _numbers[owner] = numbers
    if hold:
        _holders[owner] = hold


def hold_owners(owner: Owner, ids: Collection[int]) -> None:
    """Lock the rows of stores or companies until the transaction ends."""
    _holders[owner](ids)


def owner_numbers(owner: Owner, ids: Collection[int]) -> Mapping[int, str]:
    """The numbers of stores or companies by id."""
    return _numbers[owner](ids)


# ── Open, meet, void ───────────────────────────────────────────────────────────────────────────────────────────────


def open_deadline(
    *, owner_id: int, kind: str, subject_kind: str, subject_key: str, due_at: datetime, at: datetime
) -> Deadline:
    """Open the countdown of a subject, or move the open one to ``due_at``; opening it twice has no further effect.

    Raises UnknownDeadlineKindError where no app handles the kind.
    """
    subject = (owner_id, subject_key)
    open_deadlines(kind=kind, subject_kind=subject_kind, due={subject: due_at}, at=at)
    return _open_rows(kind, subject_kind, [subject]).get()


def open_deadlines(
    *, kind: str, subject_kind: str, due: Mapping[Subject, datetime], at: datetime | Mapping[Subject, datetime]
) -> None:
    """`open_deadline` for many subjects at once: ``due`` maps subjects to due instants, ``at`` to their openings."""
    owner = kind_named(kind).owner
    opened = _for_each(due, at)
    rows = [
        Deadline(
            **{owner: subject[0]},
            kind=kind,
            subject_kind=subject_kind,
            subject_key=subject[1],
            due_at=due_at,
            opened_at=opened[subject],
        )
        # In one order everywhere: two imports at once then can't wait for each other's rows.
        for subject, due_at in sorted(due.items())
    ]
    with transaction.atomic():
        Deadline.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
        for keys in _open_keys(kind, subject_kind, due):
            due_at = _instants({key: due[subject] for key, subject in keys.items()})
            # The lease of a sweep that had it in hand is void: it is judged by its new instant.
            _still_open(keys).exclude(due_at=due_at).update(
                due_at=due_at, attempts=0, retry_at=None, lease="", lease_until=None
            )
        for follower in _followers.get(kind, ()):
            follower.opened(due, opened)


def meet_deadline(*, owner_id: int, kind: str, subject_kind: str, subject_key: str, at: datetime) -> bool:
    """Mark the deadline as met: what it waited for happened at ``at``.

    Returns False when there is no open deadline or ``at`` is too late, even if no sweep has run yet (RL-05): the
    caller then treats the deadline as lapsed.
    """
    return meet_deadlines(kind=kind, subject_kind=subject_kind, happened={(owner_id, subject_key): at}) == 1


def meet_deadlines(*, kind: str, subject_kind: str, happened: Mapping[Subject, datetime]) -> int:
    """`meet_deadline` for many subjects at once, each with its own instant; returns how many were met."""
    met = 0
    for keys in _open_keys(kind, subject_kind, happened):
        at = _instants({key: happened[subject] for key, subject in keys.items()})
        met += _still_open(keys).filter(due_at__gte=at).update(state=Deadline.State.MET, settled_at=at)
    _tell_settled(kind, happened)
    return met


def void_deadline(*, owner_id: int, kind: str, subject_kind: str, subject_key: str, at: datetime) -> bool:
    """Mark the deadline as void because its reason is gone, even after it is due. Returns whether one was open."""
    return void_deadlines(kind=kind, subject_kind=subject_kind, subjects=[(owner_id, subject_key)], at=at) == 1


def void_deadlines(
    *, kind: str, subject_kind: str, subjects: Collection[Subject], at: datetime | Mapping[Subject, datetime]
) -> int:
    """`void_deadline` for many subjects at once; returns how many were open."""
    voided, instants = 0, _for_each(subjects, at)
    for keys in _open_keys(kind, subject_kind, subjects):
        settled_at = _instants({key: instants[subject] for key, subject in keys.items()})
        voided += _still_open(keys).update(state=Deadline.State.VOID, settled_at=settled_at)
    _tell_settled(kind, instants)
    return voided


def hold_deadlines(*, owner: Owner, owner_id: int, subject_kind: str, subject_key: str) -> None:
    """Lock the open deadlines of a subject until the transaction ends: a sweep holds them before the subject's row, and
    so does whoever changes the row. On SQLite transactions follow one another anyway."""
    if not connection.features.has_select_for_update:
        return
    rows = Deadline.objects.select_for_update(no_key=True).filter(
        **{owner: owner_id}, subject_kind=subject_kind, subject_key=subject_key, state=Deadline.State.OPEN
    )
    list(rows.order_by("pk").values_list("pk", flat=True))


def remove_deadlines(*, owner: Owner, ids: Collection[int]) -> int:
    """Delete the deadlines of stores or companies that are removed; returns how many there were."""
    return Deadline.objects.filter(**{f"{owner}__in": ids}).delete()[0]


def _tell_settled(kind: str, at: Mapping[Subject, datetime]) -> None:
    for follower in _followers.get(kind, ()) if at else ():
        follower.settled(at.keys(), at)


def _for_each(subjects: Collection[Subject], at: datetime | Mapping[Subject, datetime]) -> Mapping[Subject, datetime]:
    return dict.fromkeys(subjects, at) if isinstance(at, datetime) else at


def _open_keys(kind: str, subject_kind: str, subjects: Iterable[Subject]) -> Iterator[dict[int, Subject]]:
    """The open deadlines of subjects, some at a time: their keys with the subjects."""
    owner = kind_named(kind).owner
    in_order = sorted(subjects)
    for start in range(0, len(in_order), AT_ONCE):
        wanted = set(in_order[start : start + AT_ONCE])
        rows = _open_rows(kind, subject_kind, wanted).values_list("pk", owner, "subject_key")
        keys = {pk: (owner_id, key) for pk, owner_id, key in rows if (owner_id, key) in wanted}
        if keys:
            yield keys


def _open_rows(kind: str, subject_kind: str, subjects: Collection[Subject]) -> QuerySet[Deadline]:
    """The open deadlines of subjects, and of others that have the owner of one and the key of another."""
    of_owners = {f"{kind_named(kind).owner}__in": {owner_id for owner_id, _key in subjects}}
    return Deadline.objects.filter(
        **of_owners,
        kind=kind,
        subject_kind=subject_kind,
        subject_key__in={key for _owner_id, key in subjects},
        state=Deadline.State.OPEN,
    )


def _still_open(keys: Iterable[int]) -> QuerySet[Deadline]:
    """Compare and swap: what a sweep or somebody else settled meanwhile stays as it is (RL-06)."""
    return Deadline.objects.filter(pk__in=list(keys), state=Deadline.State.OPEN)


def _instants(by_key: Mapping[int, datetime]) -> Case:
    """An instant per row."""
    instant = InstantField()
    return Case(
        *(When(pk=key, then=Value(at, output_field=instant)) for key, at in by_key.items()), output_field=instant
    )
