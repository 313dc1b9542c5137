"""What the Smart Check compares an appeal with: the company's own data alone (PN-28, PN-29)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appeals.checks.checking import check_appeal, kept_findings
from appeals.checks.findings import Code, Finding, Severity
from appeals.checks.loading import load_case
from appeals.models import Appeal
from appeals.rules import AppealState
from disputes.models import Dispute
from orders.models import Message, Order, ReplacedShipment, TrackingEvent
from stores.models import Store
from tests.appeals.build import NIGHT, make_appeal, make_notice, make_store
from tests.appeals.checks.build import attach, jpeg_facts, page, pdf_facts
from tests.orders.build import make_order

pytestmark = pytest.mark.django_db
PICTURE = "0f" * 32
SHOT = jpeg_facts(page(picture=PICTURE, source="recognised"))
STATEMENT = "The carrier's hub lost the bag of 10 March and scanned our parcels three days after it had taken them."


def an_appeal(store: Store, **more: Any) -> Appeal:
    notice = make_notice(store, orders=1)
    appeal = make_appeal(notice, **more)
    Order.objects.filter(store=store).update(tracking_no=f"SZ126718225903{store.store_no[-1]}")
    return Appeal.objects.select_related("store", "notice", "dispute").get(pk=appeal.pk)


def submitted(store: Store, **more: Any) -> Appeal:
    return an_appeal(store, state=AppealState.REVIEW, submitted_at=NIGHT, **more)


def codes(appeal: Appeal) -> dict[str, str]:
    found = check_appeal(appeal, NIGHT)
    return {finding.code.value: finding.severity.value for finding in found if finding.severity != Severity.PASSED}


def sibling(appeal: Appeal) -> Store:
    return make_store("S2", company=appeal.store.company)


@pytest.mark.rule("PN-28")
def test_a_file_of_another_appeal_of_the_company_is_found() -> None:
    earlier = submitted(make_store("S1"))
    file = attach(earlier, SHOT).file
    appeal = an_appeal(sibling(earlier))
    attach(appeal, SHOT, file=file)
    assert codes(appeal)["file_reused"] == "medium"
    [found] = [one for one in check_appeal(appeal, NIGHT) if one.code == Code.FILE_REUSED]
    assert found.params == {"appeals": [""]}


@pytest.mark.rule("PN-28")
def test_a_picture_of_another_appeal_of_the_company_is_found() -> None:
    earlier = submitted(make_store("S1"))
    attach(earlier, SHOT)
    appeal = an_appeal(sibling(earlier))
    attach(appeal, jpeg_facts(page(picture="0e" + PICTURE[2:], source="recognised")))
    assert codes(appeal)["picture_reused"] == "medium"


@pytest.mark.rule("PN-28", "RL-08")
def test_nothing_is_learnt_about_files_statements_and_orders_of_other_companies() -> None:
    other = submitted(make_store("S1"), statement=STATEMENT)
    attach(other, SHOT)
    appeal = an_appeal(make_store("S2"), statement=STATEMENT)
    attach(appeal, SHOT)
    attach(appeal, pdf_facts(page("SZ1267182259031")))
    case = load_case(appeal, NIGHT)
    assert (case.others, case.earlier_statements, case.earlier_pictures) == ({}, (), ())
    assert {"file_reused", "picture_reused", "statement_alike", "other_order"}.isdisjoint(codes(appeal))


def test_drafts_and_appeals_against_the_same_notice_are_not_compared() -> None:
    first = make_appeal(make_notice(make_store("S1"), orders=1), state=AppealState.REJECTED, submitted_at=NIGHT)
    file = attach(first, SHOT).file
    second = make_appeal(first.notice)
    attach(second, SHOT, file=file)
    draft = an_appeal(sibling(first))
    attach(draft, SHOT, file=file)
    assert load_case(second, NIGHT).files[0].reused_in == ()
    assert load_case(draft, NIGHT).files[0].reused_in == ("",)


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-29")
def test_a_statement_of_the_company_s_other_appeal_is_boilerplate() -> None:
    earlier = submitted(make_store("S1"), statement=STATEMENT)
    appeal = an_appeal(sibling(earlier), statement=STATEMENT.replace("10", "11"))
    assert codes(appeal)["statement_alike"] == "medium"


@pytest.mark.rule("DP-09")
def test_a_file_that_names_another_order_of_the_company_is_found() -> None:
    appeal = an_appeal(make_store("S1"))
    make_order(sibling(appeal), order_no="8000110002029999", created_at=NIGHT, tracking_no="SZ999999999999")
    attach(appeal, pdf_facts(page("Parcel  SZ999999999999")))
    [found] = [one for one in check_appeal(appeal, NIGHT) if one.code == Code.OTHER_ORDER]
    assert (found.severity, found.order, found.page) == ("high", "8000110002029999", 1)


def test_a_replaced_tracking_number_is_the_order_s_too() -> None:
    appeal = an_appeal(make_store("S1"))
    order = appeal.orders.get().order
    ReplacedShipment.objects.create(store=order.store, order=order, tracking_no="YT2026030912345678", replaced_at=NIGHT)
    attach(appeal, pdf_facts(page("YT2026030912345678")))
    assert "number_found" in {one.code for one in check_appeal(appeal, NIGHT)}
    assert "number_missing" not in codes(appeal)


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-28a")
def test_what_the_product_has_needs_no_file() -> None:
    appeal = an_appeal(make_store("S1"))
    order = appeal.orders.get().order

    def missing() -> list[str]:
        return [one.params["kind"] for one in check_appeal(appeal, NIGHT) if one.code == Code.EVIDENCE_MISSING]

    assert missing() == ["carrier_trace", "third_party_document"]
    TrackingEvent.objects.create(store=order.store, order=order, at=NIGHT - timedelta(hours=1), kind="transit")
    assert missing() == ["third_party_document"]
    attach(appeal, pdf_facts(page("SZ1267182259031")), kind="third_party_document")
    assert missing() == []
    appeal.orders.update(exception="wrong_address")
    assert "platform_messages" in missing()
    Message.objects.create(
        store=order.store, order=order, message_no="M1", sent_at=NIGHT, sender="buyer", text="Please use my new address"
    )
    assert "platform_messages" not in missing()


@pytest.mark.rule("DP-07", "DP-09")
def test_a_verdict_needs_evidence_of_its_dispute_s_kind() -> None:
    store = make_store("S1")
    order = make_order(store, order_no="L1", created_at=NIGHT)
    dispute = Dispute.objects.create(
        store=store, order=order, dispute_no="D1", kind="not_received", opened_at=NIGHT, state="closed"
    )
    appeal = Appeal.objects.create(
        store=store, number="A1", kind="verdict", subject_key="D1", dispute=dispute, created_at=NIGHT
    )
    appeal.orders.create(order=order, place=1)
    assert codes(appeal) == {"evidence_invalid": "high", "evidence_missing": "medium", "statement_empty": "medium"}
    attach(appeal, pdf_facts(page("L1")), kind="bill_of_materials")
    assert codes(appeal)["evidence_invalid"] == "high"
    attach(appeal, pdf_facts(page("L1")), kind="full_trace")
    assert codes(appeal) == {"statement_empty": "medium"}


def test_findings_are_kept_as_they_were() -> None:
    appeal = an_appeal(make_store("S1"))
    attach(appeal, pdf_facts(page("Parcel  SZ1267182259031")))
    found = check_appeal(appeal, NIGHT)
    appeal.findings = [one.as_json() for one in found]
    appeal.save()
    appeal.refresh_from_db()
    assert kept_findings(appeal) == found
    assert Finding.from_json(found[0].as_json()) == found[0]


@pytest.mark.rule("RL-18")
def test_the_number_of_queries_grows_with_nothing() -> None:
    earlier = submitted(make_store("S1"), statement=STATEMENT)
    attach(earlier, SHOT)
    appeal = an_appeal(sibling(earlier), statement=STATEMENT)
    attach(appeal, SHOT)
    check_appeal(appeal, NIGHT)
    with CaptureQueriesContext(
        connection,
    ) as few:
        check_appeal(appeal, NIGHT)
    for place in range(2, 5):
        order = make_order(appeal.store, order_no=f"M{place}", created_at=NIGHT)
        appeal.orders.create(order=order, place=place, exception="customs_hold")
        attach(earlier, SHOT)
        attach(appeal, SHOT)
    with CaptureQueriesContext(connection) as many:
        check_appeal(appeal, NIGHT)
    assert len(many) == len(few)
