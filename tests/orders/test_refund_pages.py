"""The desk of refunds and returns, and the pages of one (TM-12, TM-13)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from orders.commands import receive_return, refuse_refund
from orders.models import Message, Refund, ReturnParcel
from stores.models import Store
from stores.principals import Person
from tests.evidence.files import pdf
from tests.orders.build import DAY, HOUR, NOW
from tests.orders.test_refunds import ask, delivered_order, proof, send_back
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("TM-12", "RL-06")]


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW + HOUR, tick=False):
        yield


@pytest.fixture
def store() -> Store:
    return make_store(mode="governed")


@pytest.fixture
def client(store: Store) -> Client:
    client = client_of(make_person("owner", store.company))
    client.cookies["language"] = "en"
    return client


def url(name: str, row: Refund | ReturnParcel) -> str:
    return reverse(f"orders:{name}", args=[row.store.store_no, str(row)])


def desk(client: Client, store: Store, tab: str = "answer") -> Any:
    return client.get(reverse("orders:refunds", args=[store.store_no]), {"tab": tab})


def shown(response: Any) -> list[tuple[str, str]]:
    return [(row.title, row.action) for row in response.context["rows"]]


def test_the_desk_shows_each_refund_where_it_waits_and_what_lapses_first_in_front(client: Client, store: Store) -> None:
    late, first, last = (
        ask(store, requested_at=NOW + shift, refund_no=number)
        for number, shift in (("R-late", -5 * DAY), ("R-first", -4 * DAY), ("R-last", timedelta()))
    )
    offered, paid = ask(store, state="partial", refund_no="R-offered"), ask(store, state="completed", completed_at=NOW)
    back, away = send_back(first, received_at=NOW), send_back(last)
    assert shown(desk(client, store)) == [("R-first", "Answer"), ("R-last", "Answer")]
    assert shown(desk(client, store, "inspect")) == [(back.return_no, "Inspect")]
    assert shown(desk(client, store, "waiting")) == [("R-offered", "Open"), ("R-late", "Open")]
    assert shown(desk(client, store, "back")) == [(away.return_no, "Open")]
    assert shown(desk(client, store, "over")) == [(paid.refund_no, "Open")]
    counts = [(tab.label, tab.count) for tab in desk(client, store).context["tabs"]]
    assert counts == [
        ("To answer", "2"),
        ("To inspect", "1"),
        ("Waiting for others", "2"),
        ("On their way back", "1"),
        ("Finished", None),
    ]
    assert (late.state, offered.state) == ("requested", "partial")


def test_the_page_says_what_silence_brings_and_when(client: Client, store: Store) -> None:
    refund = ask(store)
    Message.objects.create(
        store=store, order=refund.order, message_no="M1", sent_at=NOW, sender="buyer", text="It is torn."
    )
    page = client.get(url("refund", refund)).content.decode()
    assert "If nobody answers by then, 20.00 USD is refunded in full." in page.replace("\u00a0", " ")
    assert "It is torn." in page


def test_an_incomplete_answer_keeps_what_was_filled_in(client: Client, store: Store) -> None:
    refund = ask(store)
    given = {"answering": "1", "answer": "offer", "amount_usd": "5", "reason": ""}
    response = client.post(url("refund_answer", refund), given)
    assert response.status_code == 422
    form = response.context["form"]
    assert form.errors.keys() == {"amount_usd", "reason", "__all__"}
    assert (form["amount_usd"].value(), Refund.objects.get().state) == ("5", "requested")


def test_proof_is_uploaded_taken_off_and_goes_along_with_the_answer(client: Client, store: Store) -> None:
    refund = ask(store)
    for number in (1, 2):
        file = SimpleUploadedFile(f"photo-{number}.pdf", pdf(f"proof {number}"))
        assert client.post(url("refund_upload", refund), {"files": file}).status_code == 302
    first = refund.files.order_by("pk")[0]
    client.post(url("refund_file_remove", refund), {"remove": first.file_id})
    given = {"answering": "1", "answer": "refuse", "refusal": "buyer_damage", "note": "see photo"}
    assert client.post(url("refund_answer", refund), given).status_code == 302
    refund.refresh_from_db()
    assert (refund.state, refund.refusal, refund.note) == ("refused", "buyer_damage", "see photo")
    assert [one.name for one in refund.files.all()] == ["photo-2.pdf"]
    page = client.get(url("refund", refund))
    assert page.context["form"] is None
    assert "photo-2.pdf" in page.content.decode()
    file = SimpleUploadedFile("late.pdf", pdf("late"))
    assert client.post(url("refund_upload", refund), {"files": file}).status_code == 422


def test_an_offered_part_and_an_agreement_are_sent_from_the_page(client: Client, store: Store) -> None:
    offered, agreed = ask(store), ask(store)
    offered.files.create(file=proof(store), name="proof.pdf", added_at=NOW)
    given = {"answering": "1", "answer": "offer", "amount_usd": "2.50", "reason": "worn"}
    client.post(url("refund_answer", offered), given)
    client.post(url("refund_answer", agreed), {"answering": "1", "answer": "agree"})
    offered.refresh_from_db()
    agreed.refresh_from_db()
    assert (offered.state, offered.offered_usd, agreed.state) == ("partial", Decimal("2.5"), "completed")


def test_who_comes_second_reads_who_was_faster(client: Client, store: Store) -> None:
    refund, colleague = ask(store), Person(make_person("colleague", store.company, first_name="Lin"))
    files = [proof(store)]
    refuse_refund(refund=refund, reason="buyer_damage", note="", files=files, principal=colleague, at=NOW)
    response = client.post(url("refund_answer", refund), {"answering": "1", "answer": "agree"})
    assert response.status_code == 409
    text = response.content.decode()
    assert "Somebody was faster" in text
    assert "Refund refused" in text
    refund.refresh_from_db()
    assert refund.state == "refused"


@pytest.mark.rule("DM-11a")
def test_a_mirrored_store_gets_prepared_answers_and_nothing_to_press(client: Client, store: Store) -> None:
    Store.objects.update(mode="mirrored")
    refund = ask(store)
    page = client.get(url("refund", refund))
    assert (page.context["form"], page.context["upload"]) == (None, None)
    assert [one.key for one in page.context["prepared"]] == ["agree", "offer", "refuse"]
    text = page.content.decode()
    assert "Answer on the platform" in text
    assert text.count("data-copy=") == 3
    assert client.post(url("refund_answer", refund), {"answering": "1", "answer": "agree"}).status_code == 409


def test_analysts_read_and_answer_nothing(store: Store) -> None:
    refund = ask(store)
    analyst = client_of(make_person("analyst", store.company, "analyst"))
    assert analyst.get(url("refund", refund)).context["form"] is None
    assert analyst.post(url("refund_answer", refund), {"answering": "1", "answer": "agree"}).status_code == 403


@pytest.mark.rule("TM-13")
def test_a_return_is_received_then_inspected(client: Client, store: Store) -> None:
    refund = ask(store)
    parcel = send_back(refund)
    assert client.get(url("return", parcel)).context["receives"]
    client.post(url("return_answer", parcel), {"received": "1"})
    page = client.get(url("return", parcel))
    assert "taken as the buyer described it and the refund is paid" in page.content.decode()
    incomplete = client.post(url("return_answer", parcel), {"inspecting": "1", "result": "dispute"})
    assert (incomplete.status_code, incomplete.context["form"].errors.keys()) == (422, {"note", "__all__"})
    file = SimpleUploadedFile("box.pdf", pdf("empty box"))
    client.post(url("return_upload", parcel), {"files": file})
    given = {"inspecting": "1", "result": "dispute", "note": "empty box"}
    assert client.post(url("return_answer", parcel), given).status_code == 302
    parcel.refresh_from_db()
    refund.refresh_from_db()
    assert (parcel.result, refund.state, refund.refusal) == ("disputed", "refused", "returned_incomplete")


@pytest.mark.rule("TM-13", "TM-01")
def test_the_order_page_shows_its_refunds_and_returns(client: Client, store: Store) -> None:
    refund = ask(store)
    parcel = send_back(refund)
    receive_return(parcel=parcel, principal=Person(make_person("seller", store.company)), at=NOW)
    accepted = client.post(url("return_answer", parcel), {"inspecting": "1", "result": "accept"})
    assert accepted.status_code == 302
    page = client.get(reverse("dashboard:order", args=[store.store_no, refund.order.order_no])).content.decode()
    assert refund.refund_no in page
    assert parcel.return_no in page
    other = delivered_order(store)
    empty = client.get(reverse("orders:order_refunds", args=[store.store_no, other.order_no])).content.decode()
    assert "neither asked for money nor sent anything back" in empty
