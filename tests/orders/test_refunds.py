"""Refunds and returns: the three answers, silence, what comes back, and what becomes of the order (TM-12, TM-13)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from core.models import Deadline, Event
from core.sweeping import sweep
from evidence.models import EvidenceFile
from orders import commands
from orders.commands import Outcome
from orders.commands.refunds import InvalidAnswerError
from orders.models import Order, Refund, ReturnParcel
from orders.rules.refunds import REFUND_TRANSITIONS
from orders.services.refund_clocks import derive_refund_clocks
from stores.models import Store
from stores.principals import Person, Principal, Program, Scope, System
from tests.intake.helpers import take, write
from tests.orders.build import DAY, HOUR, NOW, make_order
from tests.stores.people import make_person, make_store

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("TM-12")]
SECOND = timedelta(seconds=1)
ANSWER_BY = NOW + 5 * DAY
_numbers = count(1)


@pytest.fixture
def store(db: None) -> Store:
    return make_store(mode="governed")


@pytest.fixture
def seller(store: Store) -> Person:
    return Person(make_person("seller", store.company, "manager"))


def proof(store: Store, name: str = "proof.pdf") -> EvidenceFile:
    number = next(_numbers)
    return EvidenceFile.objects.create(
        company=store.company, sha256=f"{number:064d}", kind="pdf", name=name, size=1, uploaded_at=NOW
    )


def delivered_order(store: Store, **more: Any) -> Order:
    return make_order(
        store,
        **{
            "created_at": NOW - 9 * DAY,
            "paid_at": NOW - 9 * DAY,
            "shipped_at": NOW - 8 * DAY,
            "delivered_given": NOW - DAY,
        }
        | more,
    )


def ask(store: Store, order: Order | None = None, **more: Any) -> Refund:
    """A request of 5 of 20 USD, made at NOW, with its countdown."""
    values: dict[str, Any] = {
        "refund_no": f"R{next(_numbers)}",
        "requested_at": NOW,
        "state": "requested",
        "amount_usd": Decimal(5),
        **more,
    }
    refund = Refund.objects.create(store=store, order=order or delivered_order(store), **values)
    derive_refund_clocks(order_ids=[refund.order_id], at=NOW)
    return refund


def send_back(refund: Refund, **more: Any) -> ReturnParcel:
    parcel = ReturnParcel.objects.create(
        store=refund.store, order=refund.order, return_no=f"B{next(_numbers)}", shipped_back_at=NOW, **more
    )
    derive_refund_clocks(order_ids=[refund.order_id], at=NOW)
    parcel.refresh_from_db()
    return parcel


def erp(store: Store) -> Program:
    return Program("erp-1", store.company_id, frozenset({store.pk}), frozenset({Scope.parse("orders:write")}))


def agree(refund: Refund, by: Principal, at: datetime) -> Outcome:
    return commands.agree_refund(refund=refund, principal=by, at=at)


def offer(refund: Refund, by: Principal, at: datetime) -> Outcome:
    files = [proof(refund.store)]
    return commands.offer_part(refund=refund, amount_usd=Decimal("2.5"), note="worn", files=files, principal=by, at=at)


def refuse(refund: Refund, by: Principal, at: datetime) -> Outcome:
    files = [proof(refund.store)]
    return commands.refuse_refund(refund=refund, reason="buyer_damage", note="", files=files, principal=by, at=at)


ANSWERS: dict[str, Callable[[Refund, Principal, datetime], Outcome]] = {
    "completed": agree,
    "partial": offer,
    "refused": refuse,
}


def clocks(kind: str) -> list[tuple[str, str, datetime]]:
    rows = Deadline.objects.filter(kind=kind).order_by("pk")
    return list(rows.values_list("subject_key", "state", "due_at"))


def kinds() -> list[str]:
    """What happened since the requests."""
    return list(Event.objects.exclude(kind="refund.asked").order_by("pk").values_list("kind", flat=True))


def test_an_agreed_refund_is_paid_at_once_and_leaves_the_rest_of_the_order(store: Store, seller: Person) -> None:
    refund = ask(store)
    outcome = agree(refund, seller, NOW + HOUR)
    assert (outcome.result, refund.state, refund.answered_at, refund.completed_at) == (
        "done",
        "completed",
        NOW + HOUR,
        NOW + HOUR,
    )
    assert (refund.amount_usd, Order.objects.get().state) == (Decimal(5), "delivered")
    assert kinds() == ["refund.agreed", "refund.completed"]
    assert clocks("refund_answer") == [(refund.refund_no, "met", ANSWER_BY)]


@pytest.mark.rule("DM-20", "DM-22")
def test_parts_that_come_to_the_total_refund_the_order(store: Store, seller: Person) -> None:
    order = delivered_order(store)
    first, rest = ask(store, order), ask(store, order, amount_usd=None)
    agree(first, seller, NOW + HOUR)
    agree(rest, seller, NOW + 2 * HOUR)
    order.refresh_from_db()
    assert (rest.amount_usd, order.state, order.refunded_at) == (Decimal(15), "refunded", NOW + 2 * HOUR)
    events = Event.objects.filter(kind="order.refunded").values_list("subject_key", "at", "before", "after")
    after = {"state": "refunded", "refunded_at": (NOW + 2 * HOUR).isoformat()}
    assert list(events) == [(order.order_no, NOW + 2 * HOUR, {"state": "delivered"}, after)]


def test_an_offered_part_is_paid_when_the_buyer_accepts_it(store: Store, seller: Person) -> None:
    refund = ask(store)
    assert offer(refund, seller, NOW + HOUR).result == "done"
    assert (refund.state, refund.offered_usd, refund.note, refund.amount_usd) == (
        "partial",
        Decimal("2.5"),
        "worn",
        Decimal(5),
    )
    assert [file.name for file in refund.files.all()] == ["proof.pdf"]
    commands.complete_refund(refund=refund, principal=erp(store), at=NOW + DAY)
    assert (refund.state, refund.amount_usd, refund.asked_usd) == ("completed", Decimal("2.5"), Decimal(5))


def test_a_refusal_keeps_its_reason_and_proof(store: Store, seller: Person) -> None:
    refund = ask(store)
    assert refuse(refund, seller, NOW + HOUR).result == "done"
    assert (refund.state, refund.refusal, refund.completed_at) == ("refused", "buyer_damage", None)
    assert refund.files.count() == 1


def test_an_answer_lacks_nothing(store: Store, seller: Person) -> None:
    refund, file = ask(store), proof(store)
    for reason, files in (("because", [file]), ("buyer_damage", [])):
        with pytest.raises(InvalidAnswerError):
            commands.refuse_refund(refund=refund, reason=reason, note="", files=files, principal=seller, at=NOW)
    for amount, note, files in ((5, "worn", [file]), (0, "worn", [file]), (1, " ", [file]), (1, "worn", [])):
        with pytest.raises(InvalidAnswerError):
            commands.offer_part(
                refund=refund, amount_usd=Decimal(amount), note=note, files=files, principal=seller, at=NOW
            )
    assert (Refund.objects.get().state, kinds()) == ("requested", [])


@pytest.mark.rule("DM-22")
def test_each_answer_is_given_in_the_states_that_allow_it(store: Store, seller: Person) -> None:
    for state in (*REFUND_TRANSITIONS, "in the platform's own words"):
        for to, answer in ANSWERS.items():
            refund = ask(store, state=state)
            result = answer(refund, seller, NOW + HOUR).result
            wanted = "agreed" if to == "completed" else to
            expected = (
                {"done"} if state in ("", "requested") else {"repeated"} if state == wanted else {"not_allowed", "late"}
            )
            assert result in expected, (state, to)
            assert refund.state == (to if result == "done" else state)


@pytest.mark.rule("RL-05", "DM-27")
@pytest.mark.parametrize("to", ANSWERS)
def test_an_answer_is_in_time_until_the_last_second(store: Store, seller: Person, to: str) -> None:
    results = [
        (ANSWERS[to](refund, seller, at).result, refund.state)
        for at in (ANSWER_BY - SECOND, ANSWER_BY, ANSWER_BY + SECOND)
        for refund in [ask(store)]
    ]
    assert results == [("done", to), ("done", to), ("late", "requested")]


@pytest.mark.rule("RL-05", "DM-11a")
def test_silence_refunds_in_full_at_the_end_of_the_fifth_day(store: Store) -> None:
    refund = ask(store)
    found = []
    for at in (ANSWER_BY - SECOND, ANSWER_BY, ANSWER_BY + SECOND):
        sweep(at=at)
        refund.refresh_from_db()
        found.append(refund.state)
    assert found == ["requested", "requested", "completed"]
    assert (refund.amount_usd, refund.asked_usd, refund.full, refund.defaulted) == (Decimal(20), Decimal(5), True, True)
    assert (refund.completed_at, Order.objects.get().refunded_at) == (ANSWER_BY, ANSWER_BY)
    assert kinds() == ["deadline.lapsed", "refund.defaulted", "order.refunded"]
    sweep(at=ANSWER_BY + DAY)
    assert len(kinds()) == 3


@pytest.mark.rule("DM-11a")
def test_in_a_mirrored_store_silence_and_answers_change_nothing(db: None) -> None:
    store = make_store(mode="mirrored")
    refund, seller = ask(store), Person(make_person("seller", store.company))
    assert [answer(refund, seller, NOW).result for answer in ANSWERS.values()] == ["mirrored"] * 3
    sweep(at=ANSWER_BY + SECOND)
    assert (Refund.objects.get().state, clocks("refund_answer")) == (
        "requested",
        [(refund.refund_no, "lapsed", ANSWER_BY)],
    )


@pytest.mark.rule("DM-01", "RL-08")
def test_only_the_stores_sellers_answer_and_no_seller_pays(store: Store, seller: Person) -> None:
    refund, others = ask(store), make_store("S2", mode="governed")
    analyst, stranger = make_person("analyst", store.company, "analyst"), make_person("stranger", others.company)
    for principal in (Person(analyst), Person(stranger), System()):
        for answer in ANSWERS.values():
            with pytest.raises(PermissionDenied):
                answer(refund, principal, NOW)
    with pytest.raises(PermissionDenied):
        commands.complete_refund(refund=refund, principal=seller, at=NOW)
    assert kinds() == []


def test_what_is_paid_back_never_passes_the_total(store: Store, seller: Person) -> None:
    order = delivered_order(store)
    first, second = ask(store, order, amount_usd=Decimal(15)), ask(store, order, amount_usd=Decimal(15))
    agree(first, seller, NOW + HOUR)
    agree(second, seller, NOW + HOUR)
    order.refresh_from_db()
    assert (first.amount_usd, second.amount_usd, order.state, order.data_issues) == (
        Decimal(15),
        Decimal(5),
        "refunded",
        0,
    )


# ── Returns ──


@pytest.mark.rule("TM-13")
def test_an_agreed_refund_waits_for_the_goods_and_their_inspection_pays_it(store: Store, seller: Person) -> None:
    refund = ask(store)
    parcel = send_back(refund)
    agree(refund, seller, NOW + HOUR)
    assert (refund.state, refund.completed_at) == ("agreed", None)
    assert commands.accept_return(parcel=parcel, principal=seller, at=NOW + DAY).result == "not_allowed"
    commands.receive_return(parcel=parcel, principal=seller, at=NOW + 2 * DAY)
    assert clocks("return_inspection") == [(parcel.return_no, "open", NOW + 4 * DAY)]
    assert commands.accept_return(parcel=parcel, principal=seller, at=NOW + 3 * DAY).result == "done"
    refund.refresh_from_db()
    assert (parcel.result, parcel.state, refund.state, refund.completed_at) == (
        "accepted",
        "inspected",
        "completed",
        NOW + 3 * DAY,
    )
    assert clocks("return_inspection") == [(parcel.return_no, "met", NOW + 4 * DAY)]


@pytest.mark.rule("TM-13", "RL-05")
def test_an_inspection_is_in_time_until_the_last_second_then_the_buyers_word_counts(
    store: Store, seller: Person
) -> None:
    due_at = NOW + 48 * HOUR
    results = []
    for at in (due_at - SECOND, due_at, due_at + SECOND):
        parcel = send_back(ask(store), received_at=NOW)
        results.append(commands.accept_return(parcel=parcel, principal=seller, at=at).result)
    assert results == ["done", "done", "late"]
    assert sweep(at=due_at).total == 0
    sweep(at=due_at + SECOND)
    parcel.refresh_from_db()
    refund = Refund.objects.get(order=parcel.order_id)
    assert (parcel.result, parcel.inspected_at) == ("as_described", due_at)
    assert (refund.state, refund.amount_usd, refund.completed_at) == ("completed", Decimal(5), due_at)


@pytest.mark.rule("TM-13")
def test_disputed_content_refuses_the_refund_with_the_proof(store: Store, seller: Person) -> None:
    refund = ask(store)
    parcel = send_back(refund, received_at=NOW)
    agree(refund, seller, NOW + HOUR)
    with pytest.raises(InvalidAnswerError):
        commands.dispute_content(parcel=parcel, note="", files=[proof(store)], principal=seller, at=NOW)
    commands.dispute_content(parcel=parcel, note="empty box", files=[proof(store)], principal=seller, at=NOW + DAY)
    refund.refresh_from_db()
    assert (parcel.result, parcel.note, parcel.files.count()) == ("disputed", "empty box", 1)
    assert (refund.state, refund.refusal, refund.files.count()) == ("refused", "returned_incomplete", 1)


# ── Data ──


@pytest.mark.rule("DM-27", "IX-03")
def test_imports_open_countdowns_that_are_ahead_and_end_those_that_were_answered(store: Store, tmp_path: Path) -> None:
    order = delivered_order(store, order_no="A1")
    head = "store_no,refund_no,order_no,requested_at,state,amount_usd"
    old, new = (f"S1,{number},A1,{at.isoformat()}" for number, at in (("R-old", NOW - 6 * DAY), ("R-new", NOW)))
    back = f"store_no,return_no,order_no,received_at\nS1,B-1,A1,{NOW.isoformat()}\n"
    with time_machine.travel(NOW, tick=False):
        take(write(tmp_path / "a", refunds=f"{head}\n{old},requested,1\n{new},requested,2\n", returns=back), as_of=NOW)
    assert clocks("refund_answer") == [("R-new", "open", ANSWER_BY)]
    assert clocks("return_inspection") == [("B-1", "open", NOW + 48 * HOUR)]
    with time_machine.travel(NOW + HOUR, tick=False):
        take(write(tmp_path / "b", refunds=f"{head}\n{new},withdrawn,2\n"), as_of=NOW + HOUR)
    assert clocks("refund_answer") == [("R-new", "void", ANSWER_BY)]
    assert order.refunds.count() == 2
