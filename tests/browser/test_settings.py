"""Team and settings in Chromium: connect a chat on loopback, test it, change a route and the quiet hours (PG-18)."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from notifications.models import CompanySchedule, Connection, Route
from tests.httpserver import allow_loopback, http_server
from tests.notifications.build import make_store
from tests.stores.people import client_of, make_person
from tests.stores.test_browser import fits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.clock,
    pytest.mark.django_db(transaction=True),
    pytest.mark.rule("PG-18", "BX-08"),
]


def test_manager_sets_up_a_chat_routes_and_hours(browser: Browser, live_server: Any, settings: Any) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB")
    client = client_of(make_person("helper", make_store().company, "manager"))
    values = {"sessionid": client.cookies["sessionid"].value, "language": "en"}
    context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in values.items()])
    page = context.new_page()
    with http_server() as chat:
        allow_loopback(settings, chat.port)
        chat.body = b'{"errcode": 0}'
        page.goto(f"{live_server.url}/companies/C-S1/team/")
        page.get_by_role("link", name="DingTalk").click()
        page.get_by_label("Name of the chat").fill("Ops")
        page.get_by_label("Address of the robot").fill(f"{chat.url}?access_token=abcd")
        page.get_by_role("button", name="Connect").click()
        expect(page.get_by_text("DingTalk · Ops: the test was taken after")).to_be_visible()
        chat.body = b'{"errcode": 300001, "errmsg": "token is not exist"}'
        page.get_by_role("button", name="Send a test: DingTalk Ops").click()
        expect(page.get_by_text("the test did not arrive")).to_be_visible()
    expect(page.get_by_label("SMS: Red notices")).to_be_disabled()
    page.get_by_label("DingTalk: Yellow notices").uncheck()
    page.get_by_role("button", name="Save what goes where").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("DingTalk: Yellow notices")).not_to_be_checked()
    page.get_by_label("Quiet from").fill("22:00")
    page.get_by_label("Until", exact=True).fill("08:00")
    page.get_by_role("button", name="Save the hours").click()
    expect(page.get_by_role("img", name="Quiet from 22:00 to 08:00")).to_be_visible()
    assert fits(page)
    assert Route.objects.filter(group="yellow", channel="dingtalk", pace="never").exists()
    assert CompanySchedule.objects.get().quiet_from is not None
    assert Connection.objects.get().state != "ok"
    context.close()
