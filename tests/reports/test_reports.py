"""The weekly report of a team: once per week and subscription, in the reader's language, for members alone (RL-02)."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from core.models import Event
from reports.models import ReportSubscription, TeamReport
from reports.rules import due_day, scaled
from reports.services import SIGNER, send_due, subscribe
from stores.models import Membership, Store, User
from tests.mailserver import Postbox, mail_server, use_mail_server
from tests.stores.people import client_of, make_person, make_store

# A Monday, 09:00 in Shanghai.
MONDAY = datetime(2026, 5, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(("weekday", "hour", "expected"), [(0, 8, 4), (0, 10, -3), (1, 8, -2), (6, 8, 3)])
def test_a_report_is_due_from_its_hour_on(weekday: int, hour: int, expected: int) -> None:
    first = datetime(2026, 5, 1, tzinfo=UTC).date()
    assert due_day(weekday, hour, MONDAY) == first + timedelta(days=expected - 1)


def test_charts_share_one_scale_with_their_thresholds() -> None:
    values = [Decimal(2), None, Decimal(4)]
    assert scaled(values, [Decimal(3), None]) == ([0.0, None, 1.0], [0.5, None])
    assert scaled([None], [None]) == ([None], [None])


@pytest.fixture
def store(db: None) -> Store:
    return make_store("S1")


@pytest.fixture
def seller(store: Store) -> User:
    return make_person("seller", store.company, "owner")


@pytest.fixture
def postbox(settings: Any) -> Iterator[Postbox]:
    with mail_server() as (postbox, port):
        use_mail_server(settings, port)
        yield postbox


@pytest.fixture
def monday() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


def subscribed(
    store: Store, person: User, language: str = "en", at: datetime = MONDAY - timedelta(days=1)
) -> ReportSubscription:
    return subscribe(company=store.company, person=person, weekday=0, language=language, actor="system", at=at)


def parts_of(postbox: Postbox) -> dict[str, bytes]:
    (mail,) = postbox.taken
    found: dict[str, bytes] = {}
    for part in mail.walk():
        content: Any = part.get_payload(decode=True)
        found[part.get_content_type()] = content or b""
    return found


@pytest.mark.rule("RL-02", "RL-04")
def test_each_week_is_sent_once_whatever_runs_twice(store: Store, seller: User, postbox: Postbox) -> None:
    subscribed(store, seller)
    assert send_due(at=MONDAY - timedelta(hours=2)) == 0
    assert [send_due(at=MONDAY), send_due(at=MONDAY), send_due(at=MONDAY + timedelta(days=6))] == [1, 0, 0]
    # Three weeks without a worker: the latest report is made up, and that one alone.
    assert send_due(at=MONDAY + timedelta(days=23)) == 1
    assert [row.day.day for row in TeamReport.objects.order_by("day")] == [4, 25]
    assert len(set(postbox.ids())) == len(postbox.taken) == 2
    sent = Event.objects.filter(kind="report.sent").values_list("company_no", "actor")
    assert list(sent) == [(store.company.company_no, "system")] * 2


@pytest.mark.sqlite_only
def test_page_and_workbook_are_attached_in_the_readers_language(store: Store, seller: User, postbox: Postbox) -> None:
    subscribed(store, seller, "zh-hans")
    assert send_due(at=MONDAY) == 1
    assert "周报" in postbox.subjects()[0]
    found = parts_of(postbox)
    page = pypdfium2.PdfDocument(found["application/pdf"])
    assert len(page) == 1
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(found[kind])).get_sheet_by_index(0).to_python()
    assert sheet[0][:3] == ["店铺编号", "名称", "指标"]


@pytest.mark.rule("RL-02")
def test_a_refused_mail_is_tried_again_under_the_same_id(store: Store, seller: User, postbox: Postbox) -> None:
    subscribed(store, seller)
    postbox.at_data.append("451 later")
    assert send_due(at=MONDAY) == 0
    assert send_due(at=MONDAY + timedelta(minutes=1)) == 0
    assert send_due(at=MONDAY + timedelta(minutes=6)) == 1
    assert TeamReport.objects.get().state == "sent"


@pytest.mark.rule("RL-08")
def test_who_left_the_company_gets_no_report(store: Store, seller: User, postbox: Postbox) -> None:
    subscribed(store, seller)
    Membership.objects.filter(user=seller).delete()
    assert send_due(at=MONDAY) == 0
    assert (TeamReport.objects.get().state, postbox.taken) == ("skipped", [])


@pytest.mark.sqlite_only
def test_one_click_unsubscribes(store: Store, seller: User, postbox: Postbox) -> None:
    row = subscribed(store, seller)
    send_due(at=MONDAY)
    (mail,) = postbox.taken
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = reverse("reports:unsubscribe", args=[SIGNER.sign(str(row.pk))])
    assert address in mail["List-Unsubscribe"].replace("\n", "").replace(" ", "")
    visitor = Client(enforce_csrf_checks=True)
    assert visitor.get(address).status_code == 200
    assert ReportSubscription.objects.get().stopped_at is None
    assert visitor.post(address).status_code == 200
    assert send_due(at=MONDAY + timedelta(days=7)) == 0
    assert visitor.get(reverse("reports:unsubscribe", args=["forged"])).status_code == 404


@pytest.mark.sqlite_only
@pytest.mark.rule("PG-18")
def test_page_adds_sends_and_removes(store: Store, seller: User, postbox: Postbox, monday: None) -> None:
    browser = client_of(seller)
    browser.cookies["language"] = "en"
    page = reverse("reports:reports", args=[store.company.company_no])
    assert browser.post(page, {"person": seller.pk, "weekday": 2, "language": "en"}).status_code == 302
    row = ReportSubscription.objects.get()
    assert (row.person, row.weekday, row.language) == (seller, 2, "en")
    assert "Wednesday" in browser.get(page).content.decode()
    stranger = make_person("stranger", make_store("S2").company, "owner")
    assert browser.post(page, {"person": stranger.pk, "weekday": 2, "language": "en"}).status_code == 422
    browser.post(reverse("reports:send", args=[store.company.company_no, row.pk]))
    assert postbox.recipients() == [seller.email]
    assert not TeamReport.objects.exists()
    pdf = browser.get(reverse("reports:preview", args=[store.company.company_no]))
    assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")
    browser.post(reverse("reports:remove", args=[store.company.company_no, row.pk]))
    assert not ReportSubscription.objects.exists()
