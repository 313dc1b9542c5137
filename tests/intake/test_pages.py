"""The data pages in a real browser: progress without reloading, no sideways scrolling on a phone (PG-16, IX-07)."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from intake.models import Import
from intake.services import Options, run_import
from intake.uploads import start_upload
from stores.models import Company, Membership, Store, User
from tests.intake.helpers import ORDERS
from tests.intake.test_uploads import csv

pytestmark = [pytest.mark.browser, pytest.mark.clock, pytest.mark.django_db(transaction=True)]


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
    assert signed_in.get_by_role("progressbar").count() == 1
    run_import(job)
    signed_in.get_by_text("Done.").wait_for(timeout=10_000)
    assert signed_in.get_by_role("progressbar").count() == 0


@pytest.mark.rule("PG-16")
def test_the_data_page_fits_a_phone(signed_in, live_server):
    signed_in.set_viewport_size({"width": 360, "height": 800})
    signed_in.goto(live_server.url + reverse("intake:index"))
    assert signed_in.evaluate("document.documentElement.scrollWidth") == 360
