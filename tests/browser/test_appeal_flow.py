"""From a red notice to its end, as sellers and reviewers go (PN-33, AP-01 … AP-05, BX-03, BX-05, PN-03, PN-10)."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from appeals.models import Appeal
from appeals.queries.kinds import find_subject
from appeals.rules import EvidenceField, FailingField, OrderDecision, Verdict
from appeals.services.deciding import decide_appeal
from appeals.services.drafting import ClaimedOrder, save_orders, save_statement, start_appeal
from appeals.services.submitting import submit_appeal
from core.outbox.delivering import run_outbox
from core.sweeping import sweep
from notifications.models import ImprovementPlan, Notice
from notifications.rules import State
from stores.models import Company, User
from stores.principals import Person
from stores.roles import REVIEWER
from tests.browser import shop
from tests.evidence.files import jpeg, pdf
from tests.stores.people import client_of, make_person, make_staff
from tests.stores.test_browser import fits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.clock,
    pytest.mark.django_db(transaction=True),
    pytest.mark.rule("PN-33", "AP-01", "AP-02", "AP-04", "AP-05", "BX-03", "PG-10", "PG-11"),
]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
# One in twelve orders is dispatched a day late, and twenty may be.
LATE_EVERY = 12


@pytest.fixture
def notice(tmp_path: Path, live_server: Any) -> Notice:
    """A red notice of a governed store, issued by last night's run."""
    now = datetime.now(UTC).replace(microsecond=0)
    shop.open_shop(tmp_path / "bundle", now, late_every=LATE_EVERY, mode="governed")
    return Notice.objects.select_related("store").get(metric="late_dispatch", state=State.ISSUED)


@pytest.fixture
def owner(notice: Notice) -> User:
    return make_person("owner", Company.objects.get(company_no=shop.COMPANY))


def come_in(browser: Browser, live_server: Any, user: User, size: dict[str, int], **options: Any) -> Page:
    """A browser of a person's own, signed in and in English."""
    context = browser.new_context(viewport=size, **options)
    values = {"sessionid": client_of(user).cookies["sessionid"].value, "language": "en"}
    context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in values.items()])
    return context.new_page()


def page_of(live_server: Any, notice: Notice, *more: str) -> str:
    return "/".join((live_server.url, "stores", notice.store.store_no, *more, ""))


def named_orders(page: Page, number: int) -> None:
    """Tick the first orders of the step, and say what kept each."""
    page.locator("#draft details.more > summary").click()
    for pick in page.locator(".picks > li").all()[:number]:
        pick.get_by_role("checkbox").check()
        pick.get_by_role("combobox").select_option("carrier_fault")


def go_on(page: Page) -> None:
    page.locator(".step-foot .primary").click()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_red_notice_is_appealed_reviewed_and_mended(
    browser: Browser, live_server: Any, tmp_path: Path, notice: Notice, owner: User, size: dict[str, int]
) -> None:
    page = come_in(browser, live_server, owner, size)
    page.goto(page_of(live_server, notice, "notices", notice.number))
    assert fits(page)
    page.locator("main a[href*='/appeals/new/notice/']:visible").first.click()
    page.locator("main form .primary").click()
    page.wait_for_url("**/orders/")
    draft_appeal(page, tmp_path)
    page.wait_for_url(re.compile(r"/appeals/AP\d{8}-\d{6}/$"))
    assert fits(page)
    appeal = Appeal.objects.get()
    assert (appeal.state, appeal.orders.count(), appeal.files.count()) == ("review", 7, 5)
    notice.refresh_from_db()
    assert notice.state == State.APPEALING

    accept_all(come_in(browser, live_server, make_staff("judge", REVIEWER), size), live_server, appeal)
    run_outbox(at=datetime.now(UTC))
    page.reload()
    expect(page.locator("main")).to_contain_text("accepted")
    notice.refresh_from_db()
    assert notice.state == State.ACCEPTED
    for failing in (notice.numerator, notice.numerator - 7):
        expect(page.locator(".corrected")).to_contain_text(f"{failing:.0f} ÷ {notice.denominator:.0f}")
    assert fits(page)
    page.goto(page_of(live_server, notice, "notices"))
    expect(page.locator("main")).not_to_contain_text(notice.number)


def draft_appeal(page: Page, folder: Path) -> None:
    """All steps: seven orders, a statement, five files of which one is refused and replaced, the check, submission."""
    named_orders(page, 7)
    go_on(page)
    page.wait_for_url("**/reasons/")
    page.locator("#statement").fill(f"{shop.STORE}-0012: handed over on time, scanned late.")
    go_on(page)
    page.wait_for_url("**/evidence/")
    upload(page, folder)
    go_on(page)
    page.wait_for_url("**/check/")
    go_on(page)
    page.wait_for_url("**/submit/")
    page.locator("[name=agree]").check()
    go_on(page)


def upload(page: Page, folder: Path) -> None:
    files = {"letter.pdf": pdf("Letter"), "list.pdf": pdf("List"), "one.jpg": jpeg("One"), "two.jpg": jpeg("Two")}
    files["page.pdf"] = b"<html>not a document</html>"
    paths = []
    for name, content in files.items():
        paths.append(folder / name)
        paths[-1].write_bytes(content)
    field = page.locator("#evidence-files")
    field.set_input_files(paths)
    expect(page.locator(".files .file[id^=file-]")).to_have_count(4)
    expect(page.locator(".files .file.is-refused")).to_contain_text("page.pdf")
    (folder / "three.jpg").write_bytes(jpeg("Three"))
    field.set_input_files(folder / "three.jpg")
    expect(page.locator(".files .file[id^=file-]")).to_have_count(5)
    expect(page.locator("#step-note")).to_contain_text("5 of 5")


def accept_all(page: Page, live_server: Any, appeal: Appeal) -> None:
    page.goto(f"{live_server.url}/admin/appeals/appeal/{appeal.pk}/review/")
    claim = page.get_by_role("button", name="Claim")
    if claim.count():
        claim.first.click()
    for accept in page.locator("input[type=radio][value=accepted]").all():
        accept.check(force=True)
    page.locator("[data-submit]").click()
    page.wait_for_url("**/queue/")


@pytest.mark.rule("PN-10", "BX-05", "BX-12")
def test_rejected_appeal_leads_to_a_plan_and_a_second_appeal(
    browser: Browser, live_server: Any, notice: Notice, owner: User
) -> None:
    appeal = rejected(notice, owner)
    page = come_in(browser, live_server, owner, WIDE)
    page.goto(page_of(live_server, notice, "notices", notice.number))
    page.locator("main a[href$='/plan/']").first.click()
    page.wait_for_url("**/plan/")
    fill_in_plan(page)
    expect(page.locator("main")).to_contain_text("verif")
    page.set_viewport_size(PHONE)
    assert fits(page)
    assert ImprovementPlan.objects.get().submitted_at is not None

    page.goto(page_of(live_server, notice, "appeals", appeal.number))
    expect(page.locator(".decided")).to_contain_text(REMEDY)
    assert fits(page)
    page.locator("main a[href*='/appeals/new/notice/']:visible").first.click()
    page.locator("main form .primary").click()
    page.wait_for_url("**/orders/")
    go_on(page)
    page.locator("#named_error").fill("The first decision looked at the parcel that was replaced.")
    go_on(page)
    page.wait_for_url("**/evidence/")
    for step in ("check", "submit"):
        go_on(page)
        page.wait_for_url(f"**/{step}/")
    page.locator("[name=agree]").check()
    go_on(page)
    page.wait_for_url(re.compile(r"/appeals/AP\d{8}-\d{6}/$"))
    assert fits(page)
    page.set_viewport_size(WIDE)
    assert fits(page)
    second = Appeal.objects.get(previous=appeal)
    notice.refresh_from_db()
    assert (second.state, notice.state) == ("review", State.APPEALING)


REMEDY = "A stamped letter that lists this tracking number."


def rejected(notice: Notice, owner: User) -> Appeal:
    """A first appeal that a reviewer has rejected."""
    at, person = datetime.now(UTC), Person(owner)
    subject = find_subject(notice.store, "notice", notice.number)
    assert subject is not None
    draft = start_appeal(subject=subject, at=at, principal=person)
    orders = [ClaimedOrder(row.order_no, "carrier_fault") for row in notice.orders.order_by("place")[:2]]
    save_orders(appeal=draft, orders=orders, at=at, principal=person, version=draft.version)
    save_statement(appeal=draft, statement="Late scans.", at=at, principal=person, version=draft.version)
    submit_appeal(appeal=draft, expedited=False, at=at, principal=person, version=draft.version)
    appeal = Appeal.objects.select_related("store__company", "notice__store__company").get()
    failing = (FailingField(EvidenceField.SEAL, "no stamp"),)
    verdict = Verdict(OrderDecision.REJECTED, "evidence_missing", failing, REMEDY)
    decided = decide_appeal(
        appeal=appeal,
        decisions={row.pk: verdict for row in appeal.orders.all()},
        reviewer=make_staff("judge", REVIEWER),
        at=at,
        version=appeal.version,
    )
    assert decided
    return appeal


def fill_in_plan(page: Page) -> None:
    causes = page.locator("[name=causes]")
    for cause in causes.all():
        cause.check()
    page.locator("[name=explanation]").fill("Parcels waited for a second packer.")
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    for number in range(causes.count()):
        for kind in ("done", "prevention"):
            if page.locator(f"[name={kind}-{number}-text]").count() == 0:
                page.locator(f"[value=add-{kind}]").click()
            page.locator(f"[name={kind}-{number}-text]").fill("A second packer since Monday.")
            page.locator(f"[name={kind}-{number}-cause]").select_option(index=number + 1)
            page.locator(f"[name={kind}-{number}-owner_id]").select_option(index=1)
            page.locator(f"[name={kind}-{number}-day]").fill(today)
    page.locator("[name=do][value=submit]").click()


@pytest.mark.rule("PN-03")
def test_unopened_red_notice_is_waived_by_the_clock(
    browser: Browser, live_server: Any, notice: Notice, owner: User
) -> None:
    page = come_in(browser, live_server, owner, PHONE)
    limit = notice.triggered_at + timedelta(hours=72)
    sweep(at=limit)
    notice.refresh_from_db()
    assert notice.state == State.ISSUED
    sweep(at=limit + timedelta(seconds=1))
    page.goto(page_of(live_server, notice, "notices", notice.number))
    expect(page.locator("h1").locator("..")).to_contain_text("appeal waived")
    expect(page.locator("main a[href*='/appeals/new/']")).to_have_count(0)
    assert fits(page)


@pytest.mark.rule("AP-01", "AP-02")
def test_appeal_is_made_without_javascript_on_a_phone(
    browser: Browser, live_server: Any, tmp_path: Path, notice: Notice, owner: User
) -> None:
    page = come_in(browser, live_server, owner, PHONE, java_script_enabled=False)
    page.goto(page_of(live_server, notice, "appeals", "new", "notice", notice.number))
    page.locator("main form .primary").click()
    named_orders(page, 1)
    go_on(page)
    page.locator("#statement").fill(f"{shop.STORE}-0012 was handed over on time.")
    go_on(page)
    letter, web_page = tmp_path / "letter.pdf", tmp_path / "page.pdf"
    letter.write_bytes(pdf("Letter"))
    web_page.write_bytes(b"<html>not a document</html>")
    page.locator("#evidence-files").set_input_files([letter, web_page])
    page.locator("[data-upload-submit] button").click()
    expect(page.locator(".files .file[id^=file-]")).to_have_count(1)
    expect(page.locator(".files .file.is-refused")).to_contain_text("page.pdf")
    for step in ("check", "submit"):
        go_on(page)
        page.wait_for_url(f"**/{step}/")
    page.locator("[name=agree]").check()
    go_on(page)
    page.wait_for_url(re.compile(r"/appeals/AP\d{8}-\d{6}/$"))
    assert Appeal.objects.get().state == "review"
