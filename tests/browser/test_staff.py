"""The staff's own pages on a phone (PG-20)."""

from typing import Any

import pytest
from playwright.sync_api import Page

from metrics.models import Run
from tests.notifications.build import DAY
from tests.stores.people import client_of, make_staff
from tests.stores.test_browser import fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.rule("PG-20")]


def test_first_page_and_nights_fit_a_phone(page: Page, live_server: Any) -> None:
    Run.objects.create(
        job="performance", day=DAY, stage="facts", state="failed", attempts=5, error="Error: " + "x" * 90
    )
    session = client_of(make_staff("judge", "senior reviewer")).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/admin/", "/admin/metrics/run/nights/", "/admin/rulebook/policyversion/"):
        page.goto(f"{live_server.url}{path}")
        assert page.url.endswith(path)
        assert fits(page), path
