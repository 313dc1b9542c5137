"""A row that is work: a process claims it, renews its lease while at it, and settles it (RL-01, RL-03).

A model of such rows inherits `LeasedModel`; the app that owns it states its terms once::

    SHARDS = Leases(duration=timedelta(minutes=15), max_attempts=5)

    for run in SHARDS.claim(Run.objects.filter(state="waiting").order_by("shard"), at=now, limit=1, state="running"):
        SHARDS.renew(run, at=now)  # now and then; False: somebody else took the row over
        SHARDS.settle(run, state="done")

However many processes claim at once, each row goes to one of them. An attempt is counted when the row is claimed,
outside the transaction of the work, so that a row that kills its worker is not tried forever: after ``max_attempts``
it is left to a person. A lease ends when its row is settled, when its time is over, or at once when its process died
on this machine. A process that lost its lease can't change the row any more: every update
compares the token of the lease.
"""

import os
import secrets
import socket
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from core import sql
from core.fields import InstantField
from core.maintenance import pauses_work

__all__ = ["LeasedModel", "Leases", "free", "held", "is_held", "take_turn", "work_in_hand"]


class LeasedModel(models.Model):
    """The columns of a row that is work.

    ``lease`` names its last holder, ``lease_until`` is set while it is held, ``retry_at`` after an attempt that failed;
    ``attempts`` are those since it was last given back or opened.
    """

    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    lease = models.CharField(_("process"), max_length=80, blank=True, default="")
    lease_until = InstantField(_("leased until"), null=True)
    retry_at = InstantField(_("next attempt"), null=True)

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=LeasedModel)


@dataclass(frozen=True)
class Leases:
    """The terms on which rows are claimed: ``duration`` is how long a holder may be silent before it counts as dead;
    ``first_retry`` the pause after a first failure, doubled by each that follows."""

    duration: timedelta
    max_attempts: int
    first_retry: timedelta = timedelta(0)

    def claim(self, rows: QuerySet[Row], *, at: datetime, limit: int | None = None, **changes: Any) -> list[Row]:
        """Up to ``limit`` of the rows that nobody holds and that may be tried now, in their order, with ``changes``
        made to them. Empty: none is left to take, or a worker stops for maintenance."""
        if pauses_work():
            return []
        token = _new_token()
        with transaction.atomic():
            # PostgreSQL locks the rows and passes over those that others have locked; on SQLite a transaction has the
            # database alone. Either way they stay as they were found until they are taken.
            found = self.ready(rows, at=at).select_for_update(skip_locked=True).values_list("pk", flat=True)
            keys = list(found[:limit])
            taken = rows.model._default_manager.filter(pk__in=keys)
            taken.update(
                lease=token,
                lease_until=at + self.duration,
                retry_at=self._retry_after_death(at),
                attempts=F("attempts") + 1,
                **changes,
            )
            by_key = taken.in_bulk()
        return [by_key[key] for key in keys]

    def _retry_after_death(self, at: datetime) -> Case:
        """The next attempt, should this one die without reporting. The first is made good at once, as after a
        restart; from the second on the row waits, so that one that kills its workers holds up no others."""
        instant = InstantField(null=True)
        later = [(n, Value(self.next_attempt(n, at), output_field=instant)) for n in range(1, self.max_attempts)]
        return Case(*(When(attempts=n, then=value) for n, value in later), default=None, output_field=instant)

    def ready(self, rows: QuerySet[Row], *, at: datetime) -> QuerySet[Row]:
        """The rows that could be claimed at ``at``."""
        due = Q(retry_at__isnull=True) | Q(retry_at__lte=at)
        return free(rows, at=at).filter(due, attempts__lt=self.max_attempts)

    def given_up(self, rows: QuerySet[Row], *, at: datetime) -> QuerySet[Row]:
        """Rows that failed the maximum number of attempts and nobody holds: they wait for a person."""
        return free(rows, at=at).filter(attempts__gte=self.max_attempts)

    def renew(self, row: LeasedModel, *, at: datetime, **changes: Any) -> bool:
        """Extend the lease. False: the lease was lost."""
        return _held_rows(row).update(lease_until=at + self.duration, **changes) == 1

    def settle(self, row: LeasedModel, **changes: Any) -> bool:
        """End the lease and save the result of the work. False: the lease was lost, nothing was changed."""
        return _held_rows(row).update(lease_until=None, **changes) == 1

    def put_off(self, row: LeasedModel, *, at: datetime, **changes: Any) -> bool:
        """End the lease after a failure; the row may be tried again after a pause. False: the lease was lost."""
        return self.settle(row, retry_at=self.next_attempt(row.attempts, at), **changes)

    def give_back(self, row: LeasedModel, **changes: Any) -> bool:
        """End the lease of work that continues later; the attempt doesn't count. False: the lease was lost."""
        return self.settle(row, attempts=F("attempts") - 1, retry_at=None, **changes)

    def release(self, rows: Collection[LeasedModel]) -> None:
        """End the leases of interrupted work; the attempts stay counted."""
        for model, token in {(type(row), row.lease) for row in rows}:
            keys = [row.pk for row in rows if row.lease == token]
            model._default_manager.filter(pk__in=keys, lease=token).update(lease_until=None)

    def next_attempt(self, attempts: int, at: datetime) -> datetime:
        """When a row that has failed ``attempts`` times may be tried again."""
        return at + self.first_retry * (1 << max(attempts - 1, 0))


def held(rows: QuerySet[Row], *, at: datetime) -> QuerySet[Row]:
    """The rows that a process holds at ``at`` and that is alive, as far as can be seen from here."""
    return rows.filter(lease_until__gt=at).exclude(lease__in=_dead_tokens(rows, at))


def free(rows: QuerySet[Row], *, at: datetime) -> QuerySet[Row]:
    """The rows that nobody holds at ``at``."""
    dead = _dead_tokens(rows, at)
    return rows.filter(Q(lease_until__isnull=True) | Q(lease_until__lte=at) | Q(lease__in=dead))


def _dead_tokens(rows: QuerySet[Row], at: datetime) -> list[str]:
    current = rows.order_by().filter(lease_until__gt=at).values_list("lease", flat=True).distinct()
    return [token for token in current if _holder_died(token)]


def work_in_hand(*, at: datetime) -> dict[str, int]:
    """How many rows of each kind processes hold at ``at``, by the model's label; of those that any are held of."""
    models = [model for model in apps.get_models() if issubclass(model, LeasedModel)]
    counts = {model: held(model._default_manager.all(), at=at).count() for model in models}
    return {model._meta.label: count for model, count in counts.items() if count}


def is_held(row: LeasedModel, at: datetime) -> bool:
    """Whether a process holds the row and is alive; one of another machine is believed until its lease ends."""
    return row.lease_until is not None and row.lease_until > at and not _holder_died(row.lease)


def take_turn(number: int) -> None:
    """Wait until no other transaction has the turn of this number, and keep it until the end of this one.

    On SQLite a transaction is the turn: there is one writer at a time (RL-07).
    """
    with connection.cursor() as cursor:
        sql.take_turn(cursor, number)


def _held_rows(row: LeasedModel) -> QuerySet[LeasedModel]:
    return type(row)._default_manager.filter(pk=row.pk, lease=row.lease, lease_until__isnull=False)


def _new_token() -> str:
    """Machine, process and a nonce: a process may hold the same row twice, one after the other."""
    return f"{_machine()}:{os.getpid()}:{secrets.token_hex(8)}"


def _machine() -> str:
    return socket.gethostname()[:48]


def _holder_died(token: str) -> bool:
    machine, _colon, rest = token.partition(":")
    process = rest.partition(":")[0]
    if machine != _machine() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False
