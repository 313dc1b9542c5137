"""Browser push in Chromium: the page subscribes, a test goes to loopback, the service worker shows it.

Chromium subscribes at its maker's service only, and not at all in the private windows of tests. So the browser's own
``PushManager.subscribe`` is replaced by one that gives an address on loopback, and what arrives there is handed to the
real service worker by the browser's debugging protocol, as its push service would.
"""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser, expect

from notifications.models import PushSubscription
from tests.httpserver import allow_loopback, http_server
from tests.notifications.build import make_store
from tests.notifications.channels.test_push import Browser as Receiving
from tests.stores.people import client_of, make_person
from tests.stores.test_browser import fits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.clock,
    pytest.mark.django_db(transaction=True),
    pytest.mark.rule("PN-02", "PG-18"),
]
SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(
    one => [one.title, one.body, one.tag, one.data.path])"""


def test_browser_subscribes_and_shows_each_message_once(browser: Browser, live_server: Any, settings: Any) -> None:
    # Chromium without a window calls itself HeadlessChrome.
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
    size = {"width": 360, "height": 740}
    context = browser.new_context(permissions=["notifications"], viewport=size, user_agent=agent)
    client = client_of(make_person("seller", make_store().company))
    values = {"sessionid": client.cookies["sessionid"].value, "language": "en"}
    context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in values.items()])
    page = context.new_page()
    with http_server() as service:
        service.answers = [201]
        allow_loopback(settings, service.port)
        receiving = Receiving(f"{service.url}/x", ec.generate_private_key(ec.SECP256R1()))
        given = json.dumps(receiving.subscription())
        page.add_init_script(f"PushManager.prototype.subscribe = async () => ({{toJSON: () => JSON.parse({given})}})")
        session = context.new_cdp_session(page)
        registrations: list[str] = []
        session.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda event: registrations.extend(one["registrationId"] for one in event["registrations"]),
        )
        session.send("ServiceWorker.enable")
        page.goto(f"{live_server.url}/me/mail/")
        page.get_by_role("button", name="Show messages in this browser").click()
        expect(page.get_by_text("This browser gets your messages.")).to_be_visible()
        assert fits(page)
        page.get_by_role("button", name="Send a test to Chrome, Linux").click()
        expect(page.get_by_text("Chrome, Linux: the test was taken after")).to_be_visible()
        pushed = receiving.read(service.received[0].body)
    for _time in range(2):
        session.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": live_server.url, "registrationId": registrations[0], "data": json.dumps(pushed)},
        )
    page.wait_for_function(f"async () => (await ({SHOWN})()).length > 0")
    assert page.evaluate(SHOWN) == [
        ["This is a test.", "Messages of Dianwei reach this browser.", pushed["id"], "/messages/"]
    ]
    page.get_by_role("button", name="Switch off Chrome, Linux").click()
    expect(page.get_by_text("The browser gets no messages any more.")).to_be_visible()
    assert not PushSubscription.objects.exists()
