"""Rows that are work: one process at a time claims, renews and settles them (RL-01, RL-03, RL-06)."""

import os
import socket
import subprocess
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from core.leases import Leases, is_held
from metrics.models import Run

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LEASES = Leases(duration=5 * MINUTE, max_attempts=3, first_retry=MINUTE)

pytestmark = [pytest.mark.rule("RL-03"), pytest.mark.django_db]


def make_rows(count: int = 1) -> None:
    """Rows of a table of work: the shards of a night."""
    Run.objects.bulk_create(Run(job="rating", day=date(2026, 5, 1), stage="s", shard=place) for place in range(count))


def claim(at: datetime = NOW, *, limit: int | None = None) -> list[Run]:
    return LEASES.claim(Run.objects.order_by("shard"), at=at, limit=limit, state="running")


def claim_one(at: datetime = NOW) -> Run:
    [row] = claim(at)
    return row


def dead_process() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_rows_are_claimed_in_order_up_to_the_limit_and_counted():
    make_rows(3)
    assert [row.shard for row in claim(limit=2)] == [0, 1]
    assert [row.shard for row in claim(limit=2)] == [2]
    assert claim() == []
    assert (
        list(Run.objects.order_by("shard").values_list("state", "attempts", "lease_until"))
        == [("running", 1, NOW + 5 * MINUTE)] * 3
    )


def test_a_held_row_is_taken_over_when_its_lease_is_over():
    make_rows()
    first = claim_one()
    Run.objects.update(lease="elsewhere:1:x")
    assert claim(NOW + 4 * MINUTE) == []
    second = claim_one(NOW + 5 * MINUTE)
    assert (second.attempts, second.lease == first.lease) == (2, False)


def test_renewing_keeps_the_lease():
    make_rows()
    row = claim_one()
    assert LEASES.renew(row, at=NOW + 4 * MINUTE, rows=7)
    assert claim(NOW + 8 * MINUTE) == []
    assert Run.objects.get().rows == 7


def test_the_row_of_a_process_that_died_here_is_taken_at_once():
    make_rows(2)
    claim()
    dead = f"{socket.gethostname()}:{dead_process()}:x"
    Run.objects.filter(shard=0).update(lease=dead)
    Run.objects.filter(shard=1).update(lease=dead.replace(socket.gethostname(), "elsewhere"))
    assert [is_held(row, NOW) for row in Run.objects.order_by("shard")] == [False, True]
    assert [row.shard for row in claim()] == [0]
    assert [row.lease.split(":")[1] for row in Run.objects.filter(shard=0)] == [str(os.getpid())]


def test_whoever_lost_a_lease_changes_nothing():
    make_rows()
    slow = claim_one()
    fast = claim_one(NOW + 6 * MINUTE)
    for change in (LEASES.settle, LEASES.give_back):
        assert not change(slow, rows=1)
    assert not LEASES.renew(slow, at=NOW + 6 * MINUTE, rows=1)
    assert not LEASES.put_off(slow, at=NOW + 6 * MINUTE, rows=1)
    assert LEASES.settle(fast, state="done", rows=2)
    assert not LEASES.settle(fast, rows=3)
    settled = Run.objects.get()
    assert (settled.state, settled.rows, settled.attempts, settled.lease_until) == ("done", 2, 2, None)


def test_a_row_that_fails_waits_longer_each_time_and_then_for_a_person():
    make_rows()
    at, pauses = NOW, []
    for _attempt in range(LEASES.max_attempts):
        assert LEASES.put_off(claim_one(at), at=at, state="failed")
        retry_at = Run.objects.get().retry_at
        pauses.append((retry_at - at) // MINUTE)
        assert claim(retry_at - timedelta(seconds=1)) == []
        at = retry_at
    assert pauses == [1, 2, 4]
    assert claim(NOW + timedelta(days=9)) == []
    assert [row.attempts for row in LEASES.given_up(Run.objects.all(), at=at)] == [3]


def test_a_row_that_kills_its_workers_waits_from_the_second_death_on():
    make_rows()
    dead = f"{socket.gethostname()}:{dead_process()}:x"
    for wait in (timedelta(0), MINUTE):
        claim_one()
        Run.objects.update(lease=dead)
        assert len(LEASES.ready(Run.objects.all(), at=NOW)) == (0 if wait else 1)
    assert claim_one(NOW + MINUTE).attempts == 3
    Run.objects.update(lease=dead)
    assert claim(NOW + timedelta(days=9)) == []


def test_work_that_goes_on_another_time_counts_no_attempt():
    make_rows()
    for _turn in range(LEASES.max_attempts + 1):
        assert LEASES.give_back(claim_one(), state="waiting")
    assert Run.objects.values_list("state", "attempts").get() == ("waiting", 0)


@pytest.mark.rule("RL-06")
@pytest.mark.django_db(transaction=True)
def test_each_row_goes_to_one_of_many_who_claim_at_once():
    make_rows(60)
    start_line, taken, lock = threading.Barrier(6), [], threading.Lock()

    def work() -> None:
        start_line.wait()
        try:
            while rows := claim(limit=2):
                with lock:
                    taken.extend(row.shard for row in rows)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _place in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sorted(taken) == list(range(60))
    assert set(Run.objects.values_list("attempts", flat=True)) == {1}
