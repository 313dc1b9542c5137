"""The Smart Check on the pages of an appeal and in what is handed in (PN-28)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from appeals.checks.checking import kept_findings
from appeals.checks.findings import Code
from appeals.models import Appeal, AppealFile
from appeals.rules import AppealState
from appeals.services.checking import MOST_AT_ONCE, run_check
from appeals.services.clocks import start_review_clock, start_supplement_clock
from appeals.services.drafting import attach_file
from appeals.services.lifecycle import move_appeal
from appeals.services.submitting import submit_appeal
from appeals.services.supplementing import hand_in_supplement
from evidence.models import EvidenceFile
from evidence.services.receiving import receive_file
from orders.models import Order
from stores.principals import Person
from tests.appeals.build import NIGHT, make_appeal, make_notice, make_store
from tests.appeals.drafts import seller_of
from tests.evidence.files import as_upload, pdf
from tests.notifications.pages import english, words_of
from tests.stores.people import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.rule("PN-28")]
AT = NIGHT + timedelta(hours=1)


@pytest.fixture(autouse=True)
def evidence_folder(settings: Any, tmp_path: Path) -> None:
    disk = {"BACKEND": "evidence.storage.DiskStorage", "OPTIONS": {"location": tmp_path / "evidence"}}
    settings.STORAGES = {**settings.STORAGES, "evidence": disk}


@pytest.fixture
def appeal() -> Appeal:
    """A draft that names one order, whose tracking number is known."""
    notice = make_notice(make_store(), orders=1)
    Order.objects.filter(store=notice.store).update(tracking_no="SZ126718225903")
    appeal = make_appeal(notice, statement="Order SZ126718225903 was scanned late.")
    return Appeal.objects.select_related("store__company", "notice", "dispute").get(pk=appeal.pk)


@pytest.fixture
def who(appeal: Appeal) -> Person:
    return seller_of(appeal.store)


def attach(appeal: Appeal, who: Person, text: str) -> AppealFile:
    """Receive a letter that says this, and attach it."""
    content = as_upload(pdf(text), "letter.pdf")
    file = receive_file(company=appeal.store.company, name="letter.pdf", content=content, principal=who, at=AT)
    return attach_file(appeal=appeal, file=file, name="letter.pdf", kind="third_party_document", at=AT, principal=who)


def codes(findings: Any) -> set[str]:
    return {finding.code.value for finding in findings}


@pytest.mark.sqlite_only
def test_files_that_wait_are_examined_before_they_are_checked(appeal: Appeal, who: Person) -> None:
    for number in range(MOST_AT_ONCE + 1):
        attach(appeal, who, f"SZ126718225903 copy {number}")
    assert EvidenceFile.objects.filter(examined_at=None).count() == MOST_AT_ONCE + 1
    assert codes(run_check(appeal=appeal, at=AT)) >= {Code.NUMBER_FOUND, Code.NOT_EXAMINED}
    assert Code.NOT_EXAMINED not in codes(run_check(appeal=appeal, at=AT))


@pytest.mark.sqlite_only
def test_the_step_shows_what_was_found_with_advice_and_place(appeal: Appeal, who: Person) -> None:
    attach(appeal, who, "SZ126718225930")
    client: Client = english(client_of(who.user))
    with time_machine.travel(AT, tick=False):
        page = client.get(reverse("appeals:check", args=["S1", appeal.number])).getvalue().decode()
    words = words_of(page)
    assert "is one sign off from SZ126718225903, the number of order L1" in words
    assert "Ask whoever wrote the document to correct it" in words
    assert "letter.pdf · page 1 · order L1" in words
    assert "checks found nothing" in words


@pytest.mark.sqlite_only
@pytest.mark.rule("AP-01")
def test_findings_are_kept_as_they_were_at_submission(appeal: Appeal, who: Person) -> None:
    attach(appeal, who, "SZ126718225930")
    shown = run_check(appeal=appeal, at=AT)
    submit_appeal(appeal=appeal, expedited=False, at=AT, principal=who, version=appeal.version)
    Order.objects.update(tracking_no="SZ126718225930")
    appeal.refresh_from_db()
    assert kept_findings(appeal) == shown
    assert appeal.checked_at == AT


@pytest.mark.rule("PN-09")
def test_a_supplement_is_checked_when_it_is_handed_in(appeal: Appeal, who: Person) -> None:
    Appeal.objects.filter(pk=appeal.pk).update(state=AppealState.REVIEW, submitted_at=AT)
    appeal.notice.__class__.objects.update(state="appealing")
    appeal.refresh_from_db()
    start_review_clock(appeal=appeal, at=AT)
    appeal.orders.update(decision="supplement")
    move_appeal(appeal=appeal, to=AppealState.SUPPLEMENT, at=AT, actor="person:0", cause="PN-09")
    start_supplement_clock(appeal=appeal, at=AT)
    later = AT + timedelta(hours=1)
    attach(appeal, who, "SZ126718225930")
    run_check(appeal=appeal, at=later)
    hand_in_supplement(
        appeal=appeal, answers={"L1": "See the letter"}, given_up=(), at=later, principal=who, version=appeal.version
    )
    appeal.refresh_from_db()
    assert Code.NUMBER_NEAR in codes(kept_findings(appeal))
    assert appeal.checked_at == later
