"""What-if as a seller uses it: orders ticked, a pace set, in a browser with and without JavaScript (BX-04)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from stores.models import Company
from tests.browser import PageFaults, shop, wait_for_swaps
from tests.browser.test_main_flow import PHONE, WIDE, address, choose_language, sign_in
from tests.browser.walk import STICKING_OUT, accessibility_faults
from tests.stores.people import make_person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.clock,
    pytest.mark.django_db(transaction=True),
    pytest.mark.rule("BX-04"),
]


@pytest.fixture
def opened(live_server: Any, tmp_path: Path) -> str:
    """The address of the site, of a shop with data."""
    shop.open_shop(tmp_path / "bundle", datetime.now(UTC).replace(microsecond=0))
    make_person("owner", Company.objects.get(company_no=shop.COMPANY))
    return str(live_server.url)


def cell(page: Page, column: int, place: int = 0) -> Any:
    """A cell of the metric that is looked at, on the last known day (0) or the last one ahead (1): 1 as it is, 2 as it
    would be."""
    return (
        page.locator(".before-after")
        .first.locator("tbody")
        .first.locator("tr")
        .nth(1 + place)
        .locator("th, td")
        .nth(column)
    )


def test_orders_are_ticked_and_a_pace_is_set_in_place(
    page: Page, opened: str, live_server: Any, page_faults: PageFaults
) -> None:
    page.goto(opened)
    sign_in(page)
    page.goto(address(live_server, "dashboard:metric", shop.STORE, "late_dispatch"))
    choose_language(page, "en")
    page.get_by_role("link", name="What if these were excluded?").click()
    page.wait_for_url("**/what-if/**")
    expect(page.locator("#what-if input[name=exclude]:checked")).to_have_count(50)
    expect(cell(page, 1)).to_contain_text("red")
    excluded = cell(page, 2).inner_text()
    page.locator("#what-if-chart").hover()
    expect(page.locator("#what-if-chart .main-svg").first).to_be_visible()

    # One order less, swapped in place; the address tells it.
    page.evaluate("window.untouched = true")
    first = page.locator("#what-if tbody input[name=exclude]").first
    number = first.get_attribute("value")
    first.uncheck()
    page.wait_for_url(lambda url: f"exclude={number}" not in url)
    expect(page.locator("#what-if input[name=exclude]:checked")).to_have_count(49)
    expect(cell(page, 2)).not_to_have_text(excluded)
    expect(page.locator("#what-if-chart .drawing path").first).to_be_visible()

    # The next page of the list, the ticks of this one kept above it.
    page.get_by_role("button", name="Earlier").click()
    expect(page.get_by_text("49 ticked orders that are not on this page")).to_be_visible()
    page.locator("#what-if tbody input[name=prevent]").first.check()
    expect(page.get_by_text("failures of 1 order prevented")).to_be_visible()
    expect(page.locator("#what-if input[name=exclude]:checked")).to_have_count(49)

    # A better pace ahead.
    before = cell(page, 2, 1).inner_text()
    page.locator("[name=failures]").fill("0")
    page.locator("[name=failures]").press("Tab")
    expect(page.get_by_text("failures at 0 % of the usual")).to_be_visible()
    expect(cell(page, 2, 1)).not_to_have_text(before)
    assert page.evaluate("window.untouched") is True

    # The address alone gives the same.
    there = cell(page, 2, 1).inner_text()
    page.goto(page.url)
    expect(cell(page, 2, 1)).to_have_text(there)
    page.get_by_role("link", name="Start over").click()
    expect(page.get_by_text("No assumptions yet")).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_ticked_box_stays_where_it_is_and_the_result_in_sight(
    page: Page, opened: str, live_server: Any, size: dict[str, int]
) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto(opened)
    sign_in(page)
    page.goto(address(live_server, "dashboard:what_if", shop.STORE) + "?metric=late_dispatch")
    box = page.locator("#what-if tbody input[name=prevent]").nth(20)
    box.scroll_into_view_if_needed()
    for place in (20, 19):
        box = page.locator("#what-if tbody input[name=prevent]").nth(place)
        before = box.bounding_box()
        with page.expect_response("**/what-if/**"):
            box.check()
        wait_for_swaps(page)
        expect(page.locator("#what-if-said")).not_to_be_empty()
        expect(page.locator(".result-bar")).to_be_in_viewport(ratio=1)
        expect(box).to_be_focused()
        after = box.bounding_box()
        assert before
        assert after
        assert abs(after["y"] - before["y"]) <= 2
        assert page.evaluate(UNCOVERED, box.get_attribute("id"))


# Whether a box is what stands at its place on the screen.
UNCOVERED = """id => {
    const box = document.getElementById(id);
    const at = box.getBoundingClientRect();
    return document.elementFromPoint(at.x + at.width / 2, at.y + at.height / 2) === box;
}"""


def test_the_form_works_without_javascript(browser: Browser, opened: str, live_server: Any) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en")
    page = context.new_page()
    page.goto(opened)
    sign_in(page)
    page.goto(address(live_server, "dashboard:what_if", shop.STORE) + "?metric=late_dispatch")
    ticks = page.locator("#what-if tbody input[name=exclude]")
    numbers = [ticks.nth(place).get_attribute("value") for place in range(2)]
    for place in range(2):
        ticks.nth(place).check()
    # The pager is a button of the form, so what was ticked goes along.
    page.locator("button[name=place][value*=':e:']").click()
    page.wait_for_url(lambda url: "place=" in url)
    page.locator("[name=orders]").fill("30")
    page.locator("#what-if [type=submit].primary").click()
    page.wait_for_url(lambda url: "orders=30" in url)
    assert all(f"exclude={number}" in page.url for number in numbers)
    kept = page.locator(".ticks input[name=exclude]")
    assert [kept.nth(place).get_attribute("value") for place in range(kept.count())] == numbers
    context.close()


@pytest.mark.rule("RL-10")
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_page_is_accessible_and_fits(page: Page, opened: str, live_server: Any, size: dict[str, int]) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto(opened)
    sign_in(page)
    ticks = "&".join(f"exclude={shop.STORE}-{number:04}" for number in range(0, 40, 2))
    page.goto(
        address(live_server, "dashboard:what_if", shop.STORE) + f"?metric=late_dispatch&failures=30&orders=x&{ticks}"
    )
    page.evaluate("document.querySelectorAll('main details').forEach(part => { part.open = true; })")
    faults = accessibility_faults(page, dark=True)
    if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
        faults.append(f"wider than the screen: {page.evaluate(STICKING_OUT)}")
    assert faults == []
