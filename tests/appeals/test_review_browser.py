"""Reviewing by keyboard in a real browser, on a desk and on a phone (AP-04, PG-20)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from appeals.models import AppealOrder
from stores.models import User
from tests.appeals.reviews import fresh, reviewer, under_review
from tests.stores.people import client_of
from tests.stores.test_browser import fits

pytestmark = [
    pytest.mark.browser, pytest.mark.clock, pytest.mark.django_db(transaction=True), pytest.mark.rule("AP-04"),
]  # fmt: skip


def come_in(page: Page, live_server: Any, user: User) -> None:
    session = client_of(user).cookies["sessionid"].value
    page.context.add_cookies(
        [
            {"name": name, "value": value, "url": live_server.url}
            for name, value in (("sessionid", session), ("language", "en"))
        ]
    )


def test_appeal_is_claimed_decided_and_sent_by_keyboard(page: Page, live_server: Any) -> None:
    judge = reviewer()
    appeal = under_review(at=datetime.now(UTC) - timedelta(hours=2), orders=2)
    come_in(page, live_server, judge)
    page.goto(f"{live_server.url}/admin/")
    page.keyboard.press("n")
    expect(page.locator("h1")).to_have_text(appeal.number)
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator("#tallies")).to_contain_text("accepted 1")
    # The second order is current now.
    page.keyboard.press("r")
    order = page.locator(".order.is-current")
    order.locator("select").select_option("wrong_order")
    order.get_by_label("tracking number", exact=True).check()
    order.get_by_label("tracking number: the evidence says").fill("SZ9")
    order.locator("textarea").press_sequentially("a letter as proof")
    # No single key acted while it was written.
    expect(order.get_by_label("Reject")).to_be_checked()
    expect(order.locator(".quote")).to_contain_text("the evidence says “SZ9”")
    expect(order.locator(".quote")).to_contain_text("a letter as proof")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/queue/")
    expect(page.locator("#messages")).to_contain_text(f"Decision on {appeal.number} sent.")
    assert fresh(appeal).state == "accepted"
    decisions = AppealOrder.objects.order_by("place").values_list("decision", "remedy")
    assert list(decisions) == [("accepted", ""), ("rejected", "a letter as proof")]


@pytest.mark.rule("PG-20")
def test_desk_queue_and_review_fit_a_phone(page: Page, live_server: Any) -> None:
    appeal = under_review(at=datetime.now(UTC) - timedelta(hours=2))
    come_in(page, live_server, reviewer())
    page.set_viewport_size({"width": 360, "height": 740})
    for path in (
        "",
        "tables/",
        "appeals/appeal/queue/",
        f"appeals/appeal/{appeal.pk}/review/",
        "appeals/appeal/figures/",
    ):
        page.goto(f"{live_server.url}/admin/{path}")
        assert fits(page), path
