"""Every page of the access matrix on a phone and on a desk, as a seller and as staff: nothing jumps, sticks out, is too
small to press, complains or keeps anybody out (PG-19 … PG-22, RL-10)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser

from core.outbox.delivering import run_outbox
from notifications.models import Notice
from orders.models import Order
from stores.models import Company, Store
from stores.roles import SENIOR_REVIEWER
from tests.browser import PageFaults, shop, walk
from tests.stores.people import client_of, make_person, make_staff
from tests.stores.routes import ROUTES
from tests.stores.world import (
    Tenant,
    build_api_client,
    build_appeal,
    build_connection,
    build_correction,
    build_evidence,
    build_export,
    build_invitation,
    build_mapping,
    build_source,
    build_upload,
)

pytestmark = [pytest.mark.browser, pytest.mark.clock, pytest.mark.django_db(transaction=True)]
OPERATIONS = [
    "admin:index", "admin:metrics_run_nights", "admin:orders_riskcase_queue", "admin:penalties_penaltyproposal_queue",
    "admin:penalties_penaltyproposal_propose",
]  # fmt: skip
# Metrics of other kinds than the one that the matrix names, and lists whose rows show other things.
OTHER_METRICS = ["late_dispatch", "positive_rate", "dsr", "shs", "sla"]
OTHER_TABS = ["confirm", "disputes", "data_issues", "all"]
# Screens that only show themselves in the midst of signing in, or of granting access to a program; test_sign_in and
# test_consent go through them.
LED_AWAY = {301, 302, 400, 403, 404, 405}
# Pages that are a list: its first row stands on the first screen.
LISTS = {"dashboard:stores", "dashboard:orders", "another tab", "notifications:list", "notifications:messages"}
# Of the dark theme only colours differ: a page with each kind of component.
ALSO_DARK = {
    *LISTS, "dashboard:panel", "dashboard:metric", "dashboard:rating", "dashboard:what_if", "dashboard:order",
    "intake:index", "rulebook:index", "rulebook:rule", "stores:profile", "account_login",
}  # fmt: skip


@pytest.fixture
def tenant(tmp_path: Path) -> Tenant:
    """A shop with data, and one of everything that has a page."""
    shop.open_shop(tmp_path / "bundle", datetime.now(UTC).replace(microsecond=0))
    run_outbox(at=datetime.now(UTC))
    company = Company.objects.get(company_no=shop.COMPANY)
    store = Store.objects.get(store_no=shop.STORE)
    order = Order.objects.get(store=store, order_no=f"{shop.STORE}-0000")
    notice = Notice.objects.filter(store=store, messages__isnull=False).earliest("id")
    evidence, member = build_evidence("walked", company), make_person("walked-member", company, "analyst")
    build_mapping("walked", company)
    build_export("walked", store, member)
    for build in (build_api_client, build_connection, build_source):
        build("walked", store)
    return Tenant(
        "",
        company,
        store,
        order,
        notice,
        build_upload("walked", company),
        evidence,
        build_correction("walked", store, order),
        member,
        build_invitation("walked", company),
        build_appeal("walked", notice, order, evidence),
    )


def pages(tenant: Tenant, client: Client) -> Iterator[tuple[str, str]]:
    """Name and address of each page that the person may open; files and what leads elsewhere are no pages."""
    for route in ROUTES:
        if not route.writes:
            yield from page_of(client, route.name, reverse(route.name, kwargs=route.address(tenant)))
    for code in OTHER_METRICS:
        yield from page_of(client, "another metric", reverse("dashboard:metric", args=[tenant.store.store_no, code]))
    for tab in OTHER_TABS:
        yield from page_of(
            client, "another tab", reverse("dashboard:orders", args=[tenant.store.store_no]) + f"?tab={tab}"
        )


def page_of(client: Client, name: str, address: str) -> Iterator[tuple[str, str]]:
    answer = client.get(address)
    assert answer.status_code < 500, address
    is_whole = answer.get("Content-Type", "").startswith("text/html") and b"<html" in answer.content
    if answer.status_code not in LED_AWAY and is_whole:
        yield name, address


@pytest.mark.rule("PG-22", "RL-10")
def test_every_page_stands_still_fits_and_is_accessible(tenant: Tenant, browser: Browser, live_server: Any) -> None:
    seller = client_of(make_person("owner", tenant.company))
    staff = client_of(make_staff("senior", SENIOR_REVIEWER))
    walked = [(Client(), list(pages(tenant, Client()))), (seller, list(pages(tenant, seller)))]
    walked.append((staff, [*operations(staff), *pages(tenant, staff)]))
    assert [len(places) > least for (_, places), least in zip(walked, (3, 40, 40), strict=True)] == [True] * 3
    # Both sizes in one test: a shop, and which pages each person has, take half a minute to make.
    faults = [
        f"{size.width} px: {fault}"
        for size in (walk.WIDE, walk.PHONE)
        for client, places in walked
        for fault in walk_through(browser, live_server.url, client, places, size)
    ]
    assert "\n".join(faults) == ""


def operations(staff: Client) -> list[tuple[str, str]]:
    """Pages of Django's admin, whose look and side bar are its own; ours is that they answer and fit."""
    found = [page for name in OPERATIONS for page in page_of(staff, "operations", reverse(name))]
    assert len(found) == len(OPERATIONS)
    return found


def walk_through(
    browser: Browser, site: str, client: Client, places: list[tuple[str, str]], size: walk.Size
) -> list[str]:
    """What is wrong with the pages, each fault with its address."""
    watched = PageFaults(site)
    faults = []
    session = client.cookies.get("sessionid")
    with walk.open_screen(browser, size, site, session.value if session else "") as context:
        page = context.new_page()
        watched.watch(page)
        for name, address in places:
            ours = name != "operations"
            found = walk.faults_of(page, watched, f"{site}{address}")
            if not ours:
                found = [fault for fault in found if not fault.startswith("layout shift")]
            found += walk.misfits(page, size)
            if ours and size.phone:
                found += walk.small_targets(page)
            if name in LISTS:
                found += walk.late_row(page, size)
            if ours:
                found += walk.accessibility_faults(page, dark=name in ALSO_DARK)
            faults += [f"{address} {fault}" for fault in found]
    return faults
