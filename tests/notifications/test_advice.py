"""Advice on a dimension far below its benchmark: once until it recovers (SR-07, MX-12)."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from core.timebase import rating_day_end
from metrics.catalogue import Calendar
from metrics.models import Published
from notifications.models import Advice, InboxMessage
from notifications.services.advising import advise_day
from stores.models import Company, Store
from tests.notifications.build import DAY, ONE_DAY, make_store
from tests.notifications.test_messages import inbox
from tests.notifications.test_pages import english
from tests.outbox import deliver
from tests.stores.people import client_of, make_person

pytestmark = pytest.mark.django_db
BAD, GOOD = "-0.1571000000", "-0.1499999999"


@pytest.fixture
def store() -> Store:
    return make_store()


def publish(store: Store, day: date = DAY, *, level: str = "ok", **deviations: str) -> None:
    """A published rating day with the deviations of dimensions."""
    scorecard = {
        code: {"value": "4.0200000000", "benchmark": "4.7700000000", "deviation": deviation, "level": level}
        for code, deviation in deviations.items()
    }
    Published.objects.create(
        store=store,
        day=day,
        calendar=Calendar.RATING,
        policy_version=1,
        computed_at=rating_day_end(day),
        scorecard=scorecard,
    )


def advise(day: date = DAY, *, late_by: timedelta = timedelta()) -> int:
    given = advise_day(day=day, at=rating_day_end(day) + late_by, calendar=Calendar.RATING)
    deliver()
    return given


def advice() -> list[tuple[str, str, str]]:
    """Dimension, first day, day of recovery."""
    rows = Advice.objects.order_by("id")
    return [(one.subject, str(one.opened_on), str(one.recovered_on or "")) for one in rows]


@pytest.mark.rule("SR-07", "MX-12")
@pytest.mark.parametrize(("deviation", "given"), [("-0.1500000000", 1), (GOOD, 0), ("0.2000000000", 0)])
def test_advice_is_given_at_the_line(store: Store, deviation: str, given: int) -> None:
    publish(store, shipping=deviation)
    assert advise() == given == InboxMessage.objects.count()


@pytest.mark.rule("SR-07")
def test_advice_is_given_once_until_the_dimension_recovers(store: Store) -> None:
    for place, deviation in enumerate([BAD, BAD, GOOD, GOOD, BAD]):
        publish(store, DAY + place * ONE_DAY, shipping=deviation, described=GOOD)
        advise(DAY + place * ONE_DAY)
    assert advice() == [("shipping", "2026-03-10", "2026-03-12"), ("shipping", "2026-03-14", "")]
    assert InboxMessage.objects.count() == 2


@pytest.mark.rule("SR-07", "RL-03")
def test_nights_run_again_in_any_order_change_nothing(store: Store) -> None:
    for place, deviation in enumerate([BAD, BAD, GOOD, BAD]):
        publish(store, DAY + place * ONE_DAY, shipping=deviation)
        advise(DAY + place * ONE_DAY)
    before = advice()
    for place in (1, 0, 3, 2):
        assert advise(DAY + place * ONE_DAY, late_by=timedelta(hours=5)) == 0
    assert advice() == before
    assert InboxMessage.objects.count() == 2


@pytest.mark.sqlite_only
@pytest.mark.rule("SR-07", "MX-05", "MX-07")
@pytest.mark.parametrize("level", ["few", "stale", "no_data"])
def test_values_that_say_nothing_neither_advise_nor_recover(store: Store, level: str) -> None:
    publish(store, level=level, shipping=BAD)
    assert advise() == 0
    publish(store, DAY + ONE_DAY, shipping=BAD)
    advise(DAY + ONE_DAY)
    publish(store, DAY + 2 * ONE_DAY, level=level, shipping=GOOD)
    advise(DAY + 2 * ONE_DAY)
    assert advice() == [("shipping", "2026-03-11", "")]


@pytest.mark.rule("SR-07", "MX-09")
@pytest.mark.parametrize(("seconds", "given"), [(0, 1), (1, 0)])
def test_backfilled_day_advises_nothing(store: Store, seconds: int, given: int) -> None:
    publish(store, shipping=BAD)
    assert advise(late_by=timedelta(hours=24, seconds=seconds)) == given


@pytest.mark.rule("SR-07")
def test_each_dimension_has_its_own_advice_with_its_next_step(store: Store) -> None:
    publish(store, shipping=BAD, communication=BAD)
    assert advise() == 2
    text = inbox(english(client_of(make_person("one", store.company))))
    assert "Advice: Shipping" in text
    assert "Shipping was 4.02 on 2026-03-10, the benchmark 4.77: a deviation of −15.71 %." in text
    assert "Ship the orders that are due next" in text
    assert "Answer waiting messages within 24 h" in text


@pytest.mark.rule("SR-07", "RL-04")
@pytest.mark.django_db(transaction=True)
def test_runs_at_once_advise_once() -> None:
    company = Company.objects.create(company_no="C", name="C")
    for place in range(6):
        publish(make_store(f"S{place}", company=company), shipping=BAD)
    start_line, given = threading.Barrier(3), []

    def work(*_given: Any) -> None:
        start_line.wait()
        try:
            given.append(advise())
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert sum(given) == Advice.objects.count() == InboxMessage.objects.count() == 6
