"""A new installation in Chromium: whoever has the link sets it up and goes on to bring data (PG-18)."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from stores.models import Membership
from stores.setup_token import setup_token
from tests.browser.walk import PHONE, accessibility_faults, misfits, small_targets
from tests.stores.people import PASSWORD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_only,
    pytest.mark.django_db(transaction=True),
    pytest.mark.rule("PG-18"),
]


def test_operator_sets_up_an_empty_installation_on_a_phone(
    browser: Browser, live_server: Any, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB")
    page = context.new_page()
    page.goto(live_server.url)
    expect(page.get_by_role("heading", name="Set up Dianwei")).to_be_visible()
    page.goto(f"{live_server.url}/setup/?token={setup_token()}")
    page.get_by_label("company number").fill("ACME-1")
    page.get_by_label("Name", exact=True).fill("Acme Ltd")
    page.get_by_label("your name").fill("Li Wei")
    page.get_by_label("e-mail address").first.fill("li@example.com")
    page.get_by_label("Password", exact=True).first.fill(PASSWORD)
    page.get_by_label("password again").first.fill(PASSWORD)
    page.get_by_text("Also open an account for operations").click()
    assert [*misfits(page, PHONE), *small_targets(page), *accessibility_faults(page, dark=True)] == []
    page.get_by_role("button", name="Set up and sign in").click()
    page.wait_for_url("**/data/")
    expect(page.get_by_text("Acme Ltd is set up.")).to_be_visible()
    assert Membership.objects.get().user.email == "li@example.com"
    context.close()
