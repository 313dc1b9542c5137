"""A store's first page is stable once it is shown: nothing on it moves (PG-03)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from core.timebase import performance_day
from disputes.models import Dispute
from disputes.services.clocks import derive_dispute_clocks
from metrics.services.night import run_night
from orders.models import Order
from stores.models import Company, Store
from tests.browser import wait_for_swaps
from tests.metrics import pages
from tests.notifications.build import ONE_DAY
from tests.stores.people import make_person
from tests.stores.test_browser import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.clock, pytest.mark.django_db(transaction=True)]
MOST_SHIFT = 0.02
# Sum of all layout shifts since the page began, and where each button stood when the page could be read first.
WATCH = """
window.shifts = 0;
new PerformanceObserver(list => list.getEntries().forEach(entry => { window.shifts += entry.value; }))
    .observe({type: 'layout-shift', buffered: true});
window.places = () => [...document.querySelectorAll('.todo.now .button')].map(button => {
    const box = button.getBoundingClientRect();
    return [button.textContent.trim(), Math.round(box.left), Math.round(box.top), Math.round(box.width)];
});
document.addEventListener('DOMContentLoaded', () => { window.first = window.places(); });
"""


@pytest.fixture
def seller(monkeypatch: pytest.MonkeyPatch, page: Page, live_server: Any) -> Page:
    """A store with a red notice, late and close orders and a dispute; a member of its company has signed in."""
    now = datetime.now(UTC).replace(microsecond=0)
    monkeypatch.setattr(pages, "NOW", now)
    monkeypatch.setattr(pages, "TODAY", performance_day(now) - ONE_DAY)
    company = Company.objects.create(company_no="C", name="Company")
    made = pages.make_store_with_facts(company, "S1", known_until=now)
    Store.objects.update(mode="governed")
    run_night(day=pages.TODAY, at=now)
    for order, hours in zip(made.late, (-30, 3, 200), strict=False):
        Order.objects.filter(pk=order.pk).update(
            state="paid", shipped_at=None, paid_at=now - ONE_DAY, ship_by=now + timedelta(hours=hours)
        )
    disputed = Dispute.objects.create(
        store=made.store, order=made.late[5], dispute_no="D1", kind="quality", opened_at=now - timedelta(hours=2)
    )
    derive_dispute_clocks(dispute_ids=[disputed.pk], at=now)
    make_person("seller", company)
    page.add_init_script(WATCH)
    sign_in(page, live_server, "seller@example.com")
    return page


# Names of tiers that lie over another name, and names that leave their scale.
COLLIDING = """() => {
    const labels = [...document.querySelectorAll('.tiers .label')].filter(label => label.offsetWidth);
    const range = label => { const text = document.createRange(); text.selectNodeContents(label); return text; };
    const boxes = labels.map(label => [label.textContent, range(label).getBoundingClientRect()]);
    const end = document.querySelector('.tiers').getBoundingClientRect().right + 1;
    return boxes.filter(([, box], place) => box.right > end || (place && boxes[place - 1][1].right > box.left))
        .map(([text]) => text);
}"""


@pytest.mark.rule("PG-03", "DM-27")
@pytest.mark.parametrize(("width", "language"), [(360, "zh-hans"), (1440, "zh-hans"), (1200, "en")])
def test_nothing_on_the_panel_moves_or_collides(seller: Page, live_server: Any, width: int, language: str) -> None:
    seller.context.add_cookies([{"name": "language", "value": language, "url": live_server.url}])
    seller.set_viewport_size({"width": width, "height": 740})
    seller.goto(f"{live_server.url}/stores/S1/")
    wait_for_swaps(seller)
    # Long enough for every clock to tick.
    seller.wait_for_timeout(1_500)
    first, now = seller.evaluate("[window.first, window.places()]")
    assert len(first) == 6
    assert now == first
    assert seller.evaluate("window.shifts") <= MOST_SHIFT
    assert seller.locator(".tiers .label").first.count() == 1
    assert seller.evaluate(COLLIDING) == []
