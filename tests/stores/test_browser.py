"""Signing in with a real browser: screens on a phone, passkeys under the strict CSP (PG-01, RL-10, RL-11)."""

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.browser import submit_sign_in
from tests.stores.people import PASSWORD, make_person, make_staff, make_store

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.rule("PG-01", "RL-10", "RL-11")]


def sign_in(page: Page, server: Any, email: str, path: str = "/me/") -> None:
    page.goto(f"{server.url}{path}")
    submit_sign_in(page, email, PASSWORD)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.fixture
def authenticator(page: Page) -> None:
    """A passkey that the browser finds, as a phone or key would be."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    settings = {"isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options | settings})


def test_passkey_is_registered_and_signs_in(page: Page, live_server: Any, authenticator: None) -> None:
    make_person("seller", make_store().company)
    sign_in(page, live_server, "seller@example.com")
    page.goto(f"{live_server.url}{reverse('mfa_add_webauthn')}")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form [type=submit].primary").click()
    page.locator("[name=name]").fill("phone")
    page.locator("[name=passwordless]").check()
    page.locator("#mfa_webauthn_add").click()
    expect(page.locator("h1")).to_be_visible()
    page.wait_for_url("**/accounts/2fa/recovery-codes/**")
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/me/")
    page.locator("#passkey_login").click()
    page.wait_for_url("**/me/")
    expect(page.get_by_text("seller@example.com").first).to_be_visible()


def test_tab_goes_from_the_address_over_the_password_to_the_button_and_then_to_the_rest(
    page: Page, live_server: Any
) -> None:
    make_person("seller")
    page.goto(f"{live_server.url}{reverse('account_login')}")
    expect(page.locator("[name=login]")).to_be_focused()
    for selector in ("[name=password]", "form [type=submit].primary", "#passkey_login", "main p a"):
        page.keyboard.press("Tab")
        expect(page.locator(selector).first).to_be_focused()
    expect(page.locator("main p a").first).to_have_attribute("href", reverse("account_reset_password"))


def test_screens_fit_a_phone(page: Page, live_server: Any, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    make_staff("staff", "reviewer", factor=False)
    for path in ("/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"):
        page.goto(f"{live_server.url}{path}")
        assert fits(page), path
        page.screenshot(path=tmp_path / f"{path.strip('/').replace('/', '-')}.png", full_page=True)
    sign_in(page, live_server, "staff@example.com", "/admin/")
    page.wait_for_url("**/accounts/2fa/**")
    for path in ("/accounts/2fa/", "/accounts/sessions/", "/accounts/password/change/", "/accounts/2fa/totp/activate/"):
        page.goto(f"{live_server.url}{path}")
        assert fits(page), path
        page.screenshot(path=tmp_path / f"{path.strip('/').replace('/', '-')}.png", full_page=True)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form [type=submit].primary").click()
    expect(page.locator("#authenticator_secret")).to_be_visible()
    assert fits(page)
    page.screenshot(path=tmp_path / "totp.png", full_page=True)
