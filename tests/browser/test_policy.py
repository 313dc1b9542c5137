"""The policy preview in a browser: change a field, see the effect, submit, a second editor confirms (BX-14, DM-30)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from notifications.services.previewing import work_previews
from rulebook.models import PolicyDraft, PolicyVersion
from stores.roles import POLICY_EDITOR
from tests.browser import walk
from tests.notifications.test_previewing import make_world
from tests.stores.people import client_of, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.clock, pytest.mark.django_db(transaction=True)]
BEGINS = (datetime(2035, 1, 1)).strftime("%Y-%m-%dT%H:%M")


def opened(page: Page, name: str, site: str, width: int = 1440) -> None:
    session = client_of(make_staff(name, POLICY_EDITOR)).cookies["sessionid"].value
    page.context.add_cookies(
        [{"name": "sessionid", "value": session, "url": site}, {"name": "language", "value": "en", "url": site}]
    )
    page.set_viewport_size({"width": width, "height": 900})


@pytest.mark.rule("BX-14", "DM-30")
def test_change_is_previewed_submitted_and_confirmed_by_another(page: Page, browser: Browser, live_server: Any) -> None:
    make_world(1)
    opened(page, "lin", live_server.url)
    page.goto(f"{live_server.url}/admin/policy/")
    page.get_by_role("button", name="New draft").click()
    page.locator('[name="v:metrics.late_dispatch.yellow"]').fill("3.5")
    page.locator('[name="v:metrics.late_dispatch.yellow"]').press("Tab")
    expect(page.locator("#say-f-metrics-late_dispatch-yellow")).to_contain_text("tighter")
    page.locator('[name="v:metrics.late_dispatch.red"]').fill("3")
    page.locator('[name="v:metrics.late_dispatch.red"]').press("Tab")
    expect(page.locator("#say-f-metrics-late_dispatch-red")).to_contain_text("red must be above yellow")
    page.locator("#say-f-metrics-late_dispatch-red").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("1 change", exact=True)).to_be_visible()

    page.get_by_role("button", name="Compute the preview").click()
    expect(page.locator("#impact [role=progressbar]")).to_be_visible()
    at = timezone.now()
    assert work_previews(clock=lambda: at, until=at + timedelta(minutes=1)) == 1
    expect(page.locator("#impact")).to_contain_text("By orders a month")

    page.get_by_label("In force from").fill(BEGINS)
    page.get_by_role("button", name="Submit for a second person").click()
    expect(page.get_by_text("another policy editor has to confirm it before it begins")).to_be_visible()
    expect(page.get_by_role("button", name="Confirm the version")).to_have_count(0)

    with browser.new_context() as other:
        second = other.new_page()
        opened(second, "zhou", live_server.url, width=360)
        second.goto(page.url)
        assert walk.misfits(second, walk.PHONE) == []
        assert walk.small_targets(second) == []
        assert walk.accessibility_faults(second, dark=True) == []
        second.get_by_role("button", name="Confirm the version").click()
        expect(second.get_by_text("Version 2 is confirmed.")).to_be_visible()
    draft, version = PolicyDraft.objects.get(), PolicyVersion.objects.get(number=2)
    assert (draft.state, version.data["metrics.late_dispatch.yellow"]["value"]) == ("confirmed", "0.035")
