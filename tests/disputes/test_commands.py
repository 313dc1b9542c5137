"""Actions on disputes: allowed ways, the clock of the answer, exports before and after (DM-22, DP-01, DP-10)."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from core.models import Deadline, DirtySubject, Event
from disputes import commands
from disputes.models import Dispute
from disputes.rules.states import TRANSITIONS
from disputes.services.clocks import derive_dispute_clocks
from orders.commands import Outcome
from stores.models import Store
from stores.principals import Person, Principal, Program, Scope, System
from tests.intake.helpers import take, write
from tests.metrics.deaths import killing
from tests.orders.build import DAY, HOUR, NOW, make_order
from tests.stores.people import make_person, make_store

pytestmark = pytest.mark.rule("DM-22", "DP-01")

LEADS: dict[str, Callable[..., Outcome]] = {
    "responded": commands.answer_dispute,
    "arbitration": commands.escalate_dispute,
    "closed": commands.close_dispute,
    "withdrawn": commands.withdraw_dispute,
    "open": commands.reopen_dispute,
}
_numbers = count(1)


@pytest.fixture
def store(db: None) -> Store:
    return make_store(mode="governed")


def make_dispute(store: Store, **more: Any) -> Dispute:
    values = {"kind": "quality", "opened_at": NOW - HOUR, "state": "open", **more}
    order = make_order(store, paid_at=NOW - DAY)
    dispute = Dispute.objects.create(store=store, order=order, dispute_no=f"D{next(_numbers)}", **values)
    derive_dispute_clocks(dispute_ids=[dispute.pk], at=NOW)
    return dispute


def erp(store: Store) -> Program:
    return Program("erp-1", store.company_id, frozenset({store.pk}), frozenset({Scope.parse("orders:write")}))


def act(dispute: Dispute, to: str, principal: Principal, at: datetime = NOW) -> Outcome:
    verdict = {"liability": "seller", "outcome_usd": Decimal("3.5")} if to == "closed" else {}
    return LEADS[to](dispute=dispute, principal=principal, at=at, **verdict)


def clocks(dispute: Dispute) -> list[tuple[str, datetime | None]]:
    rows = Deadline.objects.filter(kind="dispute_answer", subject_key=dispute.dispute_no).order_by("pk")
    return list(rows.values_list("state", "settled_at"))


@pytest.mark.rule("DP-10", "DM-27", "DM-33")
def test_an_answer_in_time_meets_its_clock(store: Store) -> None:
    dispute, seller = make_dispute(store), Person(make_person("seller", store.company))
    assert clocks(dispute) == [("open", None)]
    outcome = act(dispute, "responded", seller)
    assert (outcome.result, outcome.state, outcome.number) == ("done", "responded", dispute.dispute_no)
    stored = Dispute.objects.get(pk=dispute.pk)
    assert (stored.state, stored.responded_at, stored.source_at) == ("responded", NOW, NOW)
    assert clocks(dispute) == [("met", NOW)]
    assert list(DirtySubject.objects.values_list("kind", "subject_id")) == [("order", dispute.order_id)]
    event = Event.objects.get()
    assert (event.kind, event.subject_kind, event.subject_key) == ("dispute.answered", "dispute", dispute.dispute_no)
    assert (event.actor, event.before["state"], event.after["state"]) == (seller.actor, "open", "responded")


@pytest.mark.rule("DP-10", "RL-05")
def test_an_answer_after_the_last_clock_is_too_late(store: Store) -> None:
    seller = Person(make_person("seller", store.company))
    last, after = make_dispute(store), make_dispute(store)
    assert act(last, "responded", seller, NOW - HOUR + 5 * DAY).result == "done"
    outcome = act(after, "responded", seller, NOW + 5 * DAY)
    assert (outcome.result, outcome.state, Event.objects.count()) == ("late", "open", 1)


@pytest.mark.sqlite_only
def test_only_declared_ways_are_open(store: Store) -> None:
    for state in TRANSITIONS:
        for to in LEADS:
            ended = {"closed_at": NOW - HOUR} if state in ("closed", "withdrawn") else {}
            dispute = make_dispute(store, state=state, **ended)
            outcome = act(dispute, to, erp(store))
            expected = "done" if to in TRANSITIONS[state] else "repeated" if to == state else "not_allowed"
            assert (outcome.result, outcome.state) == (expected, to if expected == "done" else state), (state, to)


def test_a_verdict_ends_the_dispute_and_its_clock(store: Store) -> None:
    dispute = make_dispute(store)
    act(dispute, "closed", System())
    stored = Dispute.objects.get(pk=dispute.pk)
    assert (stored.liability, stored.outcome_usd, stored.closed_at) == ("seller", Decimal("3.5"), NOW)
    assert clocks(dispute) == [("void", NOW)]


@pytest.mark.rule("DM-01", "DM-11a")
def test_sellers_answer_and_judge_nothing_and_mirrored_stores_wait_for_their_data(store: Store) -> None:
    dispute = make_dispute(store)
    for principal, to in (
        (Person(make_person("owner", store.company)), "closed"),
        (Person(make_person("analyst", store.company, "analyst")), "responded"),
        (System(), "responded"),
    ):
        with pytest.raises(PermissionDenied):
            act(dispute, to, principal)
    elsewhere = make_store("S2", mode="mirrored")
    assert act(make_dispute(elsewhere), "closed", System()).result == "mirrored"
    assert not Event.objects.exists()


@pytest.mark.rule("IX-03")
def test_older_exports_lose_and_newer_ones_win(store: Store, tmp_path: Path) -> None:
    dispute = make_dispute(store, source_at=NOW - DAY)
    act(dispute, "responded", erp(store))
    values = {
        "store_no": "S1",
        "order_no": dispute.order.order_no,
        "dispute_no": dispute.dispute_no,
        "kind": "quality",
        "opened_at": (NOW - HOUR).isoformat(),
        "state": "withdrawn",
        "closed_at": (NOW - HOUR).isoformat(),
    }
    path = write(tmp_path, disputes=f"{','.join(values)}\n{','.join(values.values())}\n")
    _job, report = take(path, as_of=NOW - HOUR)
    dispute.refresh_from_db()
    assert (report.counts["disputes"]["older"], dispute.state, dispute.closed_at) == (1, "responded", None)
    take(path, as_of=NOW + HOUR)
    dispute.refresh_from_db()
    # What the seller did stays: an empty cell clears nothing in a governed store.
    assert (dispute.state, dispute.closed_at, dispute.responded_at) == ("withdrawn", NOW - HOUR, NOW)


@pytest.mark.rule("RL-01")
def test_killed_at_any_statement_an_answer_leaves_nothing_and_can_be_repeated(store: Store) -> None:
    dispute, statements = make_dispute(store), 0
    while not Event.objects.exists():
        with killing(statements):
            act(dispute, "responded", erp(store))
        statements += 1
        found = (Dispute.objects.get(pk=dispute.pk).state, clocks(dispute), DirtySubject.objects.count())
        assert found in (("open", [("open", None)], 0), ("responded", [("met", NOW)], 1))
    assert statements > 5
