"""Background imports are shared fairly between companies (RL-18)."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone, translation

from intake import leases, turns
from intake.models import Import
from intake.pipeline import chunks
from intake.services import resumable_uploads, run_import
from intake.tasks import run_import_task
from orders.models import Order
from stores.models import Company, Membership, Store, User
from tests.intake.test_uploads import upload

pytestmark = [pytest.mark.clock, pytest.mark.rule("RL-18"), pytest.mark.django_db]
HEADER = "store_no,order_no,created_at,total_amount,currency\n"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def person() -> User:
    """The owner of companies A, B and C, each with the store of its name."""
    person = User.objects.create_user("owner@example.com", "pass-word-1", language="en")
    for number in "ABC":
        company = Company.objects.create(company_no=number, name=number)
        Membership.objects.create(user=person, company=company, role="owner")
        Store.objects.create(store_no=number, name=number, company=company)
    return person


def queued(person: User, company: str, rows: int = 2) -> Import:
    lines = "".join(f"{company},{number},2024-05-01T10:00:00Z,1,USD\n" for number in range(rows))
    return upload(person, company, orders=HEADER + lines)


def running(job: Import, **more: Any) -> Import:
    """As a worker on another machine has it."""
    now = timezone.now()
    values = {
        "state": "running",
        "lease": "elsewhere:1:x",
        "lease_until": now + timedelta(minutes=2),
        "started_at": now,
    }
    Import.objects.filter(pk=job.pk).update(**values | more)
    job.refresh_from_db()
    return job


def next_ones() -> list[int]:
    return resumable_uploads(at=timezone.now())


def test_each_company_has_one_import_running_and_the_others_queue(person):
    first, second, other = queued(person, "A"), queued(person, "A"), queued(person, "B")
    running(first)
    assert next_ones() == [other.pk]
    assert run_import(second) is None
    second.refresh_from_db()
    assert (second.state, second.attempts) == (Import.State.QUEUED, 0)
    assert run_import(other) is not None


def test_imports_of_one_company_go_in_in_the_order_in_which_they_came(person):
    first, second = queued(person, "A"), queued(person, "A")
    assert next_ones() == [first.pk]
    assert run_import(second) is None
    run_import(first)
    assert next_ones() == [second.pk]
    assert run_import(second) is not None


def test_large_imports_leave_room_for_small_ones(person, monkeypatch, settings):
    settings.IMPORTS_AT_ONCE = 1
    monkeypatch.setattr(turns, "SMALL_BYTES", 1_000)
    running(queued(person, "A", rows=100))
    large, small = queued(person, "B", rows=100), queued(person, "C")
    assert next_ones() == [small.pk]
    assert run_import(large) is None
    assert run_import(small) is not None


def test_what_takes_long_is_large_whatever_it_looked_like(person, settings):
    settings.IMPORTS_AT_ONCE = 1
    job = queued(person, "A")
    assert not turns.is_large(job, timezone.now())
    running(job, started_at=timezone.now() - timedelta(minutes=2))
    assert turns.is_large(job, timezone.now())


def test_what_is_packed_counts_as_what_it_may_unpack_to(person, tmp_path):
    job = queued(person, "A")
    for name, large in (("a.csv", False), ("a.zip", True), ("a.XLSX", True)):
        path = tmp_path / name
        path.write_bytes(b"x" * (turns.SMALL_BYTES // 2))
        job.path = str(path)
        assert turns.is_large(job, timezone.now()) is large, name


def test_who_was_served_last_comes_last_also_after_a_restart(person):
    hostile, second, third = queued(person, "A"), queued(person, "B"), queued(person, "C")
    now = timezone.now()
    # The worker died with it a moment ago, the turn of B is longer ago, C had none.
    running(hostile, lease_until=now - timedelta(seconds=1), turn_at=now)
    Import.objects.filter(pk=second.pk).update(turn_at=now - timedelta(minutes=1))
    assert next_ones() == [third.pk, second.pk, hostile.pk]


def test_a_long_import_lets_others_go_on_when_any_wait(person, monkeypatch):
    monkeypatch.setattr(chunks, "ROWS", {"sqlite": 40, "postgresql": 40})
    monkeypatch.setattr(leases, "SHARE_SECONDS", -1.0)
    long, other = queued(person, "A", rows=100), queued(person, "B")
    assert run_import(long, until=float("inf")) is None
    long.refresh_from_db()
    assert (long.state, next_ones()) == (Import.State.QUEUED, [other.pk, long.pk])
    assert run_import(other, until=float("inf")) is None
    Import.objects.filter(pk=other.pk).delete()
    assert run_import(long, until=float("inf")) is not None
    assert Order.objects.filter(store__store_no="A").count() == 100


def test_whoever_ends_wakes_the_next(person, monkeypatch):
    woken: list[int] = []
    monkeypatch.setattr(run_import_task, "delay", woken.append)
    first, second, other = queued(person, "A"), queued(person, "A"), queued(person, "B")
    run_import_task(first.pk)
    assert woken == [other.pk, second.pk]
    woken.clear()
    # It is over: nothing was taken, so there is nothing to tell.
    run_import_task(first.pk)
    assert woken == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_take_one_import_of_a_company(person):
    jobs = [queued(person, "A"), queued(person, "A")]
    at, barrier, taken = timezone.now(), threading.Barrier(2), []

    def claim(job: Import) -> None:
        barrier.wait()
        taken.append(turns.claim_import(job, at=at))
        connection.close()

    # Both look as if they came first: only the turn holds them apart.
    threads = [threading.Thread(target=claim, args=[job]) for job in (jobs[0], jobs[0])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False, True]
    assert not turns.claim_import(jobs[1], at=at)
