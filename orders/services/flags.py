"""Keeps the raised flags of orders in line with their conditions (TM-14)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from core.events import SYSTEM, record_events
from core.leases import take_turn
from core.models import Event
from orders.models import Order, RaisedFlag
from orders.queries.flags import Condition, Finder, Scope
from rulebook.policy.conduct import RiskFlag
from rulebook.queries import policy_at
from stores.models import Store

ROWS_AT_ONCE = 1_000
# Checks of one store take turns, so that each new flag is told once. Any number that nothing else locks, plus the id.
_TURN = 0x0F1A6 << 32
# As many order numbers of a flag as an event names.
NAMED = 20


@dataclass
class FlagChanges:
    """What a check changed. ``raised`` are the new ones by store and flag."""

    raised: dict[int, dict[str, list[int]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    cleared: int = 0

    @property
    def total_raised(self) -> int:
        return sum(len(ids) for by_code in self.raised.values() for ids in by_code.values())


def flag_terms(at: datetime) -> Mapping[str, RiskFlag]:
    """What policy says of each flag, by code. A flag that policy leaves out is not raised."""
    return {terms.code: terms for terms in policy_at(at).transactions.risk_flags}


@transaction.atomic
def refresh_flags(
    scope: Scope, finders: Sequence[Finder], *, at: datetime, silent: frozenset[int] = frozenset()
) -> FlagChanges:
    """Raise and clear the flags of the scope's orders as their conditions are at an instant (TM-14).

    A check that runs twice changes nothing the second time; two checks of one store take turns. New red flags are told
    once per store (`risk.flagged`); nothing is told of the stores in ``silent``.
    """
    for store_id in sorted(scope.store_ids):
        take_turn(_TURN + store_id)
    changes, terms = FlagChanges(), flag_terms(at)
    for finder in finders:
        found = _found(finder, scope, terms, at)
        for flag in finder.flags:
            _bring_in_line(scope, flag.code, found[flag.code], at, changes)
    _tell(changes, terms, at, silent)
    return changes


def forget_cleared_flags(*, before: datetime) -> int:
    """Remove flags that were cleared before an instant: the board shows what stands, the audit trail what was told."""
    return RaisedFlag.objects.filter(cleared_at__lt=before).delete()[0]


def _found(
    finder: Finder, scope: Scope, terms: Mapping[str, RiskFlag], at: datetime
) -> dict[str, dict[int, Condition]]:
    """What holds by flag and order, with the clocks that policy gives."""
    hours = {flag.code: terms[flag.code].due_hours for flag in finder.flags if flag.code in terms}
    timed = {flag.code for flag in finder.flags if not flag.own_clock and hours.get(flag.code)}
    found: dict[str, dict[int, Condition]] = {flag.code: {} for flag in finder.flags}
    for one in finder.find(scope, at) if hours else ():
        if one.flag in timed:
            found[one.flag][one.order_id] = one._replace(due_at=one.since + timedelta(hours=hours[one.flag]))
        elif one.flag in hours:
            found[one.flag][one.order_id] = one
    return found


def _bring_in_line(scope: Scope, code: str, found: Mapping[int, Condition], at: datetime, changes: FlagChanges) -> None:
    raised = scope.narrow(RaisedFlag.objects.filter(code=code, cleared_at=None))
    known = {row.order_id: row for row in raised}
    over = [row.pk for order_id, row in known.items() if order_id not in found]
    moved = [_moved(row, found[row.order_id]) for row in known.values() if _differs(row, found.get(row.order_id))]
    new = [
        RaisedFlag(store_id=one.store_id, order_id=pk, code=code, since=one.since, due_at=one.due_at, raised_at=at)
        for pk, one in found.items()
        if pk not in known
    ]
    for start in range(0, len(over), ROWS_AT_ONCE):
        chunk = RaisedFlag.objects.filter(pk__in=over[start : start + ROWS_AT_ONCE], cleared_at=None)
        changes.cleared += chunk.update(cleared_at=at)
    RaisedFlag.objects.bulk_update(moved, ["since", "due_at"], batch_size=200)
    RaisedFlag.objects.bulk_create(new, batch_size=ROWS_AT_ONCE)
    for row in new:
        changes.raised[row.store_id][code].append(row.order_id)


def _differs(row: RaisedFlag, found: Condition | None) -> bool:
    return found is not None and (row.since, row.due_at) != (found.since, found.due_at)


def _moved(row: RaisedFlag, found: Condition) -> RaisedFlag:
    row.since, row.due_at = found.since, found.due_at
    return row


def _tell(changes: FlagChanges, terms: Mapping[str, RiskFlag], at: datetime, silent: frozenset[int]) -> None:
    """One event per store about all its new red flags, however many there are."""
    red = {
        store_id: {code: ids for code, ids in by_code.items() if terms[code].severity == "red"}
        for store_id, by_code in changes.raised.items()
        if store_id not in silent
    }
    red = {store_id: by_code for store_id, by_code in red.items() if by_code}
    stores = Store.objects.select_related("company").in_bulk(list(red))
    numbers = _numbers(red)
    record_events(
        [
            Event(
                kind="risk.flagged",
                subject_kind="store",
                subject_key=stores[store_id].store_no,
                store_no=stores[store_id].store_no,
                company_no=stores[store_id].company.company_no,
                actor=SYSTEM,
                at=at,
                cause="TM-14",
                after={
                    "counts": {code: len(ids) for code, ids in by_code.items()},
                    "orders": {code: [numbers[pk] for pk in ids[:NAMED]] for code, ids in by_code.items()},
                },
            )
            for store_id, by_code in sorted(red.items())
            if store_id in stores
        ]
    )


def _numbers(red: Mapping[int, Mapping[str, Sequence[int]]]) -> dict[int, str]:
    named = [pk for by_code in red.values() for ids in by_code.values() for pk in ids[:NAMED]]
    found: dict[int, str] = {}
    for start in range(0, len(named), ROWS_AT_ONCE):
        chunk = Order.objects.filter(pk__in=named[start : start + ROWS_AT_ONCE])
        found |= dict(chunk.values_list("pk", "order_no"))
    return found
