"""Notices in a real browser: on the panel, filtered, on paper, on a phone (PG-03, PG-10, PG-21, PN-30)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.timebase import performance_day
from metrics.services.night import run_night
from notifications.models import Notice, NoticeOrder
from stores.models import Company, Store
from tests.metrics import pages
from tests.notifications.build import ONE_DAY
from tests.stores.people import make_person
from tests.stores.test_browser import fits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.clock, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def number(monkeypatch: pytest.MonkeyPatch, page: Page, live_server: Any) -> str:
    """The number of a red notice of yesterday with 14 orders; a member of its company has signed in."""
    now = datetime.now(UTC).replace(microsecond=0)
    monkeypatch.setattr(pages, "NOW", now)
    monkeypatch.setattr(pages, "TODAY", performance_day(now) - ONE_DAY)
    company = Company.objects.create(company_no="C", name="Company")
    pages.make_store_with_facts(company, "S1", known_until=now)
    Store.objects.update(mode="governed")
    run_night(day=pages.TODAY, at=now)
    make_person("seller", company)
    sign_in(page, live_server, "seller@example.com")
    return Notice.objects.get().number


@pytest.mark.rule("PG-03", "PN-03")
def test_notice_is_found_on_the_panel_and_opened(page: Page, live_server: Any, number: str) -> None:
    page.goto(f"{live_server.url}/stores/S1/")
    page.locator(".todo.now .what a", has_text="%").first.click()
    expect(page.locator("h1")).to_contain_text(number)
    assert Notice.objects.get().state == "opened"


@pytest.mark.rule("PN-30")
def test_problem_orders_are_filtered_in_place_and_back_again(page: Page, live_server: Any, number: str) -> None:
    page.goto(f"{live_server.url}/stores/S1/notices/{number}/")
    rows = page.locator("#notice-orders tbody tr")
    expect(rows).to_have_count(14)
    page.locator("select[name=site]").select_option("ES")
    expect(rows).to_have_count(7)
    page.wait_for_url("**site=ES**")
    page.go_back()
    expect(rows).to_have_count(14)


@pytest.mark.rule("PG-21")
def test_notice_prints_with_all_its_orders_on_few_sheets(page: Page, live_server: Any, number: str) -> None:
    notice = Notice.objects.get()
    # With everything that a notice can hold: the one it replaces, its own mean, long tracking numbers.
    NoticeOrder.objects.update(tracking_no="LP00123456789012CN")
    notice.snapshot["own_mean"] = "0.0123456789"
    notice.replaces = notice
    notice.save()
    page.goto(f"{live_server.url}/stores/S1/notices/{number}/?print=1")
    page.emulate_media(media="print")
    expect(page.locator("#notice-orders tbody tr:visible")).to_have_count(14)
    expect(page.locator("#causes-title")).to_be_visible()
    expect(page.locator(".filter-bar, .button, .nav, .top").locator("visible=true")).to_have_count(0)
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.count(b"/Type /Page") - paper.count(b"/Type /Pages") <= 3


@pytest.mark.rule("PG-10", "PG-19")
def test_pages_fit_a_phone(page: Page, live_server: Any, number: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/messages/", "/stores/S1/notices/", f"/stores/S1/notices/{number}/"):
        page.goto(f"{live_server.url}{path}")
        assert fits(page), path
