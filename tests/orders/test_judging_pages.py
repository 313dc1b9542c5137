"""The pages on which operations decide risk cases, pickup proofs and logistics claims (PG-20, TM-11)."""

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.pages.components import Fact
from orders import cases
from orders.cases import CaseKind, declare_case_kinds
from orders.models import LogisticsClaim, RiskCase
from orders.services.cases import open_risk_case
from stores.models import Membership
from stores.roles import POLICY_EDITOR, REVIEWER, SENIOR_REVIEWER
from tests.orders.build import HOUR, NOW
from tests.orders.test_logistics import World, build
from tests.stores.people import client_of, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only, pytest.mark.rule("PG-20")]


@pytest.fixture(autouse=True)
def travelled(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(cases, "_kinds", dict(cases._kinds))
    facts = [Fact("days", "5")]
    declare_case_kinds(
        CaseKind("some", "TM-07", "Some kind", "Is it?", "It is.", "It is not.", lambda _c: facts, lambda _c: "/x")
    )
    with time_machine.travel(NOW, tick=False):
        yield


def claim_url(row: LogisticsClaim) -> str:
    return reverse("admin:orders_logisticsclaim_review", args=[row.pk])


def english(client: Client) -> Client:
    client.cookies["language"] = "en"
    return client


@pytest.mark.rule("TM-11")
def test_proof_is_claimed_read_beside_the_data_and_accepted() -> None:
    world = build()
    row = world.hand_in()
    facts = {"pages": [{"words": [[1, "UB1", 0, 0, 0, 0, 100], [1, "2026-11-18", 0, 0, 0, 0, 100]]}]}
    row.files.get().file.__class__.objects.update(facts=facts)
    client = english(client_of(world.judge))
    queue = client.get(reverse("admin:orders_logisticsclaim_queue")).content.decode()
    assert (world.order.order_no in queue, claim_url(row) in queue) == (True, True)
    assert client.post(claim_url(row), {"do": "claim"}).status_code == 302
    page = client.get(claim_url(row)).content.decode()
    assert page.count('class="status') >= 3
    assert 'value="accept"' in page
    assert client.post(claim_url(row), {"do": "accept"}).url == reverse("admin:orders_logisticsclaim_queue")
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("accepted", world.judge)


@pytest.mark.rule("RL-06")
def test_loser_is_told_who_decided() -> None:
    world = build()
    row = world.hand_in()
    first, second = client_of(world.judge), client_of(make_staff("other", REVIEWER))
    assert first.post(claim_url(row), {"do": "refuse", "reason": "Another number"}).status_code == 302
    late = second.post(claim_url(row), {"do": "accept", "reason": "x"})
    text = late.content.decode()
    assert (late.status_code, "judge@example.com" in text, "Another number" in text) == (409, True, True)


def test_refusal_says_what_is_wrong() -> None:
    world = build()
    row = world.hand_in()
    client = client_of(world.judge)
    client.post(claim_url(row), {"do": "claim"})
    assert client.post(claim_url(row), {"do": "refuse", "reason": " "}).status_code == 422


def case_of(world: World) -> RiskCase:
    return open_risk_case(
        store=world.store,
        kind="some",
        subject_kind="order",
        subject_key=world.order.order_no,
        facts={},
        at=NOW - HOUR,
        dedupe="x",
    )


def case_url(case: RiskCase) -> str:
    return reverse("admin:orders_riskcase_decide", args=[case.pk])


def test_case_is_claimed_handed_over_and_confirmed() -> None:
    world = build()
    case, senior = case_of(world), make_staff("senior", SENIOR_REVIEWER)
    first, second = client_of(world.judge), client_of(senior)
    queue = first.get(reverse("admin:orders_riskcase_queue")).content.decode()
    assert ("Some kind" in queue, world.order.order_no in queue) == (True, True)
    assert first.post(case_url(case), {"do": "claim"}).status_code == 302
    assert second.post(case_url(case), {"do": "confirm", "code": "proven", "reason": "x"}).status_code == 409
    assert first.post(case_url(case), {"do": "hand_over", "to": senior.pk}).status_code == 302
    for wrong in ({"reason": ""}, {"reason": "seen"}, {"reason": "seen", "code": "explained"}):
        assert second.post(case_url(case), {"do": "confirm", **wrong}).status_code == 422
    assert second.post(case_url(case), {"do": "confirm", "code": "proven", "reason": "seen"}).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.decided_by, case.code, case.reason) == ("confirmed", senior, "proven", "seen")
    decided = first.get(reverse("admin:orders_riskcase_queue"), {"kind": "decided"}).content.decode()
    assert world.order.order_no in decided


def test_who_may_not_decide_only_looks() -> None:
    world = build()
    case, row = case_of(world), world.hand_in()
    editor = client_of(make_staff("editor", POLICY_EDITOR))
    for url in (case_url(case), claim_url(row)):
        assert editor.get(url).status_code == 200
        assert editor.post(url, {"do": "claim"}).status_code == 403
    Membership.objects.create(user=world.judge, company=world.store.company, role="analyst")
    own = client_of(world.judge)
    for url in (case_url(case), claim_url(row)):
        assert 'value="claim"' not in own.get(url).content.decode()
        assert own.post(url, {"do": "claim"}).status_code == 403


def test_first_case_of_the_queue_is_claimed_by_due_instant_then_age() -> None:
    world = build()
    old = case_of(world)
    due = open_risk_case(
        store=world.store,
        kind="some",
        subject_kind="order",
        subject_key="D",
        facts={},
        at=NOW,
        dedupe="due",
        due_at=NOW + HOUR,
    )
    judge = client_of(world.judge)
    claimed = [judge.post(reverse("admin:orders_riskcase_next")).url for _ in range(3)]
    assert claimed == [case_url(due), case_url(old), reverse("admin:orders_riskcase_queue")]
    row = world.hand_in()
    assert judge.post(reverse("admin:orders_logisticsclaim_next") + "?part=proofs").url == claim_url(row)


@pytest.mark.rule("TM-07")
def test_what_a_confirmation_brings_is_shown_before_it() -> None:
    world = build()
    case = open_risk_case(
        store=world.store,
        kind="fake_dispatch",
        subject_kind="order",
        subject_key=world.order.order_no,
        facts={
            "cause": "no_pickup",
            "detail": "",
            "at": NOW.isoformat(),
            "carrier": "CNE",
            "tracking_no": "UB1",
            "shipped_at": NOW.isoformat(),
            "site": "BR",
        },
        at=NOW - HOUR,
        dedupe="x",
    )
    judge = english(client_of(world.judge))
    judge.post(case_url(case), {"do": "claim"})
    assert "6 points; fake dispatch no. 1 within 365 days" in judge.get(case_url(case)).content.decode()
    assert judge.post(case_url(case), {"do": "confirm", "code": "proven", "reason": "seen"}).status_code == 302
    page = judge.get(case_url(case)).content.decode()
    assert ("6 points" in page, "The facts prove it" in page) == (True, True)
