"""Programs prepare appeals and hand them in, as sellers do on pages (AP-01, PN-08, RL-06, IX-20)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from appeals.models import Appeal
from appeals.rules import AppealState
from appeals.services.clocks import start_review_clock, start_supplement_clock
from appeals.services.lifecycle import move_appeal
from core.models import Event
from notifications.models import Notice
from notifications.queries.notices import appeal_window_end
from stores.models import Store
from tests.api.programs import WRITE_ALL, api_client, token_for
from tests.appeals.build import NIGHT, make_appeal, make_notice, make_store
from tests.evidence.files import jpeg, pdf

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("AP-01", "IX-20")]
ADDRESS = "/api/v1/stores/S1/appeals"


@pytest.fixture(autouse=True)
def at_night(settings: Any, tmp_path: Path) -> Iterator[None]:
    disk = {"BACKEND": "evidence.storage.DiskStorage", "OPTIONS": {"location": tmp_path / "evidence"}}
    settings.STORAGES = {**settings.STORAGES, "evidence": disk}
    with time_machine.travel(NIGHT, tick=False):
        yield


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def notice(store: Store) -> Notice:
    return make_notice(store)


@pytest.fixture
def program(store: Store) -> Client:
    return api_client(token_for(store, scopes=WRITE_ALL, at=NIGHT))


def send(program: Client, path: str, *, put: bool = False, key: str = "", **body: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    call = program.put if put else program.post
    return call(f"{ADDRESS}{path}", body, content_type="application/json", headers=headers)


def done(answer: Any) -> Any:
    assert answer.status_code == 200, answer.content
    return answer.json()


def why(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("reason", "")


def started(program: Client, notice: Notice) -> Any:
    return done(send(program, "", kind="notice", subject=notice.number))


def filled(program: Client, notice: Notice) -> Any:
    """A draft that can be handed in."""
    draft = started(program, notice)
    orders = [{"order_no": "L1", "exception": "carrier_fault", "claim": "No scan for three days"}]
    words = "The carrier had order L1 in time and scanned it late."
    said = {"version": draft["version"], "orders": orders, "statement": words}
    return done(send(program, f"/{draft['number']}", put=True, **said))


def upload(program: Client, number: str, *files: tuple[str, bytes], kind: str = "") -> Any:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    return program.post(f"{ADDRESS}/{number}/files?kind={kind}", {"files": sent})


@pytest.mark.rule("PN-08")
def test_appeal_is_prepared_and_handed_in_and_reads_back(program: Client, notice: Notice) -> None:
    draft = filled(program, notice)
    attached = done(upload(program, draft["number"], ("trace.pdf", pdf("Order L1")), kind="carrier_trace"))
    assert [(one["place"], one["name"], one["kind"]) for one in attached["files"]] == [
        (1, "trace.pdf", "carrier_trace")
    ]
    handed_in = done(send(program, f"/{draft['number']}/submit", version=draft["version"]))
    read = program.get(f"{ADDRESS}/{draft['number']}").json()
    assert handed_in == read
    assert (read["state"], read["submitted_at"], read["statement"]) == (
        "review",
        "2026-03-10T18:00:00Z",
        "The carrier had order L1 in time and scanned it late.",
    )
    assert [(one["order_no"], one["exception"], one["claim"]) for one in read["orders"]] == [
        ("L1", "carrier_fault", "No scan for three days")
    ]
    notice.refresh_from_db()
    assert notice.state == "appealing"
    event = Event.objects.get(kind="appeal.submitted")
    assert event.actor.startswith("program:")


@pytest.mark.rule("RL-05", "PN-08")
def test_servers_clock_decides_whether_an_appeal_is_in_time(program: Client, store: Store, notice: Notice) -> None:
    end = appeal_window_end(notice)
    draft = filled(program, notice)
    assert submit_at(program, store, draft, end + timedelta(seconds=1)) == (409, "too_late")
    assert submit_at(program, store, draft, end) == (200, "")


def submit_at(program: Client, store: Store, draft: Any, at: datetime) -> tuple[int, str]:
    with time_machine.travel(at, tick=False):
        client = api_client(token_for(store, scopes=WRITE_ALL, at=at))
        return why(send(client, f"/{draft['number']}/submit", version=draft["version"]))


@pytest.mark.rule("RL-06")
def test_who_was_slower_changes_nothing_and_is_told_the_present_state(program: Client, notice: Notice) -> None:
    draft = filled(program, notice)
    stale = draft["version"] - 1
    path = f"/{draft['number']}"
    for answer in (
        send(program, path, put=True, version=stale, orders=[], statement="Other words"),
        send(program, f"{path}/submit", version=stale),
        send(program, f"{path}/withdraw", version=stale),
    ):
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["reason"]) == (409, "conflict", "changed")
        assert (problem["state"], problem["version"]) == ("draft", draft["version"])
    assert Appeal.objects.get().statement == draft["statement"]


def test_request_that_is_sent_again_has_its_effect_once(program: Client, notice: Notice) -> None:
    draft = filled(program, notice)
    assert started(program, notice)["number"] == draft["number"]
    path = f"/{draft['number']}/submit"
    first = send(program, path, key="submit-1", version=draft["version"])
    again = send(program, path, key="submit-1", version=draft["version"])
    assert done(first) == done(again)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert send(program, path, key="submit-1", version=99).status_code == 422
    assert Event.objects.filter(kind="appeal.submitted").count() == 1


def test_what_an_appeal_may_not_name_is_refused_by_its_place(program: Client, notice: Notice) -> None:
    unknown = send(program, "", kind="notice", subject="PN20260101-000001")
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "#/subject")
    draft = started(program, notice)
    orders = [{"order_no": number, "exception": "other"} for number in ("L1", "ELSEWHERE")]
    said = {"version": draft["version"], "orders": orders, "statement": "Words"}
    refused = send(program, f"/{draft['number']}", put=True, **said)
    assert [error["pointer"] for error in refused.json()["errors"]] == ["#/orders/1/order_no"]
    orders[1]["exception"] = "bad weather"
    refused = send(program, f"/{draft['number']}", put=True, **said)
    assert [error["pointer"] for error in refused.json()["errors"]] == ["#/orders/1/exception"]
    assert program.get(f"{ADDRESS}/{draft['number']}").json() == draft
    assert why(send(program, f"/{draft['number']}/submit", version=draft["version"])) == (409, "no_orders")


@pytest.mark.rule("AP-02", "PN-08")
def test_files_are_held_to_the_limits_of_pages(program: Client, notice: Notice) -> None:
    number = started(program, notice)["number"]
    not_a_form = send(program, f"/{number}/files", files=[])
    assert (not_a_form.status_code, not_a_form.headers["Accept"]) == (415, "multipart/form-data")
    mixed = upload(program, number, ("a.jpg", jpeg("A")), ("notes.txt", b"Only words"))
    assert mixed.status_code == 422
    assert [error["detail"].partition(":")[0] for error in mixed.json()["errors"]] == ["notes.txt"]
    four = [(f"{place}.jpg", jpeg(str(place))) for place in range(4)]
    files = done(upload(program, number, *four))["files"]
    assert [file["name"] for file in files] == ["a.jpg", "0.jpg", "1.jpg", "2.jpg", "3.jpg"]
    assert upload(program, number, ("more.jpg", jpeg("more"))).status_code == 422
    assert upload(program, number, kind="").status_code == 422
    assert upload(program, number, ("b.jpg", jpeg("B")), kind="rumour").json()["errors"][0]["parameter"] == "kind"
    left = done(program.delete(f"{ADDRESS}/{number}/files/2"))["files"]
    assert [file["place"] for file in left] == [1, 3, 4, 5]
    assert program.delete(f"{ADDRESS}/{number}/files/2").status_code == 404


def test_upload_that_is_larger_than_all_files_together_is_not_read(program: Client, notice: Notice) -> None:
    number = started(program, notice)["number"]
    declared = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": str(10**10)}
    answer = program.generic("POST", f"{ADDRESS}/{number}/files", b"", **declared)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_withdrawn_appeal_gives_its_notice_back(program: Client, notice: Notice) -> None:
    draft = filled(program, notice)
    handed_in = done(send(program, f"/{draft['number']}/submit", version=draft["version"]))
    withdrawn = done(send(program, f"/{draft['number']}/withdraw", version=handed_in["version"]))
    assert withdrawn["state"] == "withdrawn"
    notice.refresh_from_db()
    assert notice.state == "opened"
    late = upload(program, draft["number"], ("a.jpg", jpeg("A")))
    assert why(late) == (409, "changed")


@pytest.mark.rule("PN-09")
def test_supplement_goes_back_to_review(program: Client, notice: Notice) -> None:
    Notice.objects.filter(pk=notice.pk).update(state="appealing")
    appeal = make_appeal(notice, AppealState.REVIEW, submitted_at=NIGHT)
    start_review_clock(appeal=appeal, at=NIGHT)
    appeal.orders.filter(place=1).update(decision="supplement", reason_code="evidence_missing")
    move_appeal(appeal=appeal, to=AppealState.SUPPLEMENT, at=NIGHT, actor="person:0", cause="PN-09")
    start_supplement_clock(appeal=appeal, at=NIGHT)
    path = f"/{appeal.number}/supplement"
    assert why(send(program, path, version=appeal.version)) == (409, "nothing_new")
    found = done(send(program, path, version=appeal.version, answers={"L1": "Signed page attached"}))
    assert (found["state"], found["orders"][0]["decision"]) == ("review", "pending")


@pytest.mark.rule("PN-03")
def test_starting_an_appeal_opens_its_notice(program: Client, notice: Notice) -> None:
    Notice.objects.filter(pk=notice.pk).update(state="issued", opened_at=None)
    draft = filled(program, notice)
    notice.refresh_from_db()
    assert (notice.state, notice.opened_at, notice.opened_by) == ("opened", NIGHT, None)
    assert done(send(program, f"/{draft['number']}/submit", version=draft["version"]))["state"] == "review"
