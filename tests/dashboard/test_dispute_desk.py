"""The dispute desk: order of the list, clocks, answering, evidence, mirrored stores, reading only (PG-08)."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import travel

from disputes.models import Dispute, DisputeAnswer, DisputeEvidence
from orders.models import Message
from stores.models import Store
from tests.disputes.build import DAY, HOUR, NOW, make_dispute, sweep
from tests.orders.build import scan
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.rule("PG-08", "DP-10"), pytest.mark.sqlite_only]


@pytest.fixture
def store(db: None) -> Store:
    return make_store(mode="governed")


@pytest.fixture
def owner(store: Store) -> Client:
    client = client_of(make_person("owner", store.company))
    client.cookies["language"] = "en"
    return client


def desk(store: Store, **query: str) -> str:
    return reverse("dashboard:disputes", args=[store.store_no], query=query)


def page(dispute: Dispute) -> str:
    return reverse("dashboard:dispute", args=[dispute.store.store_no, dispute.dispute_no])


def send(client: Client, dispute: Dispute, do: str, **fields: str) -> Any:
    url = reverse("dashboard:dispute_answer", args=[dispute.store.store_no, dispute.dispute_no])
    given = {"plan": "explain", "text": "On its way.", "language": "es", "template": "not_received", **fields}
    return client.post(url, {**given, "do": do})


def numbers(response: Any) -> list[str]:
    return [row.number for group in response.context["desk"].groups for row in group.rows]


@travel(NOW, tick=False)
def test_what_lapses_first_stands_on_top_then_what_waits_for_others(store: Store, owner: Client) -> None:
    late = make_dispute(store, opened_at=NOW - 30 * HOUR)
    golden = make_dispute(store, opened_at=NOW - 20 * HOUR)
    answered = make_dispute(store, state="responded", responded_at=NOW - HOUR)
    over = make_dispute(store, state="closed", closed_at=NOW - HOUR, liability="seller")
    sweep(at=NOW)
    response = owner.get(desk(store))
    assert numbers(response) == [golden.dispute_no, late.dispute_no, answered.dispute_no]
    tabs = {tab.label: (tab.url, tab.count) for tab in response.context["desk"].tabs}
    assert [count for _url, count in tabs.values()] == [3, 2, 1, 1]
    for url, count in tabs.values():
        assert len(numbers(owner.get(url))) == count
    assert numbers(owner.get(desk(store, part="ended"))) == [over.dispute_no]
    assert numbers(owner.get(desk(store, q=answered.order.order_no))) == [answered.dispute_no]
    assert numbers(owner.get(desk(store, kind="quality"))) == []


@pytest.mark.parametrize(
    ("ago", "word", "left"),
    [
        (24 * HOUR, "golden hours", "00:00:00"),
        (24 * HOUR + timedelta(seconds=1), "late answer", "47:59:59"),
        (5 * DAY, "then judged without your side", "00:00:00"),
    ],
)
def test_the_clock_is_right_by_the_second(store: Store, owner: Client, ago: timedelta, word: str, left: str) -> None:
    dispute = make_dispute(store, opened_at=NOW - ago)
    sweep(at=NOW)
    with travel(NOW, tick=False):
        shown = owner.get(page(dispute)).context["shown"]
    assert (shown.clock_word, shown.clock.due_at - NOW) == (word, timedelta(seconds=_seconds(left)))


def _seconds(face: str) -> int:
    hours, minutes, seconds = map(int, face.split(":"))
    return hours * 3600 + minutes * 60 + seconds


@travel(NOW, tick=False)
def test_a_trace_is_cited_a_message_quoted_and_the_answer_handed_in(store: Store, owner: Client) -> None:
    dispute = make_dispute(
        store, order={"site": "ES", "carrier": "ae_standard", "tracking_no": "LP1", "shipped_at": NOW - 3 * DAY}
    )
    scan(dispute.order, NOW - DAY)
    message = Message.objects.create(
        store=store, order=dispute.order, message_no="M1", sent_at=NOW - HOUR, sender="buyer", text="Ha llegado."
    )
    html = unescape(owner.get(page(dispute)).content.decode())
    assert ("Ha llegado." in html, "LP1" in html, 'value="cite:1"' in html) == (True, True, True)
    # The text begins with the template in the language of the buyer's site.
    assert "Hola" in html
    send(owner, dispute, "cite:1")
    send(owner, dispute, f"quote:{message.pk}")
    send(owner, dispute, f"quote:{message.pk}")
    found = DisputeEvidence.objects.order_by("pk").values_list("kind", "tracking_no", "text")
    assert list(found) == [("full_trace", "LP1", ""), ("buyer_confirmation", "", "Ha llegado.")]
    response = send(owner, dispute, "submit", text="Lo sentimos.")
    assert response.status_code == 302
    answer = DisputeAnswer.objects.get()
    assert (answer.text, answer.language, answer.submitted_at) == ("Lo sentimos.", "es", NOW)
    html = owner.get(page(dispute)).content.decode()
    assert ("Lo sentimos." in html, "Hand in the answer" in html) == (True, False)
    # Evidence can still be added while the clocks run, then no more.
    assert ("Keep the evidence" in html, 'id="evidence-files"' in html) == (True, True)
    with travel(NOW + 5 * DAY, tick=False):
        assert "Keep the evidence" not in owner.get(page(dispute)).content.decode()


@travel(NOW, tick=False)
def test_an_answer_that_lacks_something_is_shown_again_with_what_was_filled_in(store: Store, owner: Client) -> None:
    dispute = make_dispute(store)
    response = send(owner, dispute, "submit", plan="partial_refund", amount="99", text="Half?")
    assert (response.status_code, response.context["shown"].filled.error) == (422, "amount")
    assert "Offer an amount above zero and at most" in response.content.decode()
    assert DisputeAnswer.objects.get().submitted_at is None
    assert "Half?" in owner.get(page(dispute)).content.decode()


@travel(NOW, tick=False)
def test_who_comes_second_is_told_what_happened(store: Store, owner: Client) -> None:
    dispute = make_dispute(store)
    send(owner, dispute, "submit")
    Dispute.objects.filter(pk=dispute.pk).update(state="withdrawn", closed_at=NOW)
    response = send(owner, dispute, "submit", text="Mine.")
    assert response.status_code == 409
    assert "not allowed in the state" in response.content.decode()


@travel(NOW, tick=False)
@pytest.mark.rule("DM-11a")
def test_a_mirrored_store_prepares_and_answers_on_its_platform(db: None) -> None:
    store = make_store("S2", mode="mirrored")
    dispute, owner = make_dispute(store), client_of(make_person("owner", store.company))
    owner.cookies["language"] = "en"
    html = owner.get(page(dispute)).content.decode()
    assert ("Hand in the answer" in html, "Keep the prepared answer" in html, "Case file" in html) == (
        False,
        True,
        True,
    )
    send(owner, dispute, "save", text="Prepared.")
    dispute.refresh_from_db()
    assert (DisputeAnswer.objects.get().text, dispute.state) == ("Prepared.", "open")
    assert send(owner, dispute, "submit").status_code == 409


@travel(NOW, tick=False)
def test_an_analyst_reads_and_changes_nothing(store: Store) -> None:
    dispute, analyst = make_dispute(store), client_of(make_person("analyst", store.company, "analyst"))
    html = analyst.get(page(dispute)).content.decode()
    assert 'name="do"' not in html
    assert send(analyst, dispute, "submit").status_code == 403
