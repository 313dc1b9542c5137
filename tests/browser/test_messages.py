"""A reply from a template: choose it, fill in its variables, read the preview, send it; on a desk and on a phone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from orders.models import Message, Order
from orders.services.threads import derive_threads_of
from stores.models import Store
from tests.browser import follow
from tests.orders.build import make_order
from tests.stores.people import client_of, make_person, make_store
from tests.stores.test_browser import fits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.clock,
    pytest.mark.django_db(transaction=True),
    pytest.mark.rule("PN-15", "PN-23"),
]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}


def asked(store: Store, number: str) -> Order:
    """An order whose buyer waits."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    order = make_order(store, order_no=number, site="RU", carrier="cainiao", tracking_no="LP7", created_at=at)
    Message.objects.create(store=store, order=order, message_no=number, sent_at=at, sender="buyer", text="Где?")
    derive_threads_of([order.pk])
    return order


def come_in(browser: Browser, live_server: Any, store: Store, size: dict[str, int]) -> Page:
    context = browser.new_context(viewport=size)
    client = client_of(make_person(f"seller-{size['width']}", store.company, "manager"))
    values = {"sessionid": client.cookies["sessionid"].value, "language": "en"}
    context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in values.items()])
    return context.new_page()


def answer(page: Page, live_server: Any, number: str) -> None:
    page.goto(f"{live_server.url}/stores/S1/messages/")
    follow(page.get_by_role("link", name=number))
    assert fits(page)
    page.get_by_label("Template").select_option(label="late parcel")
    preview = page.locator("#preview")
    expect(preview).to_contain_text(f"Заказ {number}")
    expect(preview).to_contain_text("LP7")
    text = page.get_by_label("Your message")
    # What is typed is judged while it is typed.
    text.fill("Ваш заказ {order_no} прибудет в пятницу, мы следим за посылкой. Напишите нам в WhatsApp!")
    expect(preview).to_contain_text(f"Ваш заказ {number} прибудет в пятницу")
    expect(preview).to_contain_text("“whatsapp” may be taken for asking for a review")
    text.fill("Ваш заказ {order_no} прибудет в пятницу, мы следим за посылкой.")
    expect(preview).not_to_contain_text("whatsapp")
    assert fits(page)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Sent.")).to_be_visible()
    expect(page.locator(".thread")).to_contain_text(f"Ваш заказ {number} прибудет в пятницу")


def test_a_template_is_chosen_previewed_and_sent(browser: Browser, live_server: Any) -> None:
    store = make_store(mode="governed")
    orders = {name: asked(store, name) for name in ("D-1", "P-1")}
    for name, size in (("D-1", WIDE), ("P-1", PHONE)):
        answer(come_in(browser, live_server, store, size), live_server, name)
    sent = Message.objects.filter(sender="seller").order_by("pk")
    assert [(one.order, one.language) for one in sent] == [(order, "ru") for order in orders.values()]
