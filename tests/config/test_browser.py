"""The sign-in page in a real browser: the strict policy holds, and the fixtures notice when it doesn't."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PATIENCE, PageFaults
from tests.stores.people import make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.rule("RL-10")
def test_sign_in_page_breaks_no_policy(page: Page, live_server) -> None:
    make_person("seller")
    page.goto(f"{live_server.url}/accounts/login/")
    expect(page.locator("input[name=login]")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("document.body.innerHTML = '<a onclick=\"1\">x</a>'; document.querySelector('a').click()", "console error"),
        ("fetch('https://elsewhere.example/').catch(() => 0)", "another host|console error"),
        ("setTimeout(() => { throw new Error('lost') }, 0)", "uncaught"),
    ],
)
def test_faults_of_a_page_are_noticed(
    page: Page, page_faults: PageFaults, live_server, script: str, fault: str
) -> None:
    page.goto(f"{live_server.url}/accounts/login/")
    assert page_faults.found == []
    page.evaluate(script)
    for _turn in range(PATIENCE // 50):
        if page_faults.found:
            break
        page.wait_for_timeout(50)
    noticed, page_faults.found = page_faults.found, []
    assert noticed
    page_faults.expect(fault)
    for each in noticed:
        page_faults._add(each)
