"""Every declared action in every state of its subject: what the tables allow is done, nothing else changes a row
(DM-22)."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import disputes.commands
import orders.commands
from core.models import DirtySubject, Event
from disputes.models import Dispute
from orders.commands import Command, perform
from orders.commands.funds import FUNDS
from orders.models import Refund, ReturnParcel, Settlement
from orders.rules.refunds import RefundState
from stores.models import Store
from stores.principals import Program, Scope, System
from tests.orders.build import DAY, HOUR, NOW, make_order
from tests.orders.test_commands import INSTANTS
from tests.stores.people import make_store

# The instants of a return in each state.
RETURNS: dict[str, dict[str, Any]] = {
    "expected": {},
    "under_way": {"shipped_back_at": NOW - DAY},
    "received": {"received_at": NOW - HOUR},
    "inspected": {"received_at": NOW - HOUR, "inspected_at": NOW},
}
# The columns of funds in each state.
FUNDS_COLUMNS: dict[str, dict[str, Any]] = {
    "pending": {},
    "held": {"held_reason": "in_dispute", "held_since": NOW - HOUR},
    "released": {"released_at": NOW},
}
STATES = {
    "order": list(INSTANTS),
    "dispute": [str(state) for state in Dispute.State],
    "refund": [state.value for state in RefundState],
    "return": list(RETURNS),
    "funds": list(FUNDS_COLUMNS),
}


def declared(*packages: ModuleType) -> Iterator[Command]:
    """Every command that a module of the packages declares."""
    for package in packages:
        for found in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{found.name}")
            yield from (value for value in vars(module).values() if isinstance(value, Command))


EVERY = {id(one): one for one in declared(orders.commands, disputes.commands)}
COMMANDS = sorted(EVERY.values(), key=lambda command: command.event)


def row_in(store: Store, kind: str, state: str) -> Any:
    """A row of a subject in a state."""
    if kind == "order":
        return make_order(store, **INSTANTS[state])
    order = make_order(store, **INSTANTS["delivered"])
    given: dict[str, Any] = {"store": store, "order": order}
    if kind == "dispute":
        ended = {"closed_at": NOW - HOUR} if state in ("closed", "withdrawn") else {}
        given |= {"dispute_no": f"D{order.order_no}", "kind": "quality", "opened_at": NOW - DAY}
        return Dispute.objects.create(**given, state=state, **ended)
    if kind == "funds":
        funds = Settlement.objects.create(**given, **FUNDS_COLUMNS[state])
        funds.refresh_from_db()
        return funds
    if kind == "refund":
        number = f"R{order.order_no}"
        return Refund.objects.create(**given, refund_no=number, requested_at=NOW - HOUR, state=state, amount_usd=5)
    made = ReturnParcel.objects.create(**given, return_no=f"B{order.order_no}", **RETURNS[state])
    made.refresh_from_db()
    return made


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-22", "TM-15")
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.event)
def test_an_action_changes_a_row_only_from_the_states_that_allow_it(db: None, command: Command) -> None:
    store = make_store(mode="governed")
    program = Program("erp", store.company_id, frozenset({store.pk}), frozenset({Scope.parse("orders:write")}))
    principal = program if Program in command.by else System()
    # Events name funds by their order.
    kind, allowed = "funds" if command.subject is FUNDS else command.subject.kind, []
    for state in STATES[kind]:
        row = row_in(store, kind, state)
        assert row.state == state
        before = Event.objects.count(), DirtySubject.objects.count()
        repeated, result = command.has_happened(row), perform(command, row, principal=principal, at=NOW).result
        after = Event.objects.count(), DirtySubject.objects.count()
        row.refresh_from_db()
        if result == "done":
            allowed.append(state)
            assert command.is_allowed_in(state)
            assert after > before
            assert row.state == (command.to or row.state)
        else:
            late = "late" if command.is_allowed_in(state) else "not_allowed"
            assert (result, after, row.state) == ("repeated" if repeated else late, before, state)
    assert allowed, "no state allows it"
