"""The pages of the message desk: lists, a thread with its reply, own templates, guides (PN-15, PN-23, AF-09)."""

import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from insights.services.checks import check_stores
from orders.models import GuideText, Message, OutgoingMessage, ReplyTemplate
from orders.services.examining import examine_messages
from orders.services.threads import derive_threads_of
from stores.models import Store
from tests.orders.build import DAY, HOUR, NOW, make_order
from tests.orders.test_messages import say
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]


@pytest.fixture(autouse=True)
def _at_now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def store() -> Store:
    return make_store(mode="governed")


@pytest.fixture
def seller(store: Store) -> Client:
    return signed_in(store)


def signed_in(store: Store, role: str = "manager") -> Client:
    client = client_of(make_person(f"{role}-{store.store_no}", store.company, role))
    client.cookies["language"] = "en"
    return client


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(f"/stores/S1/messages/{address}")
    assert answer.status_code == status
    return answer.content.decode()


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.rule("PN-23", "AF-13")
def test_who_waits_longest_is_first_and_counts_open_as_many(store: Store, seller: Client) -> None:
    orders = [make_order(store, order_no=f"W-{number}", site="RU") for number in range(3)]
    for hours, order in ((1, orders[0]), (30, orders[1]), (5, orders[2])):
        say(order, NOW - hours * HOUR, f"asked {hours} hours ago")
    answered = make_order(store, order_no="A-1", site="RU")
    say(answered, NOW - HOUR, sender="seller")
    derive_threads_of([order.pk for order in (*orders, answered)])
    html = page(seller, "")
    assert re.findall(r">(W-\d|A-\d)</a>", html) == ["W-1", "W-2", "W-0"]
    assert 'Not answered <span class="count">3</span>' in html
    assert plain(html).count("target missed") == 2
    assert re.findall(r">(W-\d|A-\d)</a>", page(seller, "?part=all")) == ["A-1", "W-0", "W-2", "W-1"]
    assert re.findall(r">(W-\d|A-\d)</a>", page(seller, "?number=W-2")) == ["W-2"]
    assert "Every buyer is answered" in page(seller, "?site=FR")


@pytest.mark.rule("TM-14")
def test_signs_of_a_low_rating_are_listed_as_the_risk_board_counts_them(store: Store, seller: Client) -> None:
    early = {"delivered_given": NOW - 4 * HOUR, "estimated_delivery_at": NOW}
    late = {"delivered_given": NOW - 2 * HOUR, "estimated_delivery_at": NOW - 2 * DAY - 3 * HOUR}
    worded = make_order(store, order_no="L-1", site="RU", paid_at=NOW - DAY, shipped_at=NOW - DAY, **early)
    make_order(store, order_no="L-2", site="RU", paid_at=NOW - 9 * DAY, shipped_at=NOW - 8 * DAY, **late)
    make_order(store, order_no="L-3", site="RU", paid_at=NOW - DAY)
    say(worded, NOW - HOUR, "Я разочарован")
    examine_messages(at=NOW)
    check_stores(store_ids=[store.pk], at=NOW)
    html = page(seller, "?part=low_star")
    assert 'Signs of a low rating <span class="count">2</span>' in html
    assert re.findall(r">(L-\d)</a>", html) == ["L-2", "L-1"]
    assert "Delivered 2 days after the estimated delivery." in html
    assert "no message yet" in html
    assert html.count("The buyer wrote “разочарован”.") == 1
    assert plain(html).count("after the estimated delivery.") == 1
    assert re.findall(r">(L-\d)</a>", page(seller, "?part=low_star&number=L-2")) == ["L-2"]
    assert "The buyer wrote “разочарован”." in page(seller, "thread/L-1/")
    board = seller.get(f"/stores/{store.store_no}/risk/flags/low_star_tendency/").content.decode()
    assert set(re.findall(r"orders/(L-\d)/", board)) == {"L-1", "L-2"}


@pytest.mark.rule("PN-23")
def test_a_reply_that_would_not_count_is_warned_of_before_it_is_sent(store: Store, seller: Client) -> None:
    order = make_order(store, order_no="R-1", site="RU")
    asked = say(order, NOW - HOUR)
    derive_threads_of([order.pk])
    text = "您好，您的包裹已经发出，预计十天内送达，请您耐心等待，谢谢您的理解。"
    posted = {"text": text, "seen": asked.pk, "template": ""}
    answer = seller.post("/stores/S1/messages/thread/R-1/", posted)
    assert answer.status_code == 422
    assert "This reads as Chinese, which is no language of the buyer&#x27;s site (Russian)." in answer.content.decode()
    assert not Message.objects.filter(sender="seller").exists()
    answer = seller.post("/stores/S1/messages/thread/R-1/", {**posted, "anyway": "1"})
    assert answer.status_code == 302
    assert Message.objects.get(sender="seller").language == "zh"
    assert "not a language of the site, does not count as a reply" in page(seller, "thread/R-1/")


@pytest.mark.rule("PN-15", "PN-23")
def test_a_template_is_filled_in_previewed_and_sent(store: Store, seller: Client) -> None:
    order = make_order(store, order_no="T-1", site="RU", carrier="cainiao", tracking_no="LP7", shipped_at=NOW - DAY)
    asked = say(order, NOW - HOUR)
    own = ReplyTemplate.objects.create(
        company=store.company,
        name="Where it is",
        language="en",
        text="Order {order_no} travels as {tracking_no}, and will reach you soon.",
        changed_at=NOW,
        actor="person:1",
    )
    html = page(seller, "thread/T-1/?template=shipped:not_received")
    assert "Здравствуйте" in html
    html = page(seller, f"thread/T-1/?template=own:{own.pk}")
    assert "Order T-1 travels as LP7, and will reach you soon." in html
    form = {"text": own.text, "template": f"own:{own.pk}", "seen": asked.pk}
    preview = seller.post("/stores/S1/messages/thread/T-1/preview/", form)
    assert "Order T-1 travels as LP7" in preview.content.decode()
    assert seller.post("/stores/S1/messages/thread/T-1/", {**form, "preview": "1"}).status_code == 200
    assert not OutgoingMessage.objects.exists()
    assert seller.post("/stores/S1/messages/thread/T-1/", form).status_code == 302
    sent = OutgoingMessage.objects.get()
    assert (sent.text, sent.template, sent.language) == (
        "Order T-1 travels as LP7, and will reach you soon.",
        f"own:{own.pk}",
        "en",
    )


@pytest.mark.rule("AF-12")
def test_asking_for_reviews_is_warned_of(store: Store, seller: Client) -> None:
    make_order(store, order_no="S-1", site="US")
    form = {"text": "Thank you for your order! Add us on WhatsApp and {gift}.", "seen": 0}
    html = seller.post("/stores/S1/messages/thread/S-1/preview/", form).content.decode()
    assert "“whatsapp” may be taken for asking for a review" in html
    assert "There is no variable {gift}." in html


@pytest.mark.rule("RL-06")
def test_who_answers_second_is_shown_the_first_answer(store: Store, seller: Client) -> None:
    order = make_order(store, order_no="C-1", site="US")
    asked = say(order, NOW - HOUR)
    say(order, NOW, "A colleague answered", "seller")
    answer = seller.post("/stores/S1/messages/thread/C-1/", {"text": "My own answer", "seen": asked.pk})
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "Somebody wrote meanwhile" in html
    assert "A colleague answered" in html
    assert "My own answer" in html


@pytest.mark.rule("DM-11a")
def test_a_mirrored_stores_text_waits_to_be_copied(db: None) -> None:
    store = make_store(mode="mirrored")
    client = signed_in(store)
    make_order(store, order_no="M-1", site="US")
    html = page(client, "thread/M-1/")
    assert "copy the text and send it there" in html
    client.post("/stores/S1/messages/thread/M-1/", {"text": "Your parcel is on its way.", "seen": 0})
    html = page(client, "?part=to_copy")
    assert 'To copy <span class="count">1</span>' in html
    assert "Your parcel is on its way." in html
    assert "nothing can be sent from here" in html
    assert "Comes back with the next import" in page(client, "thread/M-1/")


@pytest.mark.rule("DM-01")
def test_analysts_read_threads_and_write_nothing(store: Store) -> None:
    make_order(store, order_no="N-1", site="US")
    client = signed_in(store, "analyst")
    assert 'id="composer"' not in page(client, "thread/N-1/")
    assert client.post("/stores/S1/messages/thread/N-1/", {"text": "Hello"}).status_code == 403
    page(client, "templates/new/", 403)


@pytest.mark.rule("PN-15", "PN-23")
def test_own_templates_are_written_changed_and_removed(store: Store, seller: Client) -> None:
    address = "/stores/S1/messages/templates/"
    assert "No automatic reply for absence" in page(seller, "")
    form = {"name": "Away", "language": "en", "text": "Back on Monday.", "absence": "on"}
    assert seller.post(f"{address}new/", form).status_code == 302
    template = ReplyTemplate.objects.get()
    assert (template.name, template.absence, template.version) == ("Away", True, 1)
    assert "No automatic reply for absence" not in page(seller, "")
    again = seller.post(f"{address}new/", form)
    assert again.status_code == 422
    assert "There is a template of this name" in again.content.decode()
    unknown = seller.post(f"{address}new/", {**form, "name": "Odd", "text": "Hello {name}"})
    assert "No such variable: {name}." in unknown.content.decode()
    changed = {**form, "text": "Back on Tuesday.", "expected": 1}
    assert seller.post(f"{address}{template.pk}/", changed).status_code == 302
    late = seller.post(f"{address}{template.pk}/", {**changed, "text": "Never back."})
    assert late.status_code == 409
    assert "changed this template meanwhile" in late.content.decode()
    template.refresh_from_db()
    assert (template.text, template.version) == ("Back on Tuesday.", 2)
    assert seller.post(f"{address}{template.pk}/remove/").status_code == 302
    assert not ReplyTemplate.objects.exists()


@pytest.mark.rule("AF-09")
def test_guides_are_changed_per_language_and_listing(store: Store, seller: Client) -> None:
    make_order(store, order_no="G-1", sku_given="LAMP", site="RU")
    store.listings.create(sku="LAMP", title="Desk lamp")
    assert "built in" in page(seller, "guides/")
    form = {"text": "Order {order_no}: {title}", "expected": 0}
    html = seller.post("/stores/S1/messages/guides/first/en/?sku=LAMP", {**form, "preview": "1"}).content.decode()
    assert "Order G-1: Desk lamp" in html
    assert not GuideText.objects.exists()
    assert seller.post("/stores/S1/messages/guides/first/en/?sku=LAMP", form).status_code == 302
    assert seller.post("/stores/S1/messages/guides/first/en/?sku=LAMP", form).status_code == 409
    row = GuideText.objects.get()
    assert (row.sku, row.language, row.stage, row.version, row.text) == ("LAMP", "en", "first", 1, form["text"])
    assert "of this listing, version 1" in page(seller, "guides/?sku=LAMP")
    assert "of this listing" not in page(seller, "guides/")
    assert "no listing of that SKU" in page(seller, "guides/?sku=VASE")
    page(seller, "guides/first/en/?sku=VASE", 404)
    page(seller, "guides/third/en/", 404)
