"""Long lists are prepared in the background: in turn, once, for who asked and may still see them (IX-13, RL-18)."""

import csv
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.models import Event
from core.outbox.delivering import run_outbox
from exports import services
from exports.models import ExportJob
from exports.services import cancel_export, claim_export, prepare_export, remove_exports, run_exports
from notifications.models import InboxMessage
from orders.models import Order
from stores.models import Membership, Store, User
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.django_db, pytest.mark.rule("IX-13")]
NOW = datetime(2026, 5, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.EXPORTS_DIR, settings.EXPORT_ROWS_AT_ONCE, settings.EXPORTS_AT_ONCE = tmp_path, 2, 5
    with time_machine.travel(NOW, tick=False):
        yield tmp_path


def make_orders(store: Store, count: int) -> None:
    for number in range(count):
        Order.objects.create(
            store=store,
            order_no=f"{store.store_no}-{number}",
            created_at=NOW - timedelta(days=1),
            state="paid",
            total_amount=10,
            currency="USD",
            total_usd=10,
        )


def seller(number: str = "S1", orders: int = 3) -> tuple[Store, User, Client]:
    store = make_store(number)
    make_orders(store, orders)
    person = make_person(f"owner-{number}", store.company, "owner")
    browser = client_of(person)
    browser.cookies["language"] = "en"
    return store, person, browser


def ask(store: Store, browser: Client, suffix: str = "csv", query: str = "tab=all") -> ExportJob:
    """Follow the link of a long list and press the button."""
    led = browser.get(f"{reverse('dashboard:orders_file', args=[store.store_no, suffix])}?{query}")
    assert led.status_code == 302
    page = browser.get(led.headers["Location"])
    assert page.status_code == 200
    made = browser.post(led.headers["Location"])
    return ExportJob.objects.get(pk=int(made.headers["Location"].rstrip("/").rpartition("/")[2]))


def rows_of(path: Path) -> int:
    return len(list(csv.reader(path.open(encoding="utf-8-sig")))) - 1


def test_short_lists_are_sent_at_once() -> None:
    store, _person, browser = seller(orders=2)
    address = reverse("dashboard:orders_file", args=[store.store_no, "csv"])
    assert browser.get(address, {"tab": "all"}).status_code == 200
    assert not ExportJob.objects.exists()


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
def test_long_lists_are_prepared_and_told(suffix: str) -> None:
    store, person, browser = seller()
    job = ask(store, browser, suffix)
    page = reverse("exports:export", args=[job.pk])
    assert "waiting its turn" in browser.get(page).content.decode()
    assert run_exports(at=NOW) == 1
    job.refresh_from_db()
    assert (job.state, job.rows_total, job.rows_done, job.size) == ("ready", 3, 3, job.path.stat().st_size)
    run_outbox(at=NOW)
    message = InboxMessage.objects.get()
    assert (message.recipient, message.company, message.kind) == (person, store.company, "export.ready")
    file = browser.get(reverse("exports:file", args=[job.pk]))
    assert file.getvalue() == job.path.read_bytes()
    kinds = list(Event.objects.filter(subject_kind="export").order_by("pk").values_list("kind", "company_no"))
    assert kinds == [(f"export.{what}", store.company.company_no) for what in ("requested", "ready", "downloaded")]


@pytest.mark.rule("RL-08")
def test_a_prepared_file_is_for_who_asked_while_they_see_the_list() -> None:
    store, person, browser = seller()
    job = ask(store, browser)
    run_exports(at=NOW)
    colleague = client_of(make_person("colleague", store.company, "owner"))
    stranger = client_of(make_person("stranger", make_store("S2").company))
    for name in ("export", "file"):
        for other in (colleague, stranger):
            assert other.get(reverse(f"exports:{name}", args=[job.pk])).status_code == 404
    assert colleague.post(reverse("exports:cancel", args=[job.pk])).status_code == 404
    Membership.objects.filter(user=person).delete()
    assert browser.get(reverse("exports:file", args=[job.pk])).status_code == 404


@pytest.mark.rule("RL-08")
def test_nobody_has_a_list_prepared_that_they_may_not_see() -> None:
    store, _person, browser = seller()
    stranger = client_of(make_person("stranger", make_store("S2").company))
    new = reverse("exports:new")
    for address in (f"/stores/{store.store_no}/orders.csv", "/stores/nowhere/orders.csv", "/healthz", "nonsense", ""):
        assert stranger.get(new, {"of": address}).status_code == 404
        assert stranger.post(f"{new}?of={address}").status_code == 404
    assert browser.get(new, {"of": "/admin/lists/desk_audit.csv"}).status_code == 403
    assert not ExportJob.objects.exists()


@pytest.mark.rule("RL-08")
def test_rights_are_those_of_the_moment_of_writing() -> None:
    store, person, browser = seller()
    job = ask(store, browser)
    Membership.objects.filter(user=person).delete()
    assert run_exports(at=NOW) == 0
    job.refresh_from_db()
    assert (job.state, job.error, job.path.exists()) == ("failed", "access", False)


@pytest.mark.rule("RL-18")
def test_companies_take_turns() -> None:
    one, _p, first = seller("S1")
    two, _p, second = seller("S2")
    jobs = [ask(one, first), ask(one, first, "xlsx"), ask(two, second)]
    claimed = [claim_export(at=NOW), claim_export(at=NOW + timedelta(seconds=1)), claim_export(at=NOW)]
    # The company's second waits for its first, the other company doesn't.
    assert [job.pk if job else None for job in claimed] == [jobs[0].pk, jobs[2].pk, None]
    assert prepare_export(claimed[1]) if claimed[1] else False
    assert claim_export(at=NOW) is None
    assert prepare_export(claimed[0]) if claimed[0] else False
    again = claim_export(at=NOW)
    assert again is not None
    assert again.pk == jobs[1].pk


@pytest.mark.rule("RL-18")
def test_no_more_run_at_once_than_the_setting_allows(settings: Any) -> None:
    settings.EXPORTS_AT_ONCE = 1
    one, _p, first = seller("S1")
    two, _p, second = seller("S2")
    ask(one, first)
    ask(two, second)
    assert claim_export(at=NOW) is not None
    assert claim_export(at=NOW) is None


@pytest.mark.rule("RL-03")
def test_a_killed_export_begins_anew_and_is_given_up_in_the_end(folder: Path) -> None:
    store, _person, browser = seller()
    job = ask(store, browser)
    at = NOW
    for _attempt in range(services.JOBS.max_attempts - 1):
        killed = claim_export(at=at)
        assert killed is not None
        # As a killed worker leaves it: a lease of another machine, and half a file.
        ExportJob.objects.filter(pk=job.pk).update(lease="elsewhere:1:x")
        (folder / f".{job.pk}.csv.partial").write_text("half")
        assert claim_export(at=at) is None
        at += timedelta(minutes=5)
    last = claim_export(at=at)
    assert last is not None
    assert prepare_export(last)
    assert rows_of(job.path) == 3
    assert [path.name for path in folder.iterdir()] == [f"{job.pk}.csv"]
    other = ask(store, browser)
    ExportJob.objects.filter(pk=other.pk).update(state="running", attempts=3, lease="elsewhere:1:x")
    run_exports(at=at)
    other.refresh_from_db()
    assert (other.state, other.error) == ("failed", "attempts")


@pytest.mark.rule("RL-06")
def test_cancelling_wins_once_and_leaves_no_file() -> None:
    store, person, browser = seller()
    waiting = ask(store, browser)
    page = reverse("exports:cancel", args=[waiting.pk])
    assert [browser.post(page).status_code, browser.post(page).status_code] == [302, 409]
    assert run_exports(at=NOW) == 0
    running = ask(store, browser)
    claimed = claim_export(at=NOW)
    assert claimed is not None
    assert cancel_export(job=running, actor=f"person:{person.pk}", at=NOW)
    assert not prepare_export(claimed)
    running.refresh_from_db()
    assert (running.state, running.path.exists()) == ("cancelled", False)


@pytest.mark.django_db(transaction=True)
def test_a_running_export_notes_its_progress_and_hears_of_its_cancelling(monkeypatch: pytest.MonkeyPatch) -> None:
    store, _person, browser = seller()
    ask(store, browser)
    monkeypatch.setattr(services, "TICK_SECONDS", 0.01)
    claimed = claim_export(at=NOW)
    assert claimed is not None

    def slow() -> Iterator[int]:
        for number in range(1000):
            yield number
            if number == 5:
                cancel_export(job=claimed, actor="system", at=NOW)
            if number > 5:
                stop.wait(1)

    read: list[int] = []
    with suppress(services.StoppedError), services._watched(claimed) as watch:
        stop = watch.stop
        read.extend(watch.rows(slow()))
    assert watch.stop.is_set()
    assert 5 < watch.count < 1000


def test_files_are_removed_after_their_time(folder: Path, settings: Any) -> None:
    store, _person, browser = seller()
    job = ask(store, browser)
    run_exports(at=NOW)
    (folder / "stray.csv").write_text("left by a process that died")
    assert remove_exports(at=NOW + timedelta(days=settings.EXPORT_DAYS)) == 0
    assert [path.name for path in folder.iterdir()] == [f"{job.pk}.csv"]
    later = NOW + timedelta(days=settings.EXPORT_DAYS, seconds=1)
    assert remove_exports(at=later) == 1
    assert list(folder.iterdir()) == []
    job.refresh_from_db()
    assert job.state == "gone"
    assert browser.get(reverse("exports:file", args=[job.pk])).status_code == 404
    assert "removed" in browser.get(reverse("exports:export", args=[job.pk])).content.decode()
