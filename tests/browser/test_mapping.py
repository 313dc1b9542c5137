"""A table that nobody knows: map its columns, see what becomes of it, keep that, import it; at a desk and by phone."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from intake.models import Import
from intake.tasks import run_import_task
from orders.models import Order
from stores.models import Store
from tests.browser import follow
from tests.stores.people import client_of, make_person, make_store
from tests.stores.test_browser import fits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.clock,
    pytest.mark.django_db(transaction=True),
    pytest.mark.rule("IX-06", "IX-06b", "PG-16"),
]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
TABLE = (
    "Bestellung;Angelegt;Bezahlt;Summe;Zustand;Artikel\n"
    "9001;13.05.2026 08:00;13.05.2026 08:05;1.234,50;neu;LAMP\n"
    "9002;14.05.2026 08:00;;zehn;storniert;BULB\n"
)


def come_in(browser: Browser, live_server: Any, store: Store, size: dict[str, int]) -> Page:
    context = browser.new_context(viewport=size)
    client = client_of(make_person(f"seller-{size['width']}", store.company, "manager"))
    values = {"sessionid": client.cookies["sessionid"].value, "language": "en"}
    context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in values.items()])
    return context.new_page()


def brought(page: Page, live_server: Any, file: Path) -> Import:
    """The table as it waits for answers."""
    page.goto(f"{live_server.url}/data/")
    page.get_by_label("Files").set_input_files(file)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/data/imports/*/")
    job = Import.objects.latest("pk")
    run_import_task(job.pk)
    return job


def work(page: Page, job: Import) -> None:
    """Have a worker take the import, and show its page again."""
    run_import_task(job.pk)
    page.reload()


def test_a_table_is_mapped_tried_and_imported(browser: Browser, live_server: Any, tmp_path: Path) -> None:
    store = make_store()
    file = tmp_path / "laden.csv"
    file.write_text(TABLE)
    page = come_in(browser, live_server, store, WIDE)
    job = brought(page, live_server, file)
    page.reload()
    follow(page.get_by_role("link", name="Map its columns"))
    expect(page.get_by_role("heading", name="What its columns hold")).to_be_visible()
    assert fits(page)
    expect(page.get_by_text("Say which column holds the order number.")).to_be_visible()
    for heading, column in (
        ("Bestellung", "order_no"), ("Angelegt", "created_at"), ("Bezahlt", "paid_at"), ("Summe", "total_amount"),
        ("Zustand", "status"), ("Artikel", "sku"),
    ):  # fmt: skip
        with page.expect_response(lambda response: response.request.method == "POST"):
            page.get_by_label(heading, exact=True).select_option(column)
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.get_by_label("Dates have").select_option("day")
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.get_by_label("Amounts are written").select_option("comma")
    # The check follows what is chosen.
    expect(page.get_by_text("1 record taken")).to_be_visible()
    expect(page.get_by_text("1 refused")).to_be_visible()
    expect(page.get_by_role("cell", name="zehn")).to_be_visible()
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.get_by_label("storniert", exact=True).select_option("cancelled")
    assert fits(page)
    page.get_by_label("Name of the profile").fill("Laden")
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_url("**/data/imports/*/")
    work(page, job)
    expect(page.get_by_text("Laden · 2 rows")).to_be_visible()
    page.get_by_label("Time zone of the file").select_option("Europe/Berlin")
    page.get_by_label("Store", exact=True).select_option(store.store_no)
    page.get_by_label("Currency of amounts without a sign").select_option("EUR")
    page.get_by_role("button", name="Show what would happen").click()
    work(page, job)
    page.get_by_role("button", name="Import now").click()
    page.wait_for_url("**/data/imports/*/")
    work(page, Import.objects.latest("pk"))
    expect(page.get_by_text("Done.")).to_be_visible()
    assert Order.objects.get().order_no == "9001"
    # The next one is known, and the profile is listed; on a phone too.
    phone = come_in(browser, live_server, store, PHONE)
    brought(phone, live_server, file)
    phone.reload()
    expect(phone.get_by_text("Laden · 2 rows")).to_be_visible()
    assert fits(phone)
    phone.goto(f"{live_server.url}/data/profiles/")
    follow(phone.get_by_role("link", name="Laden", exact=True))
    expect(phone.get_by_label("Zustand", exact=True)).to_have_value("status")
    assert fits(phone)
