"""Connections take turns, stop when they are told to, and go through files' own pipeline (IX-25, RL-18)."""

import json
import threading
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.utils import translation

from core.models import Event
from intake.connectors.connecting import (
    ConnectionChangedError,
    pause_connection,
    resume_connection,
    sync_now,
)
from intake.connectors.history import forget_runs
from intake.connectors.running import claim_next, run_turn
from intake.models import ConnectionRun, Source, StoreConnection
from metrics.services.runs import Clock
from orders.models import Order
from stores.models import Feed
from tests.intake.connectors.shop import NOW, connect, connected_shop, last_run, run, shop

pytestmark = [pytest.mark.django_db, pytest.mark.rule("IX-25")]


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def connected(settings: Any) -> Any:
    with connected_shop(settings) as both:
        yield both


# ── Turns ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("RL-18")
def test_companies_take_turns_and_who_was_served_last_comes_last(connected, settings):
    _platform, first = connected
    sibling, other = connect("S2", first.store.company), connect("S3")
    claimed = claim_next(at=NOW)
    assert claimed == first
    # Not the same company's second store, though it waits as long.
    assert claim_next(at=NOW) == other
    # As many as may run at once are running.
    third = connect("S4")
    assert claim_next(at=NOW) is None
    settings.CONNECTIONS_AT_ONCE = 3
    assert claim_next(at=NOW) == third
    assert claim_next(at=NOW) is None
    StoreConnection.objects.update(lease_until=None)
    assert claim_next(at=NOW) == sibling


def test_a_turn_that_is_over_goes_on_in_the_next_one(connected):
    platform, connection = connected
    shop(platform)
    claimed = claim_next(at=NOW)
    assert run_turn(claimed, Clock(NOW), seconds=0) == "turn over"
    assert last_run(connection).state == "waiting"
    assert run().turns == {"done": 1}
    assert (connection.runs.count(), Order.objects.count()) == (1, 12)


@pytest.mark.django_db(transaction=True)
@pytest.mark.rule("RL-18")
def test_of_many_workers_at_once_each_gets_another_connection_and_no_more_than_may(connected, settings):
    for number in ("S2", "S3", "S4"):
        connect(number)
    settings.CONNECTIONS_AT_ONCE = 3
    claimed: list[int] = []
    barrier = threading.Barrier(5)

    def work() -> None:
        try:
            barrier.wait(10)
            claimed.extend(one.pk for one in [claim_next(at=NOW)] if one)
        finally:
            database.close()

    workers = [threading.Thread(target=work) for _number in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert (len(claimed), len(set(claimed))) == (3, 3)


@pytest.mark.sqlite_only
def test_a_run_that_kills_its_workers_is_left_to_a_person(connected):
    _platform, connection = connected
    StoreConnection.objects.update(attempts=5)
    assert run().turns == {}
    assert Source.objects.get().last_error == "internal"
    assert run().turns == {}
    assert Source.objects.get().failures == 1
    assert sync_now(connection=connection, actor="person:1", at=NOW)
    assert run().turns == {"done": 1}


# ── What people do ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.sqlite_only
def test_pausing_stops_a_run_under_way(connected):
    platform, connection = connected
    shop(platform)
    claimed = claim_next(at=NOW)
    pause_connection(connection=connection, actor="person:1", at=NOW)
    assert run_turn(claimed, Clock(NOW)) == "stopped"
    assert last_run(connection).state == "stopped"
    connection.refresh_from_db()
    assert (connection.lease_until, connection.attempts) == (None, 0)
    resume_connection(connection=connection, actor="person:1", at=NOW)
    assert run().turns == {"done": 1}
    assert Order.objects.count() == 12


@pytest.mark.sqlite_only
def test_a_run_is_asked_for_once(connected):
    _platform, connection = connected
    assert run().turns == {"done": 1}
    assert sync_now(connection=connection, actor="person:1", at=NOW)
    assert not sync_now(connection=connection, actor="person:2", at=NOW)
    assert run().turns == {"done": 1}
    assert list(connection.runs.order_by("pk").values_list("actor", "state")) == [
        ("system", "done"),
        ("person:1", "done"),
    ]


@pytest.mark.sqlite_only
@pytest.mark.rule("RL-06")
def test_who_comes_second_is_told(connected):
    _platform, connection = connected
    pause_connection(connection=connection, actor="person:1", at=NOW)
    for act in (pause_connection, sync_now):
        with pytest.raises(ConnectionChangedError):
            act(connection=connection, actor="person:2", at=NOW)
    resume_connection(connection=connection, actor="person:2", at=NOW)
    with pytest.raises(ConnectionChangedError):
        resume_connection(connection=connection, actor="person:1", at=NOW)
    kinds = Event.objects.filter(kind__startswith="connector.").order_by("pk").values_list("kind", "actor")
    assert list(kinds)[2:] == [("connector.paused", "person:1"), ("connector.resumed", "person:2")]


@pytest.mark.sqlite_only
def test_old_runs_are_forgotten(connected):
    _platform, connection = connected
    run()
    ConnectionRun.objects.create(connection=connection, actor="system", started_at=NOW, state="waiting")
    assert forget_runs(at=NOW + timedelta(days=91)) == 1
    assert connection.runs.get().state == "waiting"


# ── Sync health, command ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("PN-20", "TM-17")
def test_sync_health_hears_of_runs_and_streams_are_known_though_nothing_happened(connected):
    platform, connection = connected
    run()
    source = Source.objects.get()
    assert (source.kind, source.name, source.last_error) == ("connector", "aliexpress", "")
    assert source.last_success_at >= NOW
    known = dict(Feed.objects.filter(store=connection.store).values_list("kind", "known_until"))
    assert set(known) == {"orders", "refunds", "settlements", "tracking", "disputes", "reviews"}
    assert known["orders"] >= NOW
    platform.refusing["aliexpress.issue.issuelist.get"] = "500"
    run(NOW + timedelta(minutes=16))
    source.refresh_from_db()
    assert (source.last_error, source.failures) == ("unreachable", 1)


@pytest.mark.sqlite_only
def test_the_command_pulls_and_says_what_came(connected):
    platform, _connection = connected
    shop(platform)
    with time_machine.travel(NOW, tick=False):
        call_command("sync", "--store", "S1", "--json", stdout=(out := StringIO()))
    said = json.loads(out.getvalue())["S1"]
    assert (said["outcome"], said["counts"]["orders"]) == ("done", {"new": 12})
    with pytest.raises(CommandError, match="no connection for store S9"):
        call_command("sync", "--store", "S9")
