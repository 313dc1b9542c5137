"""Dispatch as a seller does it: one order, many with faults in the middle, by scanner; on desk and phone (PG-06)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from orders.models import Order
from stores.models import Carrier, RegisteredCarrier, Store
from tests.browser import follow
from tests.browser.walk import STICKING_OUT, accessibility_faults
from tests.orders.build import make_order
from tests.stores.people import make_person, make_store
from tests.stores.test_browser import sign_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.clock,
    pytest.mark.django_db(transaction=True),
    pytest.mark.rule("PG-06"),
]
GOOD, TYPO, MENDED, ANOTHER = "EA087230279CN", "EA087231353CN", "EA087231359CN", "EA087231362CN"


@pytest.fixture(params=[1440, 360])
def seller(request: pytest.FixtureRequest, page: Page, live_server: Any) -> Page:
    """A governed store with four paid orders; its owner has signed in, at either width."""
    store, now = make_store("S1"), datetime.now(UTC).replace(microsecond=0)
    Store.objects.update(mode=Store.Mode.GOVERNED)
    Carrier.objects.update_or_create(code="EMS", defaults={"name": "EMS", "approved": True})
    RegisteredCarrier.objects.create(store=store, carrier_code="EMS", registered_at=now)
    for number in range(1, 5):
        created = now - timedelta(hours=30 - number)
        make_order(store, order_no=f"80001{number}", created_at=created, paid_at=created)
    make_person("owner", store.company)
    page.set_viewport_size({"width": request.param, "height": 800})
    page.context.add_cookies([{"name": "language", "value": "en", "url": live_server.url}])
    sign_in(page, live_server, "owner@example.com", "/stores/S1/orders/?tab=ship")
    return page


def shipped() -> dict[str, str]:
    return dict(Order.objects.filter(state="shipped").order_by("order_no").values_list("order_no", "tracking_no"))


def heights(page: Page) -> tuple[float, float]:
    """From the top of the box to the last line's result, and what it should be."""
    box, last = page.locator("#lines").bounding_box(), page.locator(".lines li").last.bounding_box()
    assert box is not None
    assert last is not None
    return last["y"] - box["y"], page.locator(".lines li").count() * last["height"]


def test_one_order_and_many_with_faults_in_the_middle_are_dispatched(seller: Page) -> None:
    seller.locator("[data-tick-all] input").check()
    expect(seller.locator("[data-ticked]")).to_have_text("4 ticked")
    seller.get_by_role("button", name="Enter tracking numbers").click()
    box = seller.locator("#lines")
    expect(box).to_have_value("800011\n800012\n800013\n800014")
    box.fill(f"800011\tEMS\t{GOOD}\n800012\tEMS\t{TYPO}\n800019\tEMS\t{ANOTHER}")
    expect(seller.locator("#checked .line-head")).to_contain_text("2 to mend")
    assert seller.evaluate(STICKING_OUT) == []
    assert accessibility_faults(seller, dark=False) == []
    if seller.viewport_size is not None and seller.viewport_size["width"] > 1000:
        reached, expected = heights(seller)
        assert abs(reached + expected / 3 - expected) < 8
    seller.get_by_role("button", name=f"Change to {MENDED}").click()
    expect(box).to_have_value(f"800011\tEMS\t{GOOD}\n800012\tEMS\t{MENDED}\n800019\tEMS\t{ANOTHER}")
    seller.get_by_role("button", name="Dispatch 2 parcels").click()
    expect(seller.locator(".sent")).to_contain_text("2 parcels dispatched")
    expect(seller.locator("#lines")).to_have_value(f"800019\tEMS\t{ANOTHER}")
    assert shipped() == {"800011": GOOD, "800012": MENDED}

    follow(seller.get_by_role("link", name="Barcode scanner"))
    seller.locator("#carrier").select_option("EMS")
    seller.locator("#scan-order").focus()
    for code in ("800013", ANOTHER):
        seller.keyboard.type(code)
        seller.keyboard.press("Enter")
    expect(seller.locator("#scan-order")).to_be_focused()
    expect(seller.locator("#checked .line-head")).to_contain_text("1 line can go")
    seller.get_by_role("button", name="Dispatch 1 parcel").click()
    expect(seller.locator(".sent")).to_contain_text("1 parcel dispatched")

    seller.goto(seller.url.replace("dispatch/", "orders/800014/"))
    seller.locator("#ship-carrier").select_option("EMS")
    seller.locator("#ship-number").fill(GOOD)
    expect(seller.locator("#ship-faults")).to_contain_text("Number re-used")
    seller.locator("#ship-number").fill("EA087231376CN")
    expect(seller.locator("#ship-faults")).to_be_empty()
    seller.locator("#dispatch").get_by_role("button", name="Dispatch").click()
    expect(seller.locator("#messages")).to_contain_text("“ship” is done")
    assert shipped() == {"800011": GOOD, "800012": MENDED, "800013": ANOTHER, "800014": "EA087231376CN"}


def test_keys_go_through_the_list_but_not_while_somebody_writes(seller: Page) -> None:
    seller.keyboard.press("j")
    seller.keyboard.press("j")
    seller.keyboard.press("x")
    expect(seller.locator("tr.is-current input[name=orders]")).to_be_checked()
    expect(seller.locator("tr.is-current")).to_contain_text("800012")
    seller.keyboard.press("/")
    expect(seller.locator("[data-search]")).to_be_focused()
    seller.keyboard.type("xjk")
    expect(seller.locator("[data-search]")).to_have_value("xjk")
    expect(seller.locator("input[name=orders]:checked")).to_have_count(1)
    seller.locator("[data-search]").fill("800013")
    seller.keyboard.press("Enter")
    seller.wait_for_url("**/search/?q=800013")
    expect(seller.locator("tbody tr")).to_contain_text("800013")


def test_lines_that_were_written_before_the_scripts_came_are_checked(seller: Page) -> None:
    seller.route("**/htmx*.js", lambda route: (seller.wait_for_timeout(1500), route.continue_()))
    seller.goto(seller.url.replace("orders/?tab=ship", "dispatch/?orders=800011"), wait_until="commit")
    seller.locator("#lines").fill(f"800011\tEMS\t{GOOD}")
    expect(seller.locator("#checked .line-head")).to_contain_text("1 line can go")
