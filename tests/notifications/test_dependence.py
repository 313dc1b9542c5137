"""Advice on dependence on one carrier: once until it recovers (PN-36)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation

from core.timebase import performance_day_end
from metrics.catalogue import Calendar
from metrics.models import Published
from notifications.kinds import message_kind
from notifications.models import Advice, InboxMessage
from notifications.services.advising_carriers import advise_on_carriers
from orders.models import Order
from rulebook.queries import policies
from stores.models import Store
from tests.notifications.build import DAY, ONE_DAY, make_store
from tests.outbox import deliver

pytestmark = [pytest.mark.rule("PN-36"), pytest.mark.django_db]


@pytest.fixture
def store() -> Store:
    return make_store()


def ship(store: Store, carrier: str, count: int, day: date = DAY, **more: Any) -> None:
    at = performance_day_end(day) - timedelta(hours=1)
    first = Order.objects.count()
    Order.objects.bulk_create(
        Order(
            store=store,
            order_no=f"N{first + place}",
            created_at=at - timedelta(days=2),
            shipped_at=at,
            carrier=carrier,
            total_amount=10,
            currency="USD",
            total_usd=10,
            **more,
        )
        for place in range(count)
    )


def advise(store: Store, day: date = DAY, *, level: str = "ok", hours: int = 2) -> list[tuple[str, str]]:
    """Publish the day, unless it is, and run the stage; returns when advice was given and when it was over."""
    at = performance_day_end(day) + timedelta(hours=hours)
    Published.objects.get_or_create(
        store=store,
        day=day,
        calendar=Calendar.PERFORMANCE,
        defaults={"policy_version": 1, "computed_at": at, "scorecard": {"slow_fulfilment": {"level": level}}},
    )
    advise_on_carriers(day=day, at=at, calendar=Calendar.PERFORMANCE)
    deliver()
    rows = Advice.objects.filter(store=store, kind="dependence").order_by("pk")
    return [(str(one.opened_on), str(one.recovered_on or "")) for one in rows]


def test_more_than_four_fifths_with_one_carrier_is_advised_once(store: Store) -> None:
    ship(store, "SFEX", 80)
    ship(store, "YTO", 20)
    assert advise(store) == []
    ship(store, "SFEX", 1, DAY + ONE_DAY)
    for day in (1, 1, 2):
        assert advise(store, DAY + day * ONE_DAY) == [(str(DAY + ONE_DAY), "")]
    ship(store, "YTO", 5, DAY + 3 * ONE_DAY)
    assert advise(store, DAY + 3 * ONE_DAY) == [(str(DAY + ONE_DAY), str(DAY + 3 * ONE_DAY))]
    [message] = InboxMessage.objects.all()
    with translation.override("en"):
        told = message_kind(message.kind).words(message, policies()).text.replace("\N{NO-BREAK SPACE}", " ")
    assert told.startswith("SFEX carried 80.20 % of the 101 orders shipped in the 30 days up to 2026-03-11;")


def test_older_shipments_and_other_channels_do_not_count(store: Store) -> None:
    ship(store, "SFEX", 12)
    ship(store, "YTO", 90, DAY - 30 * ONE_DAY)
    ship(store, "YTO", 90, source="external")
    ship(store, "YTO", 90, fulfilled_by="platform")
    assert advise(store) == [(str(DAY), "")]


@pytest.mark.parametrize(("count", "level", "hours"), [(9, "ok", 2), (50, "stale", 2), (50, "ok", 25)])
def test_few_orders_missing_data_and_late_nights_advise_nothing(
    store: Store, count: int, level: str, hours: int
) -> None:
    ship(store, "SFEX", count)
    assert advise(store, level=level, hours=hours) == []
