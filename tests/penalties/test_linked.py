"""Linked stores are re-examined when one reaches a level (DP-05)."""

import json

import pytest
from django.utils import translation

from core.models import Event
from notifications.kinds import message_kind
from notifications.models import InboxMessage
from orders.cases import case_kind
from orders.models import RiskCase
from rulebook.queries import policies
from stores.models import Company, Store
from tests.outbox import deliver
from tests.penalties.nights import DAY, ONE_DAY, close, live, night, publish, result
from tests.stores.people import make_store

pytestmark = [pytest.mark.rule("DP-05"), pytest.mark.django_db]


def make_linked(number: str, licence: str = "", controller: str = "", mode: str = "governed") -> Store:
    company = Company.objects.create(
        company_no=f"C-{number}", name=f"Company {number}", license_no=licence, controller_id=controller
    )
    return make_store(number, company, mode=mode)


@pytest.fixture
def stores() -> dict[str, Store]:
    return {
        "A": make_linked("CANARY", "L1", "K1"),
        "B": make_linked("B", "L1"),
        "C": make_linked("C", "L2", "K1"),
        "D": make_linked("D"),
        "M": make_linked("M", "L1", mode="mirrored"),
    }


def reach(stores: dict[str, Store]) -> None:
    """Store A reaches level 2 in the night in which B is near several thresholds and nothing is known of C."""
    near = {"odr": {**result("ok", 7), "yellow": "0.0080000000"}, "late_dispatch": {**result("ok"), "yellow": "0.04"}}
    publish(stores["A"], DAY, {"liability_rate": "L2"})
    publish(stores["B"], DAY, {"liability_rate": {**result("ok", 30), "yellow": "0.0350000000"}, **near})
    close(DAY)
    deliver()


def test_operations_see_what_each_linked_store_is_near_to(stores: dict[str, Store]) -> None:
    reach(stores)
    [case] = RiskCase.objects.all()
    assert (case.kind, case.store, case.dedupe, case.opened_at) == (
        "linked_stores",
        stores["A"],
        f"L2 {DAY}",
        night(DAY),
    )
    assert case.facts["stores"] == [{"store": "B", "company": "C-B"}, {"store": "C", "company": "C-C"}]
    with translation.override("en"):
        facts = [(fact.name, fact.value, fact.note) for fact in case_kind(case.kind).facts(case)]
    assert facts[1][0] == "Linked store B of company C-B"
    near = "Order defect rate 0.70 % (threshold 0.8 %); Liability rate 3.00 % (threshold 3.5 %)"
    assert facts[1][2].replace("\N{NO-BREAK SPACE}", " ") == near
    assert facts[2][:2] == ("Linked store C of company C-C", "–")


def test_linked_stores_learn_their_own_figures_and_nothing_of_the_other(stores: dict[str, Store]) -> None:
    reach(stores)
    told = {message.store.store_no: message for message in InboxMessage.objects.exclude(store=stores["A"])}
    assert told.keys() == {"B", "C"}
    events = Event.objects.filter(company_no__in=["C-B", "C-C"])
    stored = json.dumps([[row.event, row.parameters] for row in told.values()] + [one.after for one in events])
    assert "CANARY" not in stored
    words = message_kind("linked_stores.examined").words
    with translation.override("en"):
        found = [words(told[number], policies()).text for number in ("B", "C")]
    assert found[0].startswith(
        "A store with the same licence or controller reached level 2 of the liability rate on 2026-03-10"
    )
    assert (
        found[0]
        .replace("\N{NO-BREAK SPACE}", " ")
        .endswith(
            "Near a threshold: Order defect rate 0.70 % (threshold 0.8 %); Liability rate 3.00 % (threshold 3.5 %)."
        )
    )
    assert found[1].endswith("It has no liability rate at present. Nothing is near a threshold.")


def test_each_reaching_is_examined_once(stores: dict[str, Store]) -> None:
    reach(stores)
    close(DAY)
    live(stores["A"], ["L2", "L3"], first=DAY + ONE_DAY)
    deliver()
    assert list(RiskCase.objects.order_by("pk").values_list("dedupe", flat=True)) == [
        f"L2 {DAY}",
        f"L3 {DAY + 2 * ONE_DAY}",
    ]
    assert InboxMessage.objects.filter(kind="linked_stores.examined").count() == 4


def test_a_mirrored_store_has_others_examined_by_its_platform(stores: dict[str, Store]) -> None:
    live(stores["M"], ["L3"])
    live(stores["D"], ["L3"])
    assert not RiskCase.objects.exists()
