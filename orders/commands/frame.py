"""One way for every change that people, programs and timers make to an order or a dispute (DM-22).

A command is declared: who may give it, where it leads, which instant it sets. `perform` does the rest in one
transaction: it compares and swaps the state (RL-06), raises ``source_at`` so that an older export that comes later
loses (IX-03), has the subject's app derive columns, mark what is dirty and bring deadlines in line, and writes the
event.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils.translation import gettext as _

from core.deadlines import Owner, hold_deadlines
from core.events import record_event
from core.fields import InstantField
from orders.models import Order
from stores.access import may_write
from stores.models import Store
from stores.principals import Area, Principal

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# A row of a subject's model; `CommandSubject` lists what it needs.
Row = Any
# What a command does to rows beside its subject; returns what its event tells of it.
Also = Callable[[Row], Mapping[str, Any]]


@dataclass(frozen=True)
class CommandSubject:
    """What commands change: a model with ``store``, ``state`` and ``source_at``.

    ``kind`` is how events name it, ``number`` the attribute that holds its number. ``transitions`` maps each state to
    those that may follow. ``follow`` is called with a changed row and the instant, in the transaction of the change.
    ``holds_order``: it writes the row's order, which is therefore held before the row, as imports do.
    """

    kind: str
    label: "StrPromise"
    number: str
    transitions: Mapping[str, frozenset[str]]
    follow: Callable[[Row, datetime], None]
    holds_order: bool = False


def _never(row: Row, at: datetime) -> bool:
    return False


@dataclass(frozen=True)
class Command:
    """One allowed action. ``event`` is the kind of its event, ``by`` who may give it.

    ``to`` is the state that it leads to, from every state that may precede it; empty where the state stays as it is,
    which then is one of ``within``. ``instant`` names the column that takes the command's instant.
    """

    subject: CommandSubject
    event: str
    label: "StrPromise"
    rule: str
    by: tuple[type[Principal], ...]
    to: str = ""
    within: frozenset[str] = frozenset()
    instant: str = ""
    is_late: Callable[[Row, datetime], bool] = _never

    def is_allowed_in(self, state: str) -> bool:
        """Whether the table of transitions allows the command from this state."""
        if not self.to:
            return state in self.within
        # A source may use words of its own: no action leads on from those.
        return self.to in self.subject.transitions.get(state, frozenset())

    def has_happened(self, row: Row) -> bool:
        """Whether the command was done already, so that giving it again changes nothing."""
        if self.to:
            return bool(row.state == self.to)
        return bool(self.instant) and self.is_allowed_in(row.state) and getattr(row, self.instant) is not None


class Result(StrEnum):
    """The result of a command. ``REPEATED``: it was done before. ``MIRRORED``: another platform decides (DM-11a).
    ``OVERTAKEN``: somebody else changed what it speaks of meanwhile (RL-06)."""

    DONE = "done"
    REPEATED = "repeated"
    NOT_ALLOWED = "not_allowed"
    LATE = "late"
    MIRRORED = "mirrored"
    OVERTAKEN = "overtaken"


class NotDoneError(Exception):
    """Raised by what a command does ``also``: nothing of the command stays, and its result is this."""

    def __init__(self, result: Result) -> None:
        super().__init__(result)
        self.result = result


@dataclass(frozen=True)
class Outcome:
    """The result of a command, and the subject's state after it."""

    result: Result
    command: Command
    number: str
    state: str
    state_label: str

    @property
    def holds(self) -> bool:
        """Whether what the command asks for is so now."""
        return self.result in (Result.DONE, Result.REPEATED)

    def __str__(self) -> str:
        texts = {
            Result.DONE: _("%(subject)s %(number)s: “%(action)s” is done."),
            Result.REPEATED: _("%(subject)s %(number)s: “%(action)s” was done already."),
            Result.NOT_ALLOWED: _("%(subject)s %(number)s: “%(action)s” is not allowed in the state “%(state)s”."),
            Result.LATE: _("%(subject)s %(number)s: it is too late for “%(action)s”."),
            Result.MIRRORED: _("%(subject)s %(number)s: “%(action)s” happens on the platform that this store mirrors."),
            Result.OVERTAKEN: _(
                "%(subject)s %(number)s: somebody else changed it before “%(action)s”. Look at it again."
            ),
        }
        command = self.command
        words = {"subject": command.subject.label, "number": self.number, "action": command.label}
        return texts[self.result] % {**words, "state": self.state_label}


def perform(
    command: Command, row: Row, *, principal: Principal, at: datetime, also: Also | None = None, **values: Any
) -> Outcome:
    """Carry out a command on a row, which is read again first; ``values`` are further columns that it sets.

    ``also`` changes further rows in the same transaction, once the subject's row is held: it may raise `NotDoneError`.
    A command that was done already, or by somebody else at the same time, returns REPEATED. Raises PermissionDenied
    for a principal that may not give it.
    """
    if not isinstance(principal, command.by) or not may_write(principal, row.store, Area.ORDERS):
        raise PermissionDenied
    try:
        result = _carry_out(command, row, principal, at, also, values)
    except NotDoneError as refusal:
        _read_again(row)
        result = refusal.result
    number = getattr(row, command.subject.number)
    return Outcome(result, command, number, row.state, str(row.get_state_display()))


@transaction.atomic
def _carry_out(
    command: Command, row: Row, principal: Principal, at: datetime, also: Also | None, values: dict[str, Any]
) -> Result:
    hold_clocks(command.subject, row)
    if command.subject.holds_order:
        Order.objects.select_for_update(no_key=True).only("pk").get(pk=row.order_id)
    while True:
        _read_again(row)
        result, before = _judge(command, row, at), row.state
        if result is not Result.DONE or _swap(command, row, at, values):
            break
    if result is Result.DONE:
        if also:
            # Held now: what others changed before this swap shows.
            _read_again(row)
        told = also(row) if also else {}
        command.subject.follow(row, at)
        _read_again(row)
        _record(command, row, before, principal, at, told)
    return result


def hold_clocks(subject: CommandSubject, row: Row) -> None:
    """Hold the running deadlines of a row before the row itself, as sweeps do: so an act in the last second and the
    sweep after it never wait for each other. For services that hold further rows before they give a command."""
    key = getattr(row, subject.number)
    hold_deadlines(owner=Owner.STORE, owner_id=row.store_id, subject_kind=subject.kind, subject_key=key)


def _read_again(row: Row) -> None:
    """Read the row's present values; its store, which never changes, stays loaded, so that many rows of one don't load
    it one by one."""
    store = row.store
    row.refresh_from_db()
    row.store = store


def _judge(command: Command, row: Row, at: datetime) -> Result:
    if command.has_happened(row):
        return Result.REPEATED
    if row.store.mode == Store.Mode.MIRRORED:
        return Result.MIRRORED
    if not command.is_allowed_in(row.state):
        return Result.NOT_ALLOWED
    return Result.LATE if command.is_late(row, at) else Result.DONE


def _swap(command: Command, row: Row, at: datetime, values: dict[str, Any]) -> bool:
    """Change the row unless somebody else changed its state, or set the instant, since it was read."""
    unchanged = {"pk": row.pk, "state": row.state}
    changes = {**values, "source_at": _raised(at)}
    if command.to:
        changes["state"] = command.to
    if command.instant:
        changes[command.instant] = at
        unchanged[command.instant] = getattr(row, command.instant)
    return bool(type(row).objects.filter(**unchanged).update(**changes) == 1)


def _raised(at: datetime) -> Case:
    """The instant up to which a row is known, no earlier than ``at``."""
    return Case(When(source_at__gt=at, then=F("source_at")), default=Value(at, InstantField()))


def _record(
    command: Command, row: Row, before: str, principal: Principal, at: datetime, told: Mapping[str, Any]
) -> None:
    after = {"state": row.state, **told}
    if command.instant:
        after[command.instant] = at.isoformat()
    record_event(
        kind=command.event,
        subject_kind=command.subject.kind,
        subject_key=getattr(row, command.subject.number),
        store_no=row.store.store_no,
        actor=principal.actor,
        at=at,
        before={"state": before},
        after=after,
        cause=command.rule,
    )
