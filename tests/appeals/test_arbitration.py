"""Arbitration as reviewers see it: first reading, queue, page, verdict; the whole record after an auto review."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import travel

from appeals.presenters.case_file import case_file_data
from appeals.queries.case_file import case_of
from core.models import Event
from disputes.models import Arbitration, ArbitrationDraft, Dispute
from disputes.services.evidence import cite_trace
from notifications.models import InboxMessage
from orders.models import Review
from stores.models import Store, User
from stores.roles import POLICY_EDITOR, REVIEWER, SENIOR_REVIEWER
from tests.disputes.build import DAY, HOUR, NOW, erp, make_dispute, sweep
from tests.orders.build import scan
from tests.outbox import deliver
from tests.stores.people import client_of, make_person, make_staff, make_store

pytestmark = [pytest.mark.rule("DP-19"), pytest.mark.sqlite_only]
ENDS = NOW - HOUR + 5 * DAY
LATER = ENDS + HOUR


@pytest.fixture
def store(db: None) -> Store:
    return make_store(mode="governed")


@pytest.fixture
def found(store: Store) -> Arbitration:
    """A dispute about a parcel that was delivered, with its trace given in time, in arbitration and read."""
    dispute = make_dispute(store, order={"tracking_no": "LP1", "shipped_at": NOW - 3 * DAY})
    scan(dispute.order, NOW - 2 * DAY)
    scan(dispute.order, NOW - DAY, "delivered")
    cite_trace(dispute=dispute, tracking_no="LP1", principal=erp(store), at=NOW)
    sweep(at=ENDS + timedelta(seconds=1))
    deliver()
    return Arbitration.objects.get()


@pytest.fixture
def reviewer() -> User:
    return make_staff("reviewer", REVIEWER)


def browser(user: User) -> Client:
    client = client_of(user)
    client.cookies["language"] = "en"
    return client


def decide(client: Client, found: Arbitration, do: str, **fields: str) -> Any:
    url = reverse("admin:disputes_arbitration_decide", args=[found.pk])
    return client.post(url, {"version": str(found.version), "do": do, **fields})


VERDICT = {"liability": "none", "outcome": "0", "reason": "The carrier's trace shows the delivery."}


def test_a_dispute_is_read_as_soon_as_it_gets_to_arbitration(found: Arbitration) -> None:
    reading = found.first_reading
    assert (reading["liability"], reading["outcome_usd"]) == ("none", "0")
    assert [reason["code"] for reason in reading["reasons"]] == ["delivered"]
    # Events come again after a crash; the first reading stays.
    deliver()
    assert Arbitration.objects.get().first_reading == reading


@travel(LATER, tick=False)
@pytest.mark.rule("PG-20", "PG-19")
def test_the_most_urgent_is_claimed_decided_and_told(found: Arbitration, store: Store, reviewer: User) -> None:
    client = browser(reviewer)
    queue = client.get(reverse("admin:disputes_arbitration_queue"))
    assert [row.number for group in queue.context["groups"] for row in group.rows] == [found.dispute.dispute_no]
    taken = client.post(reverse("admin:disputes_arbitration_next"))
    assert taken.url == reverse("admin:disputes_arbitration_decide", args=[found.pk])
    page = client.get(taken.url).content.decode()
    assert ("The carrier&#x27;s trace shows the delivery." in page, "Send the verdict" in page) == (True, True)
    filled = decide(client, found, "adopt").context
    assert ([one.code for one in filled["choices"] if one.chosen], filled["outcome"]) == (["none"], "0.00")
    assert decide(client, found, "decide", **VERDICT).status_code == 302
    deliver()
    dispute = Dispute.objects.get()
    assert (dispute.state, dispute.liability) == ("closed", "none")
    told = InboxMessage.objects.filter(kind="dispute.closed").get()
    assert (told.parameters["reason"], told.parameters["liability"]) == (VERDICT["reason"], "none")
    owner = browser(make_person("owner", store.company))
    shown = owner.get(reverse("dashboard:dispute", args=[store.store_no, dispute.dispute_no])).content.decode()
    assert "trace shows the delivery." in shown


@travel(LATER, tick=False)
@pytest.mark.rule("RL-06", "DM-02")
def test_who_may_not_or_comes_second_is_told_why(found: Arbitration, reviewer: User) -> None:
    first, second = browser(reviewer), browser(make_staff("second", REVIEWER))
    assert decide(first, found, "claim").status_code == 302
    assert decide(second, found, "claim").status_code == 409
    late = decide(second, found, "decide", **VERDICT)
    assert (late.status_code, "Somebody else was faster" in late.content.decode()) == (409, True)
    page = second.get(reverse("admin:disputes_arbitration_decide", args=[found.pk])).content.decode()
    assert ("has claimed it until" in page, "Send the verdict" in page) == (True, False)
    assert decide(first, found, "decide", liability="none").status_code == 422
    assert decide(browser(make_staff("editor", POLICY_EDITOR)), found, "decide", **VERDICT).status_code == 403
    assert not Dispute.objects.filter(state="closed").exists()


@travel(LATER, tick=False)
@pytest.mark.rule("AP-04", "RL-06")
def test_what_was_filled_in_outlives_the_claim_and_a_colleague_takes_over(found: Arbitration, reviewer: User) -> None:
    other = make_staff("second", REVIEWER)
    first, second = browser(reviewer), browser(other)
    url = reverse("admin:disputes_arbitration_decide", args=[found.pk])
    decide(first, found, "claim")
    assert decide(first, found, "save", liability="carrier", outcome="3.50", reason="Lost").status_code == 302
    assert decide(first, found, "decide", liability="carrier", outcome="4", reason="Lost").status_code == 422
    decide(first, found, "release", liability="carrier", outcome="4", reason="Lost on its way")
    decide(first, found, "claim")
    kept = first.get(url).context
    chosen = [one.code for one in kept["choices"] if one.chosen]
    assert (chosen, kept["outcome"], kept["reason"]) == (["carrier"], "4.00", "Lost on its way")
    assert [name for _pk, name in kept["colleagues"]] == ["second@example.com"]
    # A claim that is somebody else's is handed over by its holder, or by seniors.
    assert decide(second, found, "hand_over", to=str(other.pk)).status_code == 422
    assert decide(second, found, "hand_over", to=str(reviewer.pk)).status_code == 409
    assert decide(first, found, "hand_over", to="").status_code == 422
    assert decide(first, found, "hand_over", to=str(other.pk)).status_code == 302
    assert (second.get(url).context["decides"], second.get(url).context["reason"]) == (True, "")
    senior = browser(make_staff("senior", SENIOR_REVIEWER))
    assert decide(senior, found, "hand_over", to=str(reviewer.pk)).status_code == 302
    assert Event.objects.filter(kind="dispute.arbitration_handed_over").count() == 2
    assert decide(first, found, "decide", **VERDICT).status_code == 302
    assert not ArbitrationDraft.objects.exists()


@pytest.mark.rule("AF-16")
@pytest.mark.parametrize(("reviewed", "scans"), [(timedelta(hours=-1), 70), (timedelta(hours=1), 60)])
def test_a_dispute_after_the_system_s_review_has_the_whole_record(
    store: Store, reviewed: timedelta, scans: int
) -> None:
    dispute = make_dispute(store, order={"tracking_no": "LP1", "shipped_at": NOW - 3 * DAY})
    for minute in range(70):
        scan(dispute.order, NOW - DAY + timedelta(minutes=minute))
    Review.objects.create(store=store, order=dispute.order, kind="auto", created_at=dispute.opened_at + reviewed)
    case = case_of(dispute=dispute, at=NOW + DAY, most=1)
    data = case_file_data(case, language="en", total=1, has_chinese=True, at=NOW + DAY)
    assert (case.whole, len(data["orders"][0]["scans"])) == (scans == 70, scans)
    kind = Review.objects.get().get_kind_display()
    assert any(kind in value for _name, value in data["orders"][0]["facts"])
