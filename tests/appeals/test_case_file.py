"""The case file of a notice or an appeal: one PDF within the limits of evidence (BX-09, PG-21)."""

from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pikepdf
import pypdfium2
import pytest
import time_machine
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from appeals import typesetting
from appeals.models import Appeal, AppealFile, AppealOrder
from appeals.services import case_file as making
from appeals.services.case_file import CaseFile, make_case_file
from appeals.typesetting import TypesettingError, has_chinese_font, typeset
from disputes.models import Dispute
from evidence.models import EvidenceFile
from evidence.rules import Limits
from evidence.services.receiving import receive_file
from notifications.models import Notice
from orders.models import Message, Order, TrackingEvent
from stores.models import Company, ListingSighting, ListingVersion, Store
from stores.principals import Person
from tests.metrics.pages import NOW, TODAY, Made, make_store_with_facts
from tests.notifications.build import judge, publish
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]


@pytest.fixture
def made() -> Made:
    """A red notice of three late orders; the first has a trace, a thread and a listing."""
    made = make_store_with_facts(Company.objects.create(company_no="C", name="星澜公司"), "N1", late=3, due=40)
    Store.objects.update(mode="governed")
    publish(made.store, TODAY, late_dispatch="red")
    judge(TODAY)
    order = made.late[0]
    Order.objects.filter(pk=order.pk).update(sku="CASE-1", site="ES")
    list_as(made.store, order.created_at, title="#strong[Phone case] $x$ \\ @ref")
    TrackingEvent.objects.create(
        store=made.store, order=order, at=order.ship_by, kind="pickup", place="深圳", text="已揽收"
    )
    for number, after in (("M1", 1), ("M2", 400)):
        Message.objects.create(
            store=made.store, order=order, message_no=number, sender="buyer", text=f"message {number}",
            sent_at=NOW - timedelta(days=10) + timedelta(hours=after),
        )  # fmt: skip
    return made


def list_as(store: Store, at: datetime, title: str, **fields: Any) -> None:
    """A version of the first order's listing from an instant on."""
    version = ListingVersion.objects.create(store=store, sku="CASE-1", title=title, stated=31, **fields)
    ListingSighting.objects.create(version=version, at=at)


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def of_notice(language: str = "en", **more: Any) -> CaseFile:
    return make_case_file(notice=Notice.objects.get(), at=NOW, language=language, **more)


@pytest.mark.rule("RL-07")
def test_store_that_asks_for_one_file_after_the_other_has_to_wait(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "FILES_A_MINUTE", 1)
    notice = Notice.objects.get()
    assert of_notice().orders == 3
    with pytest.raises(TypesettingError):
        of_notice()
    assert make_case_file(notice=notice, at=NOW + timedelta(minutes=1), language="en").orders == 3


@pytest.mark.rule("BX-09", "PG-21")
def test_case_file_has_notice_arithmetic_orders_traces_messages_and_listing(made: Made) -> None:
    file = of_notice()
    number = Notice.objects.get().number
    assert (file.name, file.orders, file.total) == (f"case-file-{number}.pdf", 3, 3)
    text = text_of(file.content)
    for words in (
        f"Case file {number}", "星澜公司", "Late dispatch was 6.19 % on 2026-06-19", "226", "5 %", "=N000", "=N002",
        "shipped 5 h late", "深圳", "已揽收", "message M1", "#strong[Phone case] $x$ \\ @ref", "Spain",
    ):  # fmt: skip
        assert words in text, words
    assert "message M2" not in text
    assert "(GMT+8)" in text


@pytest.mark.rule("BX-09")
def test_case_file_of_a_dispute_has_its_order_and_is_one_click_away(made: Made) -> None:
    order = made.late[0]
    Dispute.objects.create(store=made.store, order=order, dispute_no="D 1", kind="quality", opened_at=NOW)
    owner = client_of(make_person("owner", made.store.company))
    address = reverse("dashboard:dispute_case_file", args=["N1", "D 1"])
    page = owner.get(reverse("disputes:order_panel", args=["N1", order.order_no])).content.decode()
    assert f'href="{address}"' in page
    with time_machine.travel(NOW, tick=False):
        response = owner.get(address)
    text = text_of(response.content)
    for words in ("D 1", order.order_no, "message M1", "已揽收"):
        assert words in text, words
    assert made.late[1].order_no not in text
    for unknown in ("D2", "D\x00"):
        assert owner.get(f"/stores/N1/disputes/{quote(unknown)}/case-file.pdf").status_code == 404


@pytest.mark.rule("BX-09")
def test_listing_is_shown_as_it_was_sold(made: Made) -> None:
    sold = made.late[0].created_at
    list_as(made.store, sold - timedelta(days=9), title="Case, red", price_usd=Decimal("12.5"), category="phones")
    list_as(made.store, sold + timedelta(seconds=1), title="Case, blue")
    text = text_of(of_notice().content).replace("\r\n", " ")
    assert "#strong[Phone case]" in text
    assert "version of 2026-" in text
    for words in ("Case, red", "Case, blue", "earliest known"):
        assert words not in text, words


@pytest.mark.rule("BX-09")
def test_listing_that_is_known_only_later_is_the_earliest_known_and_says_so(made: Made) -> None:
    sold = made.late[0].created_at
    ListingSighting.objects.update(at=sold + timedelta(days=1))
    list_as(made.store, sold + timedelta(days=2), title="Case, blue", price_usd=Decimal("12.5"))
    text = text_of(of_notice().content).replace("\r\n", " ")
    assert "earliest known version, of 2026-" in text
    assert "#strong[Phone case]" in text
    assert "Case, blue" not in text


@pytest.mark.rule("BX-09")
def test_same_rows_and_instant_give_the_same_bytes(made: Made) -> None:
    assert of_notice().content == of_notice().content


@pytest.mark.rule("BX-09")
def test_case_file_speaks_the_readers_language(made: Made) -> None:
    assert has_chinese_font()
    text = text_of(of_notice("zh-hans").content)
    assert "案卷" in text
    assert "晚发 5 小时" in text


def test_without_a_chinese_font_it_is_in_english_and_says_so(made: Made) -> None:
    text = text_of(of_notice("zh-hans", chinese=False).content)
    assert "Chinese characters are missing: this machine has no font that has them." in text
    assert "Case file" in text


@pytest.mark.rule("BX-09", "PN-29")
def test_case_file_of_an_appeal_has_its_orders_alone_and_can_be_attached(made: Made) -> None:
    notice = Notice.objects.get()
    appeal = Appeal.objects.create(
        store=made.store, number="AP-1", kind="notice", subject_key=notice.number, notice=notice, statement="Our claim",
        created_at=NOW,
    )  # fmt: skip
    AppealOrder.objects.create(
        appeal=appeal, order=made.late[1], place=0, exception="carrier_fault", claim="Handed over in time."
    )
    file = make_case_file(appeal=appeal, at=NOW, language="en")
    text = text_of(file.content)
    assert (file.orders, file.total) == (1, 1)
    assert "Our claim" in text
    assert "carrier's fault; Handed over in time." in text
    assert "=N001" in text
    assert "=N000" not in text
    kept = receive_file(
        company=made.store.company,
        name=file.name,
        content=ContentFile(file.content),
        principal=Person(make_person("owner", made.store.company)),
        at=NOW,
    )
    assert kept.kind == "pdf"


@pytest.mark.rule("BX-09", "AP-02")
def test_too_many_pages_halve_the_orders_and_say_so(made: Made) -> None:
    for order in made.late:
        TrackingEvent.objects.bulk_create(
            TrackingEvent(
                store=made.store, order=order, at=NOW - timedelta(days=5, minutes=minute), kind="transit",
                text="long " * 90,
            )
            for minute in range(60)
        )  # fmt: skip
    whole = of_notice()
    pages = len(pikepdf.open(BytesIO(whole.content)).pages)
    less = of_notice(limits=Limits(10 * 2**20, 5, pages - 1, 50))
    assert (whole.orders, less.orders, less.total) == (3, 1, 3)
    assert "Shown are the first 1 of 3 orders." in text_of(less.content)


def test_document_that_cannot_be_made_is_an_error() -> None:
    with pytest.raises(TypesettingError):
        typeset("case_file.typ", {"words": {}}, NOW)


@pytest.mark.rule("BX-09")
def test_it_is_downloaded_from_the_page_of_the_notice_in_one_click(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    client: Client = client_of(make_person("owner", made.store.company))
    notice = Notice.objects.get()
    address = reverse("dashboard:notice_case_file", args=["N1", notice.number])
    with time_machine.travel(NOW, tick=False):
        assert (
            f'href="{address}"' in client.get(reverse("dashboard:notice", args=["N1", notice.number])).content.decode()
        )
        response = client.get(address)
        assert response["Content-Disposition"] == f'attachment; filename="case-file-{notice.number}.pdf"'
        assert response.content.startswith(b"%PDF")
        monkeypatch.setattr(typesetting, "SECONDS", 0.001)
        assert client.get(address).status_code == 302


@pytest.mark.rule("BX-09", "AP-01", "PN-08")
def test_it_is_attached_to_a_draft_in_one_click_until_all_places_are_taken(made: Made) -> None:
    notice = Notice.objects.get()
    appeal = Appeal.objects.create(
        store=made.store, number="AP-1", kind="notice", subject_key=notice.number, notice=notice, created_at=NOW
    )
    AppealOrder.objects.create(appeal=appeal, order=made.late[0], place=0, exception="platform_error")
    client: Client = client_of(make_person("owner", made.store.company))
    where = ["N1", "AP-1"]
    with time_machine.travel(NOW, tick=False):
        address = reverse("appeals:case_file_attach", args=where)
        assert f'formaction="{address}"' in client.get(reverse("appeals:evidence", args=where)).content.decode()
        assert client.post(address)["Location"] == reverse("appeals:evidence", args=where)
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        client.post(address)
        download = client.get(reverse("appeals:case_file", args=where))
    attached = AppealFile.objects.get()
    assert (attached.name, attached.kind, attached.file.kind) == ("case-file-AP-1.pdf", "order_proof", "pdf")
    assert download.content.startswith(b"%PDF")
    for place in range(2, 6):
        other = EvidenceFile.objects.create(
            company=made.store.company, sha256=str(place) * 64, kind="pdf", name="x.pdf", size=1, uploaded_at=NOW
        )
        AppealFile.objects.create(appeal=appeal, file=other, place=place, name="x.pdf", added_at=NOW)
    AppealFile.objects.filter(pk=attached.pk).update(name="scan.pdf")
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        page = client.post(reverse("appeals:case_file_attach", args=where), follow=True).content.decode()
    assert AppealFile.objects.count() == 5
    assert "先移除一份" in page
