"""The data pages in a real browser: progress without reloading, no sideways scrolling on a phone (PG-16, IX-07)."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from intake.models import Import
from intake.services import Options, run_import
from intake.tasks import run_import_task
from intake.uploads import start_upload
from orders.models import Order
from stores.models import Company, Membership, Store, User
from tests.intake.exports import write_export
from tests.intake.helpers import ORDERS
from tests.intake.test_uploads import csv

pytestmark = [pytest.mark.sqlite_only, pytest.mark.browser, pytest.mark.clock, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def job() -> Import:
    person = User.objects.create_user("owner@example.com", "pass-word-1", language="en")
    company = Company.objects.create(company_no="C1", name="Mine")
    Membership.objects.create(user=person, company=company, role="owner")
    Store.objects.create(store_no="S1", name="First", company=company)
    options = Options(company=company)
    return start_upload(
        files=[csv("orders", ORDERS)], options=options, person=person, is_operator=False, at=timezone.now()
    )


@pytest.fixture
def signed_in(page, job, live_server):
    client = Client()
    client.force_login(job.person)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    language = {"name": "language", "value": "en", "url": live_server.url}
    page.context.add_cookies([cookie, language])
    return page


@pytest.mark.rule("IX-07", "PG-16")
def test_an_import_s_end_shows_without_reloading(signed_in, job, live_server):
    signed_in.goto(live_server.url + reverse("intake:import", args=[job.pk]))
    expect(signed_in.get_by_role("progressbar")).to_have_count(1)
    run_import(job)
    signed_in.get_by_text("Done.").wait_for()
    expect(signed_in.get_by_role("progressbar")).to_have_count(0)


@pytest.mark.rule("PG-16")
def test_the_data_page_fits_a_phone(signed_in, live_server):
    signed_in.set_viewport_size({"width": 360, "height": 800})
    signed_in.goto(live_server.url + reverse("intake:index"))
    assert signed_in.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.rule("IX-06", "IX-06b", "PG-16")
@pytest.mark.parametrize("width", [360, 1440])
def test_a_seller_s_first_minute(page, live_server, tmp_path, width):
    """The export of the back end, chosen in a browser without any store, becomes a store with orders."""
    person = User.objects.create_user("new@example.com", "pass-word-1", language="en")
    Membership.objects.create(user=person, company=Company.objects.create(company_no="C9", name="New"), role="owner")
    client = Client()
    client.force_login(person)
    cookies = {"sessionid": client.cookies["sessionid"].value, "language": "en"}
    page.context.add_cookies(
        [{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()]
    )
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(live_server.url + reverse("intake:index"))
    expect(page.get_by_text("fx_rates.csv")).to_be_hidden()
    page.locator("main input[type=file]").set_input_files(write_export(tmp_path / "cn1234567890_2026_1130123456.xlsx"))
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/data/imports/*/")
    run_import_task(Import.objects.latest("pk").pk)
    page.get_by_text("AliExpress order export").wait_for()
    page.get_by_text("8199633578334501").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_label("Its number").fill("1101234567")
    page.get_by_label("Its name, if it is new").fill("Lamps")
    page.get_by_role("button", name="Show what would happen").click()
    page.get_by_role("progressbar").wait_for()
    run_import_task(Import.objects.latest("pk").pk)
    page.get_by_role("button", name="Import now").click()
    page.get_by_role("progressbar").wait_for()
    run_import_task(Import.objects.latest("pk").pk)
    page.get_by_role("link", name="Open Lamps").click()
    page.wait_for_url("**/stores/1101234567/")
    assert Order.objects.filter(store__company__company_no="C9").count() == 4
