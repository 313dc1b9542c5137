"""An ERP asks, an owner ticks stores and comes back to the ERP with a code (IX-20)."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from api.models import Grant
from api.services.clients import Registration, register_client
from tests.stores.people import client_of, make_person, make_store
from tests.stores.test_browser import fits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.clock,
    pytest.mark.django_db(transaction=True),
    pytest.mark.rule("IX-20"),
]


def test_owner_ticks_stores_and_returns_to_the_program(browser: Browser, live_server: Any) -> None:
    store = make_store("S1")
    make_store("S2", store.company)
    owner = make_person("owner", store.company)
    # The program is this server itself: a browser test asks no other host.
    callback = f"http://127.0.0.1:{urlsplit(live_server.url).port}/healthz"
    client, _ = register_client(
        company=store.company,
        registration=Registration("Mabang", "native", [callback]),
        owner=owner,
        at=timezone.now(),
    )
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": callback,
        "scope": "orders:read orders:write",
        "state": "xyz",
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
    }
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN")
    session = client_of(owner).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/oauth/authorize?{urlencode(asked)}")
    expect(page.get_by_role("heading", name="授权 Mabang 访问")).to_be_visible()
    page.get_by_role("button", name="授权", exact=True).click()
    expect(page.get_by_text("请至少勾选一家店铺。")).to_be_visible()
    assert fits(page)
    page.get_by_label("Store S2").check()
    page.get_by_label("新增和更新订单").uncheck()
    page.get_by_role("button", name="授权", exact=True).click()
    page.wait_for_url(f"{callback}?*")
    answer = parse_qs(urlsplit(page.url).query)
    assert (answer["state"], len(answer["code"])) == (["xyz"], 1)
    context.close()
    grant = Grant.objects.get()
    assert ([one.store_no for one in grant.stores.all()], grant.scopes) == (["S2"], ["orders:read"])
