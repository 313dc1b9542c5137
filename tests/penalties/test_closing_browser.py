"""Closing a store with four eyes, in a real browser: one proposes, another confirms, the seller reads why (PN-42)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.outbox.delivering import run_outbox
from stores.models import Store
from stores.roles import REVIEWER
from tests.appeals.test_review_browser import come_in
from tests.stores.people import make_person, make_staff, make_store
from tests.stores.test_browser import fits

pytestmark = [
    pytest.mark.browser, pytest.mark.clock, pytest.mark.django_db(transaction=True), pytest.mark.rule("PN-42", "PG-20"),
]  # fmt: skip
REASON = "Two parcels were marked as shipped that never left."


def test_store_is_closed_once_a_second_person_confirms(page: Page, live_server: Any) -> None:
    store = make_store(mode=Store.Mode.GOVERNED, name="Lamp shop")
    first, second, seller = (
        make_staff("first", REVIEWER),
        make_staff("second", REVIEWER),
        make_person("s", store.company),
    )
    come_in(page, live_server, first)
    page.goto(f"{live_server.url}/admin/penalties/penaltyproposal/propose/?store_no={store.store_no}")
    page.get_by_label("Penalty", exact=True).select_option("store_closed")
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name="Propose").click()
    expect(page.locator("main")).to_contain_text("You proposed it")
    page.context.clear_cookies()
    come_in(page, live_server, second)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{live_server.url}/admin/")
    expect(page.get_by_role("link", name="Four eyes").last).to_be_visible()
    assert fits(page)
    page.keyboard.press("n")
    page.wait_for_url("**/decide/")
    expect(page.locator("main")).to_contain_text(REASON)
    assert fits(page)
    page.keyboard.press("a")
    expect(page.locator("#messages")).to_contain_text("Confirmed")
    run_outbox(at=datetime.now(UTC))
    assert Store.objects.get().status == Store.Status.CLOSED
    page.context.clear_cookies()
    come_in(page, live_server, seller)
    page.goto(f"{live_server.url}/stores/{store.store_no}/penalties/")
    expect(page.locator(".penalties")).to_contain_text(REASON)
