"""Subscribers act on events once, in order per subject, despite failures and kills (DM-33, RL-01, RL-03)."""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from core.events import declared_kinds, record_event, record_events
from core.models import Event, OutboxEntry
from core.outbox import delivering, subscribers
from core.outbox.delivering import LEASES, run_outbox
from core.outbox.subscribers import all_subscribers, subscriber
from core.services import discard_outbox, retry_outbox
from stores.models import Category
from tests.config.test_launcher import wait_for
from tests.dashboard.test_pages import words_of
from tests.stores.people import client_of, make_staff

pytestmark = [pytest.mark.rule("RL-03"), pytest.mark.django_db]
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
KIND = "company.created"
Seen = list[str]


class Broken:
    """Subjects whose delivery fails."""

    def __init__(self) -> None:
        self.subjects: set[str] = set()


@pytest.fixture
def broken() -> Broken:
    return Broken()


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch, broken: Broken) -> Seen:
    """What the only subscriber was given, each batch as one text; a batch with a broken subject is not kept."""
    batches: Seen = []
    monkeypatch.setattr(subscribers, "_subscribers", {})

    @subscriber("test", kinds=[KIND])
    def keep(events: Sequence[Event]) -> None:
        Category.objects.bulk_create(Category(code=named(event), name="x") for event in events)
        if broken.subjects & {event.subject_key for event in events}:
            raise RuntimeError("broken on purpose")
        batches.append(" ".join(named(event) for event in events))

    return batches


def named(event: Event) -> str:
    return f"{event.subject_key}{event.after['place']}"


def event(subject: str, place: int) -> Event:
    return Event(
        kind=KIND, subject_kind="company", subject_key=subject, actor="system", at=NOON, after={"place": place}
    )


def record(*names: str) -> None:
    """Events in order, named by subject and place: ``a0``."""
    record_events([event(name[0], int(name[1:])) for name in names])


def waiting() -> list[tuple[str, int]]:
    rows = OutboxEntry.objects.select_related("event").order_by("event_id")
    return [(named(row.event), row.attempts) for row in rows]


def test_subscribers_wait_for_declared_kinds_only() -> None:
    declared = {kind.name for kind in declared_kinds()}
    names = {
        "messages", "appeals", "appeal_messages", "corrections", "correction_messages", "verdict_messages",
        "feedback_messages", "risk_messages", "risk", "order_messages", "orders_of_changed_stores", "first_readings",
        "money_messages", "dispute_messages", "webhooks", "linked_store_messages", "penalties_of_freezes",
        "delisted_listings", "complaints", "copyright_messages", "image_flags", "channel_messages",
        "penalty_messages", "penalty_effects", "source_messages", "api_grants", "export_messages",
        "connection_messages",
    }  # fmt: skip
    assert {one.name for one in all_subscribers()} == names
    assert all(one.kinds <= declared for one in all_subscribers())


@pytest.mark.rule("RL-01")
def test_events_are_delivered_in_order_and_their_rows_removed(seen: Seen) -> None:
    record("a0", "b0", "a1")
    record("b1")
    assert waiting() == [("a0", 0), ("b0", 0), ("a1", 0), ("b1", 0)]
    assert run_outbox(at=NOON).delivered == {"test": 4}
    assert seen == ["a0 b0 a1 b1"]
    assert not OutboxEntry.objects.exists()
    assert run_outbox(at=NOON).delivered == {}


def test_other_kinds_and_what_is_rolled_back_leave_no_rows(seen: Seen) -> None:
    record_event(kind="store.closed", subject_kind="store", subject_key="S", actor="system", at=NOON)
    with transaction.atomic():
        record("a0")
        transaction.set_rollback(True)
    assert run_outbox(at=NOON).delivered == {}
    assert seen == []


def test_a_bad_event_holds_up_its_own_subject_only_and_waits_longer_each_time(seen: Seen, broken: Broken) -> None:
    record("a0", "b0", "a1", "c0")
    broken.subjects = {"a"}
    result = run_outbox(at=NOON)
    # The batch, then the bad one alone.
    assert (result.delivered, result.failed, result.given_up) == ({"test": 2}, 2, 0)
    assert (seen, waiting()) == (["b0", "c0"], [("a0", 2), ("a1", 1)])
    record("a2", "d0")
    assert run_outbox(at=NOON).delivered == {"test": 1}
    assert (seen[2:], waiting()) == (["d0"], [("a0", 2), ("a1", 1), ("a2", 0)])
    assert set(Category.objects.filter(name="x").values_list("code", flat=True)) == {"b0", "c0", "d0"}
    again = OutboxEntry.objects.order_by("event_id")[0].retry_at
    assert again == NOON + timedelta(minutes=1)
    assert OutboxEntry.objects.order_by("event_id")[0].error == "RuntimeError: broken on purpose"
    broken.subjects = set()
    assert run_outbox(at=again).delivered == {"test": 3}
    assert " ".join(seen[3:]) == "a0 a1 a2"


def give_up(broken: Broken) -> datetime:
    """Fail with ``a0`` as often as it is tried, while ``a1`` waits behind it; returns the instant after."""
    record("a0", "a1")
    broken.subjects, at = {"a"}, NOON
    for _attempt in range(LEASES.max_attempts + 1):
        at += timedelta(hours=3)
        result = run_outbox(at=at)
    assert (result.delivered, result.failed, result.given_up) == ({}, 0, 1)
    assert waiting() == [("a0", LEASES.max_attempts), ("a1", 1)]
    broken.subjects = set()
    return at


def test_what_is_given_up_is_tried_again_when_a_person_asks(seen: Seen, broken: Broken) -> None:
    at = give_up(broken)
    assert run_outbox(at=at + timedelta(days=1)).delivered == {}
    assert retry_outbox(entries=OutboxEntry.objects.all(), actor="person:1", at=at) == 1
    assert run_outbox(at=at).delivered == {"test": 2}
    assert seen == ["a0", "a1"]
    kept = Event.objects.get(kind="outbox.retried")
    assert (kept.actor, kept.subject_key.partition("/")[0], kept.after) == ("person:1", "test", {"event": KIND})


def test_what_is_given_up_can_be_discarded_and_the_rest_goes_on(seen: Seen, broken: Broken) -> None:
    at = give_up(broken)
    assert discard_outbox(entries=OutboxEntry.objects.all(), actor="person:1", at=at) == 1
    assert run_outbox(at=at).delivered == {"test": 1}
    assert seen == ["a1"]
    assert Event.objects.filter(kind="outbox.discarded").count() == 1


@pytest.mark.clock
@pytest.mark.rule("DM-02", "PG-20")
def test_senior_reviewers_retry_and_discard_on_the_page_of_the_outbox(seen: Seen, broken: Broken) -> None:
    def act(client: Client, action: str) -> str:
        data = {"action": action, "_selected_action": [row.pk for row in OutboxEntry.objects.all()]}
        url = reverse("admin:core_outboxentry_changelist")
        return words_of(client.post(url, data, follow=True).content.decode())

    give_up(broken)
    senior, reviewer = client_of(make_staff("senior", "senior reviewer")), client_of(make_staff("judge", "reviewer"))
    for client in (senior, reviewer):
        client.cookies["language"] = "en"
        page = words_of(client.get(reverse("admin:core_outboxentry_changelist") + "?state=given_up").content.decode())
        assert "RuntimeError: broken on purpose" in page
        assert "1 outbox row" in page
    act(reviewer, "retry")
    assert waiting()[0] == ("a0", LEASES.max_attempts)
    assert "1 rows are tried again." in act(senior, "retry")
    assert waiting()[0] == ("a0", 0)
    OutboxEntry.objects.update(attempts=LEASES.max_attempts)
    assert "2 rows were discarded." in act(senior, "discard")
    assert waiting() == []


def test_the_command_says_what_it_did_and_fails_when_something_failed(
    seen: Seen, broken: Broken, capsys: pytest.CaptureFixture[str]
) -> None:
    record("a0", "b0")
    call_command("outbox", "--at", NOON.isoformat())
    assert capsys.readouterr().out == "test: 2\n2 delivered, 0 failed attempts, 0 given up\n"
    record("c0")
    broken.subjects = {"c"}
    with pytest.raises(CommandError):
        call_command("outbox", "--json")
    assert capsys.readouterr().out == '{"delivered": {}, "failed": 1, "given_up": 0}\n'


# ── coalescing ──


@pytest.fixture
def latest(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """What a subscriber was given that wants the latest event of each subject only."""
    given: Seen = []
    monkeypatch.setattr(subscribers, "_subscribers", {})
    subscriber("latest", kinds=[KIND], coalesce=lambda event: event.subject_key)(
        lambda events: given.extend(named(event) for event in events)
    )
    return given


def test_waiting_rows_with_one_key_become_one(latest: Seen) -> None:
    record("a0", "b0", "a1")
    record("a2", "c0")
    assert waiting() == [("b0", 0), ("a2", 0), ("c0", 0)]
    run_outbox(at=NOON)
    assert latest == ["b0", "a2", "c0"]


def test_news_that_come_while_a_worker_is_at_a_row_are_not_lost(latest: Seen) -> None:
    record("a0")
    [only] = all_subscribers()
    held = delivering._claim(only, NOON)
    record("a1")
    assert not delivering._deliver(only, held, NOON)
    assert (latest, waiting()) == ([], [("a1", 0)])
    run_outbox(at=NOON)
    assert latest == ["a1"]


# ── workers at once, and killed ones ──


def at_once(work: Callable[[], Any], workers: int = 4) -> None:
    start_line = threading.Barrier(workers)

    def one() -> None:
        start_line.wait()
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)


@pytest.mark.slow
@pytest.mark.rule("RL-04")
@pytest.mark.django_db(transaction=True)
def test_workers_at_once_deliver_each_event_once_in_order(monkeypatch: pytest.MonkeyPatch, seen: Seen) -> None:
    monkeypatch.setattr(delivering, "ENTRIES_AT_ONCE", 3)
    record(*(f"{subject}{place}" for place in range(12) for subject in "abcd"))

    def work() -> None:
        # Rows behind one that another worker holds are not due yet.
        while OutboxEntry.objects.exists():
            run_outbox(at=NOON)

    at_once(work)
    delivered = " ".join(seen).split()
    assert len(delivered) == 48
    for subject in "abcd":
        assert [name for name in delivered if name[0] == subject] == [f"{subject}{place}" for place in range(12)]


def start_worker() -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.core.outbox_worker", str(connection.settings_dict["NAME"])]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "CRITICAL"}
    return subprocess.Popen(command, env=environment)


@pytest.fixture
def workers() -> Iterator[list["subprocess.Popen[bytes]"]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.rule("RL-01", "DM-35")
@pytest.mark.django_db(transaction=True)
def test_killed_workers_lose_nothing_and_repeat_nothing(
    monkeypatch: pytest.MonkeyPatch, latest: Seen, workers: list["subprocess.Popen[bytes]"]
) -> None:
    monkeypatch.setattr(subscribers, "_subscribers", {})
    subscriber("counted", kinds=[KIND])(lambda events: None)
    record(*(f"{subject}{place}" for place in range(60) for subject in "abcdefgh"))
    chance = random.Random(1)
    for _round in range(2):
        left = OutboxEntry.objects.count()
        workers += [start_worker() for _ in range(2)]
        wait_for(lambda left=left: OutboxEntry.objects.count() < left, 60)
        time.sleep(chance.uniform(0, 0.1))
        for process in workers[-2:]:
            process.kill()
            process.wait()
    assert OutboxEntry.objects.exists()
    # Rows of a process that died are claimed again, at last after the pause of a second death.
    for _again in range(20):
        if not OutboxEntry.objects.exists():
            break
        OutboxEntry.objects.filter(retry_at__isnull=False).update(retry_at=None)
        process = start_worker()
        workers.append(process)
        assert process.wait(60) == 0
    assert not OutboxEntry.objects.exists()
    assert dict(Category.objects.filter(code__in=list("abcdefgh")).values_list("code", "name")) == dict.fromkeys(
        "abcdefgh", "60"
    )
