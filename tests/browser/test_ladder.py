"""What a red notice brings by the clock, and what lifts it, as a seller sees it (PN-02, PN-14, PN-42, PG-12)."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect

from core.outbox.delivering import run_outbox
from core.sweeping import sweep
from core.timebase import performance_day
from metrics.services.night import run_night
from notifications.models import ImprovementPlan, Notice
from notifications.rules import State
from notifications.services.lifecycle import move_notice
from notifications.services.plans import open_plan
from orders.models import RiskCase
from penalties.models import Penalty
from stores.models import Company, Store, User
from tests.browser.test_appeal_flow import fill_in_plan
from tests.metrics import pages
from tests.notifications.build import ONE_DAY, publish
from tests.stores.people import client_of, make_person
from tests.stores.test_browser import fits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.clock,
    pytest.mark.django_db(transaction=True),
    pytest.mark.rule("PN-02", "PN-14", "PN-42", "PG-12"),
]
RESTRICTIONS = {"promotion_block", "search_demotion"}

# Moves the clock to an instant and fires what has lapsed by then.
Travel = Callable[[datetime], None]


@pytest.fixture
def travel() -> Iterator[Travel]:
    journeys = []

    def go(instant: datetime) -> None:
        journey = time_machine.travel(instant, tick=True)
        journey.start()
        journeys.append(journey)
        sweep(at=instant)
        run_outbox(at=instant)

    yield go
    for journey in reversed(journeys):
        journey.stop()


@pytest.fixture
def notice(monkeypatch: pytest.MonkeyPatch, live_server: Any) -> Notice:
    """A red notice of a governed store, issued by last night's run."""
    now = datetime.now(UTC).replace(microsecond=0)
    monkeypatch.setattr(pages, "NOW", now)
    monkeypatch.setattr(pages, "TODAY", performance_day(now) - ONE_DAY)
    company = Company.objects.create(company_no="C", name="Company")
    pages.make_store_with_facts(company, "S1", known_until=now)
    Store.objects.update(mode="governed")
    run_night(day=pages.TODAY, at=now)
    make_person("seller", company)
    return Notice.objects.select_related("store__company").get()


def page_of(browser: Browser, live_server: Any, path: str, width: int = 1440) -> Page:
    """A page of the store as its seller sees it now; sessions don't last as long as the ladder."""
    person = User.objects.get()
    context = browser.new_context(viewport={"width": width, "height": 900})
    values = {"sessionid": client_of(person).cookies["sessionid"].value, "language": "en"}
    context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in values.items()])
    page = context.new_page()
    page.goto(f"{live_server.url}/stores/S1/{path}")
    return page


def in_force() -> set[str]:
    return set(Penalty.objects.filter(ended_at=None).values_list("kind", flat=True))


def test_notice_that_nobody_opens_goes_up_the_ladder_until_the_metric_is_back(
    browser: Browser, live_server: Any, notice: Notice, travel: Travel
) -> None:
    assert in_force() == RESTRICTIONS
    page = page_of(browser, live_server, "penalties/")
    expect(page.locator("main")).to_contain_text("Search demotion")
    expect(page.locator("main")).to_contain_text(notice.number)

    travel(notice.triggered_at + timedelta(hours=72, minutes=1))
    assert in_force() == {*RESTRICTIONS, "flash_deals_block"}
    travel(notice.triggered_at + timedelta(days=7, minutes=1))
    assert in_force() == {*RESTRICTIONS, "flash_deals_block", "funds_hold"}
    page = page_of(browser, live_server, "penalties/", width=360)
    for words in ("Flash deals blocked", "Settlements suspended"):
        expect(page.locator("main")).to_contain_text(words)
    assert fits(page)
    travel(notice.triggered_at + timedelta(days=30, minutes=1))
    assert RiskCase.objects.get(kind="closing_review").subject_key == notice.number

    notice.refresh_from_db()
    assert notice.state == State.WAIVED
    move_notice(notice=notice, to=State.RECTIFIED, at=datetime.now(UTC), actor="system", cause="PN-33")
    assert in_force() == set()
    expect(page_of(browser, live_server, "penalties/").locator("main")).to_contain_text("condition met")


def test_plan_that_is_handed_in_and_verified_lifts_the_restrictions(
    browser: Browser, live_server: Any, notice: Notice, travel: Travel
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    for state in (State.OPENED, State.APPEALING):
        move_notice(notice=notice, to=state, at=now, actor="system", cause="PN-33")
    open_plan(notice=notice, at=now, actor="system", cause="PN-10")
    travel(notice.triggered_at + timedelta(days=6))
    assert in_force() == RESTRICTIONS

    page = page_of(browser, live_server, f"notices/{notice.number}/plan/")
    fill_in_plan(page)
    expect(page.locator("main")).to_contain_text("verif")
    plan = ImprovementPlan.objects.get()
    assert plan.submitted_at is not None
    verified = plan.submitted_at + timedelta(days=14, minutes=1)
    publish(notice.store, performance_day(verified) - 2 * ONE_DAY, late_dispatch="ok")
    travel(verified)
    notice.refresh_from_db()
    assert notice.state == State.RESOLVED
    assert in_force() == set()
    page = page_of(browser, live_server, "penalties/")
    expect(page.locator("main")).to_contain_text("condition met")
    expect(page_of(browser, live_server, "promotions/").locator("main")).to_contain_text(notice.number)
