"""An appeal in a real browser: on a phone without JavaScript, and with it the number that follows the ticks (AP-01)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from appeals.models import Appeal
from notifications.models import Notice
from stores.models import Store
from tests.appeals.build import make_notice, make_store
from tests.evidence.files import pdf
from tests.stores.people import make_person
from tests.stores.test_browser import fits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.clock, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def store() -> Store:
    """A store with a red notice of yesterday that names three orders."""
    store = make_store()
    notice = make_notice(store)
    Notice.objects.filter(pk=notice.pk).update(
        triggered_at=datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    )
    make_person("seller", store.company)
    return store


def start(page: Page, live_server: Any, store: Store) -> None:
    sign_in(page, live_server, "seller@example.com")
    page.goto(f"{live_server.url}/stores/{store.store_no}/appeals/new/notice/{Notice.objects.get().number}/")
    page.locator("main [type=submit].primary").click()
    page.wait_for_url("**/orders/")


@pytest.mark.rule("AP-01", "AP-02", "PG-11")
def test_appeal_without_javascript_on_a_phone(browser: Browser, live_server: Any, store: Store) -> None:
    context = browser.new_context(
        java_script_enabled=False, locale="en", viewport={"width": 360, "height": 740}, has_touch=True
    )
    page = context.new_page()
    start(page, live_server, store)
    for number in ("L1", "L2"):
        page.locator(f"input[name=order][value={number}]").check()
        page.locator(f"select[name=exception-{number}]").select_option("carrier_fault")
    page.locator("button[value=next]").click()
    page.wait_for_url("**/reasons/")
    expect(page.locator(".aside")).to_contain_text("2")
    page.locator("[name=claim-carrier_fault]").fill("Scanned three days after the hand-over")
    page.locator("#statement").fill("Orders L1 and L2 were handed over in time.")
    page.locator("button[value=next]").click()
    page.wait_for_url("**/evidence/")
    files = [
        {"name": "list.pdf", "mimeType": "application/pdf", "buffer": pdf("Hand-over list")},
        {"name": "notes.pdf", "mimeType": "application/pdf", "buffer": b"just text"},
    ]
    page.locator("#evidence-files").set_input_files(files)  # type: ignore[arg-type]
    page.locator("[data-upload-submit] button").click()
    # The refused one is told by name; the other is kept.
    expect(page.locator(".file.is-refused")).to_contain_text("notes.pdf")
    expect(page.locator("[id^=file-] .name")).to_have_text("list.pdf")
    page.locator("select[name^=kind-]").select_option("carrier_trace")
    page.locator("button[value=next]").click()
    page.wait_for_url("**/check/")
    page.locator("a.primary").click()
    page.wait_for_url("**/submit/")
    page.locator("[name=agree]").check()
    page.locator("main [type=submit].primary").click()
    page.wait_for_url("**/appeals/AP*/")
    appeal = Appeal.objects.get()
    expect(page.locator("h1")).to_contain_text(appeal.number)
    assert appeal.state == "review"
    assert list(appeal.files.values_list("name", "kind")) == [("list.pdf", "carrier_trace")]
    context.close()


@pytest.mark.rule("PN-29", "BX-04", "PG-11")
def test_number_follows_the_ticks_and_pages_fit(page: Page, live_server: Any, store: Store) -> None:
    start(page, live_server, store)
    box = page.locator("input[name=order]").first
    box.check()
    expect(page.locator(".aside .big")).to_be_visible()
    box.uncheck()
    expect(page.locator(".aside .big")).to_be_hidden()
    address = page.url.removesuffix("orders/")
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": 740})
        for step in ("orders/", "reasons/", "evidence/", "check/", "submit/", "", "../"):
            page.goto(address + step)
            assert fits(page), (step, width)
