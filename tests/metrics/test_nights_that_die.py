"""Nights that die anywhere, run again or run in parts leave what one undisturbed night leaves (MX-03, MX-09, RL-03)."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from core.models import Deadline
from metrics.catalogue import Calendar
from metrics.models import RatingFreeze, Run
from metrics.rules.days import day_end
from metrics.services.night import run_night
from notifications.models import Advice, InboxMessage, Notice, NoticeOrder
from orders.models import Order
from stores.models import Company, Store
from stores.reference import resolve_categories
from tests.metrics.deaths import LATER, killing, left_behind
from tests.metrics.making import touch
from tests.metrics.worlds import load_world
from tests.oracle.generator import RandomChooser
from tests.oracle.paces import LAST, make_world
from tests.oracle.world import World
from tests.outbox import deliver

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
DAYS = [LAST - timedelta(days=back) for back in (2, 1, 0)]
# Seeds of worlds in which much happens: see `test_worlds_hold_what_nights_make`.
SEEDS = (3, 8)
# PostgreSQL differs in what a failed statement does to its transaction: one world shows that.
TRIED = (pytest.param(3, marks=pytest.mark.sqlite_only), 8)
DEATHS = 40 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 2


def at_of(day) -> datetime:
    """When a day is closed in both calendars: half an hour after the later one ended."""
    return day_end(day, Calendar.RATING)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def begin(seed: int) -> None:
    """Four governed stores and one that is mirrored, with facts that wander about their lines, and orders not counted
    yet."""
    bundle, facts = make_world(RandomChooser(seed), stores=5, days=100)
    bundle.manifest = {"known_until": dict.fromkeys(bundle.manifest["known_until"], "2024-09-01T00:00:00Z")}
    # One store falls far below the others in a night (SR-07).
    counts = facts.setdefault(("S2", DAYS[1]), {})
    for name, more in (("described_n", 300), ("described_sum", 600)):
        counts[name] = counts.get(name, 0) + more
    stores = load_world(World(bundle, facts=facts))
    Store.objects.exclude(store_no="S5").update(mode="governed")
    resolve_categories()
    for number, store in stores.items():
        orders = []
        for place in range(5 + int(number[1]) * 3):
            paid = datetime(2024, 7, 10, 2, tzinfo=UTC) + timedelta(hours=3 * place)
            orders.append(
                Order(
                    store=store,
                    order_no=f"{number}-{place}",
                    created_at=paid,
                    paid_at=paid,
                    ship_by_given=paid,
                    total_amount=5,
                    currency="USD",
                    total_usd=5,
                )
            )
        touch(store, Order.objects.bulk_create(orders))


def nights(*, again: int = 1) -> None:
    for day in DAYS:
        for _time in range(again):
            run_night(day=day, at=at_of(day))


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-01", "SR-06", "SR-07")
def test_worlds_hold_what_nights_make():
    made: set[str] = set()
    for seed in SEEDS:
        with undone():
            begin(seed)
            nights()
            deliver()
            made |= {f"{notice.level} {notice.state}" for notice in Notice.objects.all()}
            kinds = (Advice, RatingFreeze, NoticeOrder, InboxMessage, Deadline)
            made |= {kind.__name__ for kind in kinds if kind.objects.exists()}
    assert {"yellow issued", "red issued", "red predicted"} <= made, made
    assert {"Advice", "RatingFreeze", "NoticeOrder", "InboxMessage", "Deadline"} <= made, made


@pytest.mark.rule("MX-03", "MX-09", "RL-03", "PN-06")
@pytest.mark.parametrize("once", [True, False], ids=["fails", "dies"])
@pytest.mark.parametrize("seed", TRIED)
def test_night_that_died_anywhere_is_completed_by_the_next(seed, once):
    rng, first, second = random.Random(seed), DAYS[0], DAYS[1]
    begin(seed)
    run_night(day=first, at=at_of(first))
    with undone(), killing(10**9) as counting:
        run_night(day=second, at=at_of(second))
        whole = left_behind()
    for _example in range(DEATHS):
        with undone():
            died = rng.randrange(counting.seen)
            with killing(died, once=once):
                run_night(day=second, at=at_of(second))
            run_night(day=second, at=at_of(second) + LATER)
            now = left_behind()
            assert now.keys() == whole.keys(), died
            for name, rows in now.items():
                assert rows == whole[name], (name, died)


@pytest.mark.sqlite_only
@pytest.mark.rule("MX-08", "MX-09", "PN-06")
@pytest.mark.parametrize("seed", TRIED)
def test_reruns_and_partial_runs_add_nothing_and_change_nothing(seed):
    rng = random.Random(seed)
    with undone():
        begin(seed)
        with undone():
            nights()
            whole = left_behind()
        with undone():
            nights(again=3)
            assert left_behind() == whole
            for day in reversed(DAYS):
                run_night(day=day, at=at_of(DAYS[-1]) + timedelta(days=3))
            again = left_behind()
            assert (again["Published"], again["Notice"]) == (whole["Published"], whole["Notice"])
        numbers = sorted(Store.objects.values_list("store_no", flat=True))
        for day in DAYS:
            rng.shuffle(numbers)
            # One calendar after the other, some stores, the same again, then all.
            for calendars in ([Calendar.PERFORMANCE], [Calendar.RATING]):
                for part in (numbers[:2], numbers[1:4], None):
                    run_night(day=day, at=at_of(day), calendars=calendars, store_nos=part)
        assert numberless(left_behind()) == numberless(whole)
        companies = Company.objects.count()
        assert (
            InboxMessage.objects.values("company", "event").distinct().count()
            == InboxMessage.objects.count()
            > companies
        )


def numberless(rows: dict[str, list[str]]) -> dict[str, int]:
    """How many rows of each kind: which store's notice got which number is decided by who came first."""
    return {name: len(found) for name, found in rows.items()}


def test_deaths_happen_where_they_are_told_to():
    begin(SEEDS[0])
    with undone(), killing(10**9) as counting:
        run_night(day=DAYS[0], at=at_of(DAYS[0]))
    with undone():
        # Early in the first stage: later on, a death may fall between two stages, where nothing runs.
        with killing(counting.seen // 10):
            run_night(day=DAYS[0], at=at_of(DAYS[0]))
            raise AssertionError("nobody died")
        assert Run.objects.filter(state=Run.State.RUNNING).exists()
    assert connection.in_atomic_block
