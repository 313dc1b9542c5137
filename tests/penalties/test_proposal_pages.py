"""The pages on which two people decide on penalties, and their list (PN-42, PG-20)."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from penalties.models import Penalty, PenaltyProposal
from penalties.presenters.proposals import SOURCES, source_choices
from penalties.rules import PenaltyKind
from penalties.services.points import add_points
from penalties.services.proposals import propose_penalty
from stores.models import Membership, Store, User
from stores.roles import POLICY_EDITOR, REVIEWER, SENIOR_REVIEWER
from tests.orders.build import NOW
from tests.stores.people import client_of, make_staff, make_store

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only, pytest.mark.rule("PN-42", "PG-20")]
QUEUE, PROPOSE = "admin:penalties_penaltyproposal_queue", "admin:penalties_penaltyproposal_propose"


@pytest.fixture(autouse=True)
def travelled() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def store() -> Store:
    return make_store(mode=Store.Mode.GOVERNED, name="Lamp shop")


def english(user: User) -> Client:
    client = client_of(user)
    client.cookies["language"] = "en"
    return client


def page_of(proposal: PenaltyProposal) -> str:
    return reverse("admin:penalties_penaltyproposal_decide", args=[proposal.pk])


def frozen(store: Store, by: User) -> PenaltyProposal:
    kind = PenaltyKind.ACCOUNT_FROZEN
    return propose_penalty(store=store, kind=kind, reason="Goods are fake", by=by, at=NOW, days=7)


def test_one_proposes_another_confirms_and_somebody_lifts(store: Store) -> None:
    first, second = make_staff("first", REVIEWER), make_staff("second", SENIOR_REVIEWER)
    mine, other = english(first), english(second)
    sent = {"store_no": "S1", "kind": "funds_hold", "days": "3", "reason": "Goods are fake"}
    made = mine.post(reverse(PROPOSE), sent)
    proposal = PenaltyProposal.objects.get()
    assert (made.url, proposal.proposed_by, proposal.days) == (page_of(proposal), first, 3)
    own = mine.get(page_of(proposal)).content.decode()
    assert ("You proposed it" in own, 'value="confirm"' in own, 'value="withdraw"' in own) == (True, False, True)
    for do in ("claim", "confirm", "hand_over"):
        assert mine.post(page_of(proposal), {"do": do}).status_code == 409
    assert "Lamp shop" in other.get(reverse(QUEUE)).content.decode()
    assert other.post(reverse("admin:penalties_penaltyproposal_next")).url == page_of(proposal)
    shown = other.get(page_of(proposal)).content.decode()
    assert ("Funds that fall due are held" in shown, "Goods are fake" in shown) == (True, True)
    assert other.post(page_of(proposal), {"do": "refuse", "answer": ""}).status_code == 422
    assert other.post(page_of(proposal), {"do": "confirm", "answer": ""}).url == reverse(QUEUE)
    penalty = Penalty.objects.get()
    listed = other.get(reverse(QUEUE), {"part": "in_force", "kind": "funds_hold"}).content.decode()
    lift = reverse("admin:penalties_penalty_lift", args=[penalty.pk])
    assert ("Goods are fake" in listed, lift in listed) == (True, True)
    assert "No penalty is in force." in other.get(reverse(QUEUE), {"part": "in_force", "store": "S2"}).content.decode()
    lifting = other.post(lift, {"reason": "All papers are there"})
    assert mine.post(lift, {"reason": "Me too"}).status_code == 409
    assert mine.post(lifting.url, {"do": "confirm", "answer": "Right"}).url == reverse(QUEUE)
    penalty.refresh_from_db()
    assert (penalty.ended_at, penalty.ending) == (NOW, "lifted")
    assert mine.get(lift).status_code == 409


@pytest.mark.rule("PN-43")
def test_lifting_of_points_is_proposed_once(store: Store) -> None:
    entry = add_points(store=store, points=6, source="manual", cause="x", rule="PN-43", at=NOW)
    first, second = english(make_staff("first", REVIEWER)), english(make_staff("second", REVIEWER))
    lift = reverse("admin:penalties_pointsentry_lift", args=[entry.pk])
    assert "Propose lifting: 6 points" in first.get(lift).content.decode()
    made = first.post(lift, {"reason": "The wrong store"})
    assert second.post(lift, {"reason": "The wrong store"}).status_code == 409
    assert second.post(made.url, {"do": "confirm"}).status_code == 302
    entry.refresh_from_db()
    assert (entry.lifted_at, first.get(lift).status_code) == (NOW, 409)


def test_loser_is_told_who_decided(store: Store) -> None:
    proposal = frozen(store, make_staff("first", REVIEWER))
    winner, loser = make_staff("winner", REVIEWER), make_staff("loser", REVIEWER)
    english(winner).post(page_of(proposal), {"do": "refuse", "answer": "No proof"})
    late = english(loser).post(page_of(proposal), {"do": "confirm", "answer": ""})
    text = late.content.decode()
    assert (late.status_code, "winner@example.com" in text, "No proof" in text) == (409, True, True)


def test_wrong_proposals_come_back_with_what_is_wrong(store: Store) -> None:
    make_store("M1", mode=Store.Mode.MIRRORED)
    client = english(make_staff("first", REVIEWER))
    good = {"store_no": "S1", "kind": "warning", "reason": "Seen"}
    wrong = {
        "There is no store with this number.": {"store_no": "S9"},
        "The store mirrors another platform": {"store_no": "M1"},
        "A delisting names one listing": {"kind": "listing_delisted"},
        "Say how many points": {"kind": "penalty_points"},
        "This penalty has no period": {"kind": "store_closed", "days": "3"},
    }
    for text, change in wrong.items():
        answer = client.post(reverse(PROPOSE), {**good, **change})
        assert (answer.status_code, text in answer.content.decode()) == (422, True)
    assert not PenaltyProposal.objects.exists()


def test_who_may_not_decide_only_looks(store: Store) -> None:
    first, member = make_staff("first", REVIEWER), make_staff("member", REVIEWER)
    Membership.objects.create(user=member, company=store.company, role="analyst")
    proposal = frozen(store, first)
    editor = english(make_staff("editor", POLICY_EDITOR))
    assert editor.get(page_of(proposal)).status_code == 200
    assert editor.post(page_of(proposal), {"do": "claim"}).status_code == 403
    assert editor.get(reverse(PROPOSE)).status_code == 403
    own = english(member)
    assert 'value="claim"' not in own.get(page_of(proposal)).content.decode()
    assert own.post(page_of(proposal), {"do": "claim"}).status_code == 403
    assert own.post(reverse("admin:penalties_penaltyproposal_next")).url == reverse(QUEUE)
    assert own.post(reverse(PROPOSE), {"store_no": "S1", "kind": "warning", "reason": "x"}).status_code == 403
    assert english(first).post(page_of(proposal), {"do": "withdraw"}).url == reverse(QUEUE)


def test_every_source_of_penalties_has_a_name() -> None:
    assert set(source_choices()) == set(SOURCES)
