"""How tests drive Chromium, and what they hold against a page."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

# Milliseconds that a browser may take for anything: a busy machine is slow, not wrong.
PATIENCE = 60_000
CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class PageFaults:
    """Console errors, uncaught exceptions and requests to other hosts of the pages it watches."""

    def __init__(self, site: str) -> None:
        self.host = urlsplit(site).netloc
        self.found: list[str] = []
        self.expected: list[str] = []

    def expect(self, pattern: str) -> None:
        """Accept faults that match `pattern`: a test that provokes a 404 expects Chromium to mention it."""
        self.expected.append(pattern)

    def watch(self, page: Page) -> None:
        """Collect the faults of `page` from now on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._add(f"uncaught: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._add(f"console {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob", "about"} and address.netloc != self.host:
            self._add(f"request to another host: {request.url}")

    def _add(self, fault: str) -> None:
        if not any(re.search(pattern, fault) for pattern in self.expected):
            self.found.append(fault)


def submit_sign_in(page: Page, email: str, password: str) -> None:
    """Fill in the sign-in page that is open, and wait until it has let the person in."""
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(password)
    page.locator("form [type=submit].primary").click()
    # The sign-in page has a heading too; only the address tells that the session has begun.
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def wait_for_swaps(page: Page) -> None:
    """Wait until htmx has put every answer into the page."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def follow(link: Locator) -> None:
    """Click a link and wait for its page with its scripts: what is chosen before htmx runs, no script hears."""
    with link.page.expect_event("load"):
        link.click()
