"""From sign-in to the order that made the number, as a seller goes, on a desk and on a phone (PG-01 … PG-06, PG-16)."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from intake.models import Import
from intake.tasks import run_import_task
from stores.models import Company
from tests.browser import PageFaults, shop, submit_sign_in
from tests.stores.people import PASSWORD, make_person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.clock,
    pytest.mark.django_db(transaction=True),
    pytest.mark.rule("PG-01", "PG-02", "PG-03", "PG-04", "PG-06", "PG-16", "PG-17", "IX-10"),
]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
OWNER = "owner@example.com"


@pytest.fixture
def seller(page: Page, live_server: Any, tmp_path: Path) -> Page:
    """The owner of a shop with data, in front of the sign-in page."""
    shop.open_shop(tmp_path / "bundle", datetime.now(UTC).replace(microsecond=0))
    make_person("owner", Company.objects.get(company_no=shop.COMPANY))
    page.goto(live_server.url)
    return page


def sign_in(page: Page) -> None:
    submit_sign_in(page, OWNER, PASSWORD)


def address(live_server: Any, name: str, *arguments: str) -> str:
    return f"{live_server.url}{reverse(name, args=arguments)}"


def rows(page: Page, place: str) -> Locator:
    return page.locator(f"{place} tbody tr")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_seller_goes_from_sign_in_to_the_order_that_made_the_number(
    seller: Page, live_server: Any, size: dict[str, int]
) -> None:
    page = seller
    page.set_viewport_size(size)  # type: ignore[arg-type]
    sign_in(page)

    # All stores: the one in trouble first; from there to its panel, to the other store's, and back.
    expect(rows(page, "#stores")).to_have_count(2)
    rows(page, "#stores").first.get_by_role("link", name=shop.STORE_NAME).click()
    page.wait_for_url(f"**/stores/{shop.STORE}/")
    switcher = page.locator("header details[data-menu]").first
    switcher.locator("summary").click()
    switcher.get_by_role("link", name=shop.OTHER_NAME).click()
    page.wait_for_url(f"**/stores/{shop.OTHER}/")
    switcher.locator("summary").click()
    switcher.get_by_role("link", name=shop.STORE_NAME).click()
    page.wait_for_url(f"**/stores/{shop.STORE}/")
    expect(page.locator(".todo li").first).to_be_visible()

    # The metric: chart, worked arithmetic, problem orders.
    page.locator(f"main a[href*='/stores/{shop.STORE}/metrics/late_dispatch/']").first.click()
    page.wait_for_url("**/metrics/late_dispatch/**")
    expect(page.locator("#history .drawing").first).to_be_visible()
    expect(page.locator(".sum .result").first).to_contain_text("50.")
    expect(rows(page, "#problems")).to_have_count(50)

    # Filters, order and place in the list are swapped in and stand in the address.
    page.evaluate("window.untouched = true")
    filter_by(page, "carrier", shop.CARRIERS[0])
    page.wait_for_url(f"**carrier={shop.CARRIERS[0]}**")
    expect(rows(page, "#problems")).not_to_have_count(50)
    filtered = rows(page, "#problems").count()
    assert 20 <= filtered < 50
    filter_by(page, "carrier", "")
    expect(rows(page, "#problems")).to_have_count(50)
    first = rows(page, "#problems").first.locator("th a")
    newest = first.inner_text()
    page.locator("#problems a[rel=next]").click()
    page.wait_for_url("**earlier=**")
    expect(first).not_to_have_text(newest)
    page.locator("#problems a[rel=prev]").click()
    expect(first).to_have_text(newest)
    assert page.evaluate("window.untouched") is True
    page.locator("#problems thead a.sort").first.click()
    page.wait_for_url("**sort=**")
    expect(first).not_to_have_text(newest)
    page.go_back()
    expect(first).to_have_text(newest)

    # The download holds the whole list, not the page of it.
    with page.expect_download() as begun:
        page.locator("#problems").get_by_role("link", name="CSV（供程序读取）", exact=True).click()
    with begun.value.path().open(encoding="utf-8-sig", newline="") as stream:
        downloaded = list(csv.DictReader(stream))
    assert len(downloaded) > 50
    assert {row["counter"] for row in downloaded} == {"dispatch_late"}

    # The order, in Chinese and in English.
    first.click()
    page.wait_for_url(f"**/stores/{shop.STORE}/orders/**")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("main h1")).to_contain_text("订单")
    choose_language(page, "en")
    expect(page.locator("main h1")).to_contain_text("Order S1-")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def filter_by(page: Page, name: str, value: str) -> None:
    """Set a filter of the problem orders; on a phone they are folded into a button."""
    button = page.locator("#problems .filters > summary")
    if button.is_visible():
        button.click()
    page.locator(f"#problems [name={name}]").select_option(value)


def choose_language(page: Page, code: str) -> None:
    """With the button in the frame; on a phone it is in the user's menu."""
    button = page.locator(f"button[name=language][value='{code}']:visible")
    if not button.count():
        page.locator("header details.at-end > summary").click()
    button.first.click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans" if code.startswith("zh") else code)
    page.wait_for_load_state()


@pytest.mark.rule("IX-04", "IX-07")
def test_upload_shows_its_progress_and_the_rows_it_rejected(seller: Page, live_server: Any, tmp_path: Path) -> None:
    page = seller
    sign_in(page)
    page.locator("nav a", has_text="数据").click()
    page.wait_for_url("**/data/")
    choose_language(page, "en")
    file = tmp_path / "orders.csv"
    header = "store_no,order_no,created_at,total_amount,currency\n"
    file.write_text(f"{header}S1,NEW-1,2026-05-01T10:00:00Z,9.90,USD\nS1,NEW-2,yesterday,9.90,USD\n")
    page.locator("main input[type=file]").set_input_files(file)
    page.locator("main form [type=submit].primary").click()
    page.wait_for_url("**/data/imports/*/")
    expect(page.locator("#import [role=progressbar]")).to_be_visible()
    expect(page.get_by_role("button", name="Stop this import")).to_be_visible()

    # What the worker does, here and now; the page follows by itself.
    job = Import.objects.latest("pk").pk
    run_import_task(job)
    page.get_by_role("button", name="Import without a trial").click()
    expect(page.locator("#import [role=progressbar]")).to_be_visible()
    run_import_task(job)
    expect(page.locator("#import [role=progressbar]")).to_have_count(0)
    with page.expect_download() as begun:
        page.get_by_role("link", name="Download the refused rows").click()
    with begun.value.path().open(encoding="utf-8-sig", newline="") as stream:
        refused = list(csv.DictReader(stream))
    assert [(row["order_no"], row["column"], row["value"]) for row in refused] == [("NEW-2", "created_at", "yesterday")]
    page.goto(f"{address(live_server, 'dashboard:orders', shop.STORE)}?number=NEW-1&tab=all")
    expect(page.get_by_role("link", name="NEW-1")).to_be_visible()


def test_rulebook_is_searched_in_place_and_by_address(seller: Page, live_server: Any, page_faults: PageFaults) -> None:
    page = seller
    # Leaving the field asks, pressing "Filter" asks again and takes the place of the first, which htmx mentions.
    page_faults.expect("htmx:(afterRequest|sendAbort)")
    sign_in(page)
    page.goto(address(live_server, "rulebook:index"))
    page.locator("main [name=q]").fill("发货")
    page.locator("main form [type=submit]").first.click()
    page.wait_for_url("**q=**")
    expect(page.locator("#TM-02")).to_be_visible()
    expect(page.locator("#SR-05")).to_have_count(0)
    page.goto(f"{address(live_server, 'rulebook:index')}?q=MX-11")
    page.locator("#MX-11 h3 a").click()
    expect(page.locator("#readings")).to_be_visible()
