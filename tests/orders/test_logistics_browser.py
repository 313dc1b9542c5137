"""A pickup proof from the abnormal order to the verdict, in a real browser (TM-11, TM-03)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from orders.models import Order
from orders.queries.pool import in_pool_at
from tests.appeals.test_review_browser import come_in
from tests.browser import follow
from tests.evidence.files import pdf
from tests.orders.test_logistics import build
from tests.stores.test_browser import fits

pytestmark = [
    pytest.mark.browser, pytest.mark.clock, pytest.mark.django_db(transaction=True), pytest.mark.rule("TM-11"),
]  # fmt: skip


def test_proof_is_uploaded_accepted_and_takes_the_order_out_of_the_pool(
    page: Page, live_server: Any, tmp_path: Path
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    paid, shipped = now - timedelta(days=4), now - timedelta(days=3)
    world = build(created_at=paid, paid_at=paid, shipped_at=shipped)
    receipt = tmp_path / "receipt.pdf"
    receipt.write_bytes(pdf("Parcel UB1"))
    store_no = world.store.store_no
    come_in(page, live_server, world.seller.user)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{live_server.url}/stores/{store_no}/logistics/")
    expect(page.locator(".pool")).to_contain_text(world.order.order_no)
    assert fits(page)
    follow(page.get_by_role("link", name="Check and repair"))
    expect(page.get_by_label("Text to copy")).to_contain_text("UB1")
    page.get_by_label("pickup proof").check()
    page.get_by_label("Picked up").fill((now - timedelta(hours=30)).strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("The carrier's documents").set_input_files(receipt)
    assert fits(page)
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#messages")).to_contain_text("Handed in: pickup proof")
    page.context.clear_cookies()
    come_in(page, live_server, world.judge)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/admin/orders/logisticsclaim/queue/")
    page.get_by_role("button", name="Claim", exact=True).click()
    expect(page.locator(".evidence img").first).to_be_visible()
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("Accepted; the seller is told.")
    assert not in_pool_at(Order.objects.all(), datetime.now(UTC)).exists()
    page.context.clear_cookies()
    come_in(page, live_server, world.seller.user)
    page.goto(f"{live_server.url}/stores/{store_no}/order-logistics/{world.order.order_no}/")
    expect(page.locator(".handed-in")).to_contain_text("accepted")
    expect(page.locator(".stays")).to_contain_text("Was in the abnormal pool")
