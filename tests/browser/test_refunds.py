"""One refund is agreed to and another refused with proof, on a desk and on a phone (TM-12)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from orders.models import Refund
from orders.services.refund_clocks import derive_refund_clocks
from stores.models import Store
from tests.browser.test_appeal_flow import PHONE, WIDE, come_in
from tests.evidence.files import pdf
from tests.orders.build import DAY, make_order
from tests.stores.people import make_person, make_store
from tests.stores.test_browser import fits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.clock,
    pytest.mark.sqlite_only,
    pytest.mark.django_db(transaction=True),
    pytest.mark.rule("TM-12"),
]


def asked(store: Store, number: str) -> Refund:
    """All of a delivered order's 20 USD, asked for an hour ago."""
    now = datetime.now(UTC).replace(microsecond=0)
    paid = {"created_at": now - 9 * DAY, "paid_at": now - 9 * DAY, "shipped_at": now - 8 * DAY}
    order = make_order(store, **paid, delivered_given=now - DAY)
    at = now - timedelta(hours=1)
    refund = Refund.objects.create(store=store, order=order, refund_no=number, requested_at=at, state="requested")
    derive_refund_clocks(order_ids=[order.pk], at=now)
    return refund


def opened(page: Page, live_server: Any, number: str) -> None:
    """From the desk to the refund, which says what silence brings and until when."""
    page.goto(f"{live_server.url}/stores/S1/refunds/")
    assert fits(page)
    page.get_by_role("link", name=number).first.click()
    page.wait_for_url(f"**/{number}/")
    expect(page.locator(".silence")).to_contain_text("If nobody answers by then, 20.00 USD is refunded in full.")
    assert fits(page)


def refuse(page: Page, file: Path) -> None:
    page.locator("#evidence-files").set_input_files(file)
    expect(page.locator("[data-upload-said]")).to_contain_text(f"{file.name}: uploaded")
    page.get_by_label("Refuse", exact=True).check()
    page.get_by_label("Reason of the refusal").select_option("buyer_damage")
    page.get_by_label("What the evidence shows").fill("It left us whole.")
    assert fits(page)
    page.get_by_role("button", name="Send the answer").click()
    expect(page.locator(".page-head")).to_contain_text("refused")


def test_a_refund_is_agreed_to_and_another_refused(browser: Browser, live_server: Any, tmp_path: Path) -> None:
    store = make_store(mode="governed")
    owner = make_person("owner", store.company)
    file = tmp_path / "packing.pdf"
    file.write_bytes(pdf("packed whole"))
    for name, size in (("D", WIDE), ("P", PHONE)):
        agreed, refused = asked(store, f"R-{name}1"), asked(store, f"R-{name}2")
        page = come_in(browser, live_server, owner, size)
        opened(page, live_server, agreed.refund_no)
        page.get_by_label("Agree", exact=True).check()
        page.get_by_role("button", name="Send the answer").click()
        expect(page.locator(".silence")).to_have_count(0)
        opened(page, live_server, refused.refund_no)
        refuse(page, file)
        agreed.refresh_from_db()
        refused.refresh_from_db()
        assert (agreed.state, agreed.amount_usd) == ("completed", 20)
        assert (refused.state, refused.refusal, refused.note) == ("refused", "buyer_damage", "It left us whole.")
        assert [one.name for one in refused.files.all()] == [file.name]


@pytest.mark.rule("DM-11a")
def test_a_prepared_answer_is_copied(browser: Browser, live_server: Any) -> None:
    store = make_store(mode="mirrored")
    refund = asked(store, "R-1")
    clipboard = ["clipboard-read", "clipboard-write"]
    page = come_in(browser, live_server, make_person("owner", store.company), WIDE, permissions=clipboard)
    page.goto(f"{live_server.url}/stores/S1/refunds/{refund.refund_no}/")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    text = f"We agree to refund 20.00 USD for order {refund.order.order_no}."
    assert page.evaluate("navigator.clipboard.readText()").replace("\u00a0", " ") == text
