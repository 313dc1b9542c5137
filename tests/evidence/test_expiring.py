"""The content of evidence goes some time after its last case ended; what was handed in stays on record (RL-14)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from appeals.models import Appeal, AppealFile
from core.models import Event
from disputes.models import Dispute, DisputeEvidence
from evidence import retention
from evidence.models import EvidenceFile
from evidence.services.examining import examine_waiting
from evidence.services.expiring import remove_expired_content
from evidence.services.orphans import remove_orphans
from evidence.services.receiving import receive_file
from evidence.services.verifying import damaged_files
from evidence.storage import files_of
from intake.personal.purging import purge_personal
from orders.models import LogisticsClaim, LogisticsClaimFile, Refund, RefundFile, ReturnFile, ReturnParcel
from stores.models import Store
from stores.principals import System
from tests.evidence.files import age, as_upload, pdf
from tests.orders.build import make_order
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.django_db, pytest.mark.rule("RL-14")]

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LONG_AGO, RECENTLY = NOON - timedelta(days=731), NOON - timedelta(days=730)


@pytest.fixture
def store() -> Store:
    return make_store("S1")


def receive(store: Store, text: str, at: datetime = LONG_AGO) -> EvidenceFile:
    content = as_upload(pdf(text))
    return receive_file(company=store.company, name=f"{text}.pdf", content=content, principal=System(), at=at)


def appealed(file: EvidenceFile, state: str = "rejected", **more: Any) -> None:
    store = file.company.stores.get()
    number = f"A{Appeal.objects.count()}"
    given = {"created_at": LONG_AGO, "state": state, **more}
    appeal = Appeal.objects.create(store=store, number=number, kind="notice", subject_key=number, **given)
    AppealFile.objects.create(appeal=appeal, file=file, place=1, name=file.name, added_at=LONG_AGO)


def names_left() -> list[str]:
    return sorted(EvidenceFile.objects.filter(removed_at=None).values_list("name", flat=True))


def test_content_goes_when_the_term_after_the_end_of_its_case_is_over(store: Store) -> None:
    over, recent = receive(store, "over"), receive(store, "recent")
    appealed(over, decided_at=LONG_AGO)
    appealed(recent, decided_at=RECENTLY)
    assert examine_waiting(at=LONG_AGO) == 2
    assert purge_personal(at=NOON)["evidence"] == 1
    over.refresh_from_db()
    assert (over.removed_at, over.sha256 in files_of(store.company_id)) == (NOON, False)
    assert [page["words"] for page in over.facts["pages"]] == [[]]
    assert [page["words"] != [] for page in EvidenceFile.objects.get(pk=recent.pk).facts["pages"]] == [True]
    event = Event.objects.get(kind="evidence.removed")
    assert (event.subject_key, event.after["sha256"]) == (str(over.pk), over.sha256)
    assert names_left() == ["recent.pdf"]
    assert list(damaged_files()) == []
    assert purge_personal(at=NOON) == {}


def test_content_stays_as_long_as_one_case_needs_it(store: Store) -> None:
    order = make_order(store, created_at=LONG_AGO, state="success", derived=False)
    files = {
        name: receive(store, name) for name in ("draft", "undecided", "disputed", "claimed", "asked", "sent", "gone")
    }
    for file in files.values():
        appealed(file, decided_at=LONG_AGO)
    appealed(files["draft"], "draft")
    appealed(files["undecided"], "withdrawn", created_at=RECENTLY)
    base = {"store": store, "order": order}
    dispute = Dispute.objects.create(**base, dispute_no="D1", kind="quality", opened_at=LONG_AGO)
    DisputeEvidence.objects.create(
        store=store, dispute=dispute, side="seller", kind="other", file=files["disputed"], added_at=LONG_AGO
    )
    claim = LogisticsClaim.objects.create(
        **base, kind="pickup", tracking_no="T", submitted_at=LONG_AGO, due_at=LONG_AGO, state="accepted"
    )
    LogisticsClaimFile.objects.create(claim=claim, file=files["claimed"], place=1, name="claimed")
    refund = Refund.objects.create(**base, refund_no="R1", requested_at=LONG_AGO, state="requested")
    RefundFile.objects.create(refund=refund, file=files["asked"], name="asked", added_at=LONG_AGO)
    parcel = ReturnParcel.objects.create(**base, return_no="B1", shipped_back_at=LONG_AGO)
    ReturnFile.objects.create(parcel=parcel, file=files["sent"], name="sent", added_at=LONG_AGO)
    assert remove_expired_content(before=RECENTLY, at=NOON) == 1
    assert "gone.pdf" not in names_left()
    Dispute.objects.update(closed_at=LONG_AGO)
    Refund.objects.update(completed_at=LONG_AGO, state="completed")
    ReturnParcel.objects.update(inspected_at=LONG_AGO)
    Appeal.objects.filter(state="draft").update(state="closed")
    assert remove_expired_content(before=RECENTLY, at=NOON) == 4
    # Proofs of dispatch are kept (PN-27).
    assert names_left() == ["claimed.pdf", "undecided.pdf"]


def test_who_asks_for_removed_content_is_told_and_may_hand_it_in_again(store: Store) -> None:
    file = receive(store, "over")
    appealed(file, decided_at=LONG_AGO)
    browser = client_of(make_person("owner", store.company))
    browser.cookies["language"] = "en"
    addresses = [reverse("evidence:file", args=[file.pk]), reverse("evidence:page", args=[file.pk, 1])]
    assert [browser.get(address).status_code for address in addresses] == [200, 200]
    remove_expired_content(before=RECENTLY, at=NOON)
    for address in addresses:
        answer = browser.get(address)
        assert (answer.status_code, file.sha256 in answer.content.decode()) == (410, True)
    again = receive(store, "over", NOON)
    assert (again.pk, again.removed_at) == (file.pk, None)
    assert browser.get(addresses[0]).status_code == 200
    assert remove_expired_content(before=RECENTLY, at=NOON) == 0


def test_content_that_a_killed_purge_left_goes_with_the_orphans(store: Store, evidence_folder: Path) -> None:
    file = receive(store, "over")
    appealed(file, decided_at=LONG_AGO)
    EvidenceFile.objects.update(removed_at=NOON)
    age(evidence_folder, NOON)
    assert remove_orphans(at=NOON + timedelta(days=1)).files == 1
    assert files_of(store.company_id) == []


def test_every_table_that_refers_to_files_says_how_long_it_needs_them() -> None:
    referring = {model for model, _rows in retention.references()}
    assert referring - set(retention._needs) == {LogisticsClaimFile}
