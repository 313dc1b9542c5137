"""A dispute is answered at a desk and on a phone, and another is decided in arbitration (PG-08, DP-10, DP-19)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from core.outbox.delivering import run_outbox
from core.sweeping import sweep
from disputes.models import Arbitration, Dispute, DisputeAnswer, DisputeEvidence
from stores.models import Store
from stores.roles import REVIEWER
from tests.browser.test_appeal_flow import PHONE, WIDE, come_in
from tests.disputes.build import make_dispute
from tests.evidence.files import pdf
from tests.orders.build import scan
from tests.stores.people import make_person, make_staff, make_store
from tests.stores.test_browser import fits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.clock,
    pytest.mark.sqlite_only,
    pytest.mark.django_db(transaction=True),
    pytest.mark.rule("PG-08", "DP-10", "DP-19"),
]
HOUR = timedelta(hours=1)


def opened(store: Store, hours: int, now: datetime) -> Dispute:
    """A dispute about a parcel that was delivered."""
    shipped = {"tracking_no": "LP00412345678905", "carrier": "cainiao", "shipped_at": now - 150 * HOUR, "site": "ES"}
    dispute = make_dispute(store, opened_at=now - hours * HOUR, order={**shipped, "paid_at": now - 160 * HOUR})
    scan(dispute.order, now - 140 * HOUR)
    scan(dispute.order, now - 135 * HOUR, "delivered")
    return dispute


def answer(page: Page, file: Path, text: str) -> None:
    """Cite the trace, attach a file, offer a part and hand the answer in."""
    page.get_by_role("button", name="Give the trace").click()
    expect(page.locator("#proof-title ~ *")).to_contain_text("LP00412345678905")
    page.locator("#evidence-files").set_input_files(file)
    page.locator(".files select").first.select_option("buyer_confirmation")
    page.get_by_label("partial refund").check()
    page.locator("#amount").fill("3.50")
    page.locator("#text").fill(text)
    page.get_by_role("button", name="Hand in the answer").click()
    expect(page.locator("#answered-title ~ *").first).to_contain_text("3.50")


def test_a_dispute_is_answered_and_another_decided(browser: Browser, live_server: Any, tmp_path: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    store = make_store(mode="governed")
    first, second, silent = opened(store, 2, now), opened(store, 30, now), opened(store, 125, now)
    sweep(at=now)
    run_outbox(at=now)
    owner = make_person("owner", store.company)
    file = tmp_path / "words.pdf"
    file.write_bytes(pdf("The buyer wrote that it arrived"))
    for size, dispute, text in ((WIDE, first, "Lo sentimos."), (PHONE, second, "Perdón.")):
        page = come_in(browser, live_server, owner, size)
        page.goto(f"{live_server.url}/stores/S1/disputes/")
        assert fits(page)
        page.get_by_role("link", name=dispute.dispute_no).first.click()
        page.wait_for_url(f"**/disputes/{dispute.dispute_no}/")
        answer(page, file, text)
        assert fits(page)
        dispute.refresh_from_db()
        assert (dispute.state, DisputeAnswer.objects.get(dispute=dispute).text) == ("responded", text)
        kinds = DisputeEvidence.objects.filter(dispute=dispute).order_by("pk").values_list("kind", flat=True)
        assert list(kinds) == ["full_trace", "buyer_confirmation"]

    reviewer = come_in(browser, live_server, make_staff("judge", REVIEWER), WIDE)
    reviewer.goto(f"{live_server.url}/admin/disputes/arbitration/queue/")
    reviewer.keyboard.press("n")
    reviewer.wait_for_url("**/decide/")
    expect(reviewer.locator("main")).to_contain_text("gave no evidence within the response clock")
    reviewer.keyboard.press("a")
    expect(reviewer.locator("#outcome")).to_have_value("20.00")
    reviewer.locator("#reason").fill("You gave no evidence within five days of the dispute.")
    reviewer.keyboard.press("Control+Enter")
    reviewer.wait_for_url("**/queue/")
    silent.refresh_from_db()
    assert (silent.state, silent.liability, Arbitration.objects.get().outcome_usd) == ("closed", "seller", 20)
    page = come_in(browser, live_server, owner, PHONE)
    page.goto(f"{live_server.url}/stores/S1/disputes/{silent.dispute_no}/")
    expect(page.locator("main")).to_contain_text("You gave no evidence within five days")
    assert fits(page)
