"""A store is pulled from a platform on loopback, whatever that does (IX-25)."""

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.utils import translation

from intake.models import ConnectionItem
from orders.models import Order, TrackingEvent
from tests.intake.connectors.aliexpress_platform import DETAIL, DISPUTES, LIST, TRACKING, Platform, pacific
from tests.intake.connectors.shop import (
    FIRST,
    NOW,
    begin_from_the_past,
    connected_shop,
    dispute,
    ended,
    feeds_of,
    last_run,
    order,
    run,
    shipped,
    shop,
    stock,
    without_instants,
)
from tests.intake.helpers import tables, undone
from tests.intake.killing import KilledError, Killer

pytestmark = [pytest.mark.django_db, pytest.mark.rule("IX-25")]


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def connected(settings: Any) -> Any:
    with connected_shop(settings) as both:
        yield both


def states() -> Counter[str]:
    return Counter(Order.objects.values_list("state", flat=True))


def test_all_that_a_seller_has_comes_in(connected):
    platform, connection = connected
    shop(platform)
    assert run().turns == {"done": 1}
    assert set(feeds_of(connection).values()) == {"ok"}, list(connection.feeds.values_list("name", "reason"))
    assert states() == {"paid": 3, "shipped": 2, "delivered": 2, "success": 5}
    found = last_run(connection)
    assert (found.state, found.doubts) == ("done", [])
    assert {name: counts["new"] for name, counts in found.counts.items()} == {
        "orders": 12,
        "order_lines": 12,
        "tracking_events": 35,
        "disputes": 2,
        "reviews": 3,
    }
    first = Order.objects.get(order_no=str(FIRST))
    assert (first.site, first.sku, str(first.total_amount), first.currency) == ("RU", "LAMP-0", "21.5000", "USD")
    assert first.created_at == NOW - timedelta(days=1)


@pytest.mark.sqlite_only
@pytest.mark.rule("RL-14")
def test_nothing_of_the_buyer_is_kept_but_a_pseudonym(connected):
    platform, _connection = connected
    shop(platform)
    run()
    written = repr(tables()) + repr(list(ConnectionItem.objects.values_list("key", "stamp", "detail")))
    assert [word for word in ("Ivan", "Petrov", "Iv***", "Le***", "1A2B3C4D", "'ru1'") if word in written] == []
    assert Order.objects.exclude(buyer_ref="").count() == 12


def test_what_did_not_change_is_asked_for_once(connected):
    platform, _connection = connected
    shop(platform)
    run()
    before = platform.count(DETAIL)
    stock(platform, shipped(0, NOW - timedelta(days=1), gmt_update=pacific(NOW + timedelta(minutes=3))))
    run(NOW + timedelta(minutes=16))
    assert platform.count(DETAIL) - before == 1
    assert Order.objects.get(order_no=str(FIRST)).state == "shipped"


@pytest.mark.sqlite_only
def test_a_run_waits_for_its_time(connected):
    _platform, connection = connected
    assert run().turns == {"done": 1}
    assert run(NOW + timedelta(minutes=14)).turns == {}
    assert run(NOW + timedelta(minutes=15)).turns == {"done": 1}
    connection.refresh_from_db()
    assert connection.next_run_at == NOW + timedelta(minutes=30)


# ── Lists ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_pages_in_any_order_and_rows_that_move_between_them_lose_nothing(connected):
    platform, _connection = connected
    platform.shuffled = True
    stock(platform, *(order(place, NOW - timedelta(hours=place)) for place in range(130)))

    def finish_one_on_page_2(platform: Platform) -> None:
        if platform.calls[-1][1]["current_page"] == 2:
            stock(platform, ended(3, NOW - timedelta(hours=3), gmt_update=pacific(NOW)))
        else:
            platform.during[LIST] = finish_one_on_page_2

    platform.during[LIST] = finish_one_on_page_2
    assert run().turns == {"done": 1}
    assert Order.objects.count() == 129
    run(NOW + timedelta(minutes=16))
    assert Order.objects.count() == 130


@pytest.mark.sqlite_only
def test_a_finished_order_is_found_however_old_it_is(connected):
    platform, connection = connected
    begin_from_the_past(connection)
    old, older = NOW - timedelta(days=100), NOW - timedelta(days=170)
    stock(platform, shipped(1, old), ended(2, older), ended(3, NOW - timedelta(days=2), gmt_update=pacific(NOW)))
    run(seconds=60)
    assert states() == {"shipped": 1, "success": 2}
    # It is over too long after its creation for a filter by its last change: the daily walk finds it.
    stock(platform, ended(1, old, gmt_update=pacific(NOW + timedelta(hours=1)), gmt_trade_end=pacific(NOW)))
    run(NOW + timedelta(minutes=90))
    assert states() == {"shipped": 1, "success": 2}
    run(NOW + timedelta(days=1, minutes=1))
    assert states() == {"success": 3}


@pytest.mark.sqlite_only
def test_a_filter_without_effect_is_noticed(connected):
    platform, connection = connected
    stock(platform, order(1, NOW - timedelta(hours=1)), order(2, NOW - timedelta(days=400)))
    platform.ignores_filter = True
    run()
    assert {name: state for name, state in feeds_of(connection).items() if state != "ok"} == {"orders": "unfiltered"}
    assert not Order.objects.exists()


# ── Failures ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.sqlite_only
@pytest.mark.parametrize("fault", ["500", "cut", "not json", "hang"])
def test_a_platform_that_fails_is_tried_again_later(connected, fault, settings):
    platform, connection = connected
    settings.ALIEXPRESS_TIMEOUT = 0.5 if fault == "hang" else 25
    shop(platform)
    platform.faults[DETAIL] = [fault]
    assert run().turns == {"failed": 1}
    connection.refresh_from_db()
    assert (connection.failures, connection.state) == (1, "active")
    assert connection.next_run_at - connection.failed_at == timedelta(minutes=2)
    assert feeds_of(connection)["details"] == "failing"
    assert run(connection.next_run_at).turns == {"done": 1}
    assert (Order.objects.count(), feeds_of(connection)["details"]) == (12, "ok")


def test_a_ban_is_waited_for_without_a_worker_and_the_run_goes_on(connected):
    platform, connection = connected
    shop(platform)
    platform.faults[DETAIL] = ["", "", "ban 120"]
    assert run().turns == {"throttled": 1}
    connection.refresh_from_db()
    assert connection.lease_until is None
    assert connection.next_run_at - NOW >= timedelta(seconds=121)
    # Those that were answered before are in.
    assert Order.objects.count() == 2
    assert last_run(connection).state == "waiting"
    assert run(connection.next_run_at).turns == {"done": 1}
    assert (Order.objects.count(), connection.runs.count()) == (12, 1)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("fault", "state"), [("retired", "retired"), ("permission", "permission"), ("arguments", "arguments")]
)
def test_a_feed_that_needs_somebody_has_a_lasting_state_and_the_others_go_on(connected, fault, state):
    platform, connection = connected
    shop(platform)
    platform.refusing[TRACKING] = fault
    run()
    assert {name: found for name, found in feeds_of(connection).items() if found != "ok"} == {"tracking": state}
    assert (Order.objects.count(), TrackingEvent.objects.count()) == (12, 0)
    asked = platform.count(TRACKING)
    run(NOW + timedelta(minutes=16))
    assert platform.count(TRACKING) == asked
    del platform.refusing[TRACKING]
    run(NOW + timedelta(days=1, minutes=20))
    assert feeds_of(connection)["tracking"] == "ok"
    assert TrackingEvent.objects.exists()


@pytest.mark.sqlite_only
def test_an_order_without_an_answer_holds_up_no_other(connected):
    platform, _connection = connected
    shop(platform)
    platform.during[DETAIL] = lambda platform: platform.orders.pop(str(FIRST + 2))
    run()
    assert Order.objects.count() == 11
    item = ConnectionItem.objects.get(kind="order", key=str(FIRST + 2))
    assert item.failures == 1
    assert item.due_at >= NOW + timedelta(minutes=15)


@pytest.mark.sqlite_only
def test_errors_about_one_order_hold_up_no_other_and_several_in_a_row_their_feed_alone(connected):
    platform, connection = connected
    shop(platform)
    platform.faults[DETAIL] = ["remote", "", "remote"]
    assert run().turns == {"done": 1}
    assert Order.objects.count() == 10
    ConnectionItem.objects.update(due_at=NOW)
    platform.faults[DETAIL] = ["remote"] * 3
    assert run(NOW + timedelta(minutes=16)).turns == {"done": 1}
    assert feeds_of(connection)["details"] == "failing"
    assert run(NOW + timedelta(hours=2)).turns == {"done": 1}
    assert (Order.objects.count(), feeds_of(connection)["details"]) == (12, "ok")


@pytest.mark.sqlite_only
def test_a_session_that_ended_is_refreshed_and_one_that_cannot_needs_a_person(connected):
    platform, connection = connected
    shop(platform)
    platform.access = "another"
    assert run().turns == {"done": 1}
    platform.access = platform.refresh = "revoked"
    assert run(NOW + timedelta(minutes=15)).turns == {"reconnect": 1}
    connection.refresh_from_db()
    assert (connection.state, connection.problem, connection.next_run_at) == ("reconnect", "session", None)
    assert run(NOW + timedelta(days=1)).turns == {}


@pytest.mark.sqlite_only
def test_words_that_nobody_knows_are_data_issues(connected):
    platform, connection = connected
    stock(platform, ended(1, NOW - timedelta(days=21), reason="taken_by_aliens"))
    run()
    assert Order.objects.get().end_unclear
    assert last_run(connection).doubts == [{"what": "end_reason", "value": "taken_by_aliens", "where": str(FIRST + 1)}]


# ── Disputes ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_end_of_a_dispute_is_noticed(connected):
    platform, _connection = connected
    shop(platform)
    run()
    found = Order.objects.get(order_no=str(FIRST + 4)).disputes.get()
    assert (found.state, found.kind, found.closed_at) == ("open", "not_as_described", None)
    solution = {
        "status": "reached",
        "reached_type": "seller_reponse_timeout",
        "reached_time": pacific(NOW),
        "refund_money_post": "10.00",
        "refund_money_post_currency": "USD",
    }
    platform.disputes.clear()
    dispute(platform, 91, FIRST + 4, "finish", buyer_solution_list={"solution_api_dto": [solution]})
    asked = platform.count(DISPUTES)
    run(NOW + timedelta(minutes=16))
    found.refresh_from_db()
    assert (found.state, found.closed_at, found.liability, str(found.outcome_usd)) == (
        "closed",
        NOW,
        "seller",
        "10.0000",
    )
    assert platform.count(DISPUTES) - asked == 3


# ── Killed ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("RL-01", "IX-03")
def test_a_run_that_is_killed_at_any_point_goes_on_without_gap_or_double(connected):
    platform, _connection = connected
    shop(platform)
    with undone():
        run()
        undisturbed = tables()
    rng = random.Random(7)
    for _death in range(3):
        with undone():
            at, deaths = NOW, 0
            while True:
                try:
                    with database.execute_wrapper(Killer(rng.randint(20, 200) if deaths < 3 else -1)):
                        run(at)
                    break
                except KilledError:
                    deaths += 1
                    # The lease of a process that lives ends by itself.
                    at += timedelta(minutes=6)
            assert deaths > 0
            assert without_instants(tables()) == without_instants(undisturbed)
