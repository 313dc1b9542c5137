"""Carriers that scan more seldom than valid traces need are named before they cause harm (AF-13)."""

from datetime import datetime, timedelta

import pytest

from core.models import Event
from core.timebase import performance_day
from orders.queries.scan_intervals import scan_intervals
from orders.rules.scan_intervals import Pace
from orders.services.scan_advice import advise_on_carriers
from stores.models import Carrier, Store
from tests.orders.build import DAY, HOUR, NOW, make_order, scan
from tests.stores.people import make_store

pytestmark = pytest.mark.rule("AF-13")
TARGET = timedelta(hours=36)


@pytest.mark.parametrize(
    ("pace", "typical", "seldom"),
    [
        (Pace(10, 10 * 36 * 3600), None, False),
        (Pace(10, 10 * 36 * 3600 + 1), None, True),
        (Pace(9, 9 * 90 * 3600), None, False),
        (Pace(), 36, False),
        (Pace(), 37, True),
        (Pace(10, 10 * 3600), 72, False),
    ],
)
def test_average_decides_and_before_it_is_known_the_typical_interval(
    pace: Pace, typical: int | None, seldom: bool
) -> None:
    assert pace.is_seldom(TARGET, least=10, typical_hours=typical) is seldom


def parcels(store: Store, carrier: str, hours: int, now: datetime = NOW) -> None:
    """Six scans of each of two parcels, as far apart as said."""
    for number in range(2):
        shipped = now - 15 * DAY
        order = make_order(
            store,
            paid_at=shipped,
            shipped_at=shipped,
            state="shipped",
            carrier=carrier,
            tracking_no=f"{carrier}{number}{now:%m}",
        )
        scan(order, shipped, "label")
        for place in range(6):
            scan(order, shipped + HOUR + place * hours * HOUR)


@pytest.mark.django_db
@pytest.mark.rule("BX-08")
def test_slow_carrier_is_named_once_and_again_only_after_recovery() -> None:
    store = make_store()
    Carrier.objects.update_or_create(code="SLOW", defaults={"name": "Slow", "scan_interval_hours": 24})
    parcels(store, "SLOW", 50)
    parcels(store, "FAST", 12)
    parcels(make_store("S2"), "FAST", 60)
    found = scan_intervals(store, NOW)
    assert [(one.code, one.pace, one.under_way, one.seldom) for one in found.carriers] == [
        ("SLOW", Pace(10, 10 * 50 * 3600, 10), 2, True),
        ("FAST", Pace(10, 10 * 12 * 3600, 0), 2, False),
    ]
    assert [advise_on_carriers(at=NOW), advise_on_carriers(at=NOW + 7 * DAY)] == [2, 0]
    advice = Event.objects.get(store_no=store.store_no)
    assert (advice.kind, advice.subject_key) == ("carrier.scans_seldom", f"SLOW/{performance_day(NOW).isoformat()}")
    assert advice.after == {"carrier": "SLOW", "hours": 50, "target": 36, "orders": 2}
    # Months later it still scans too seldom, then nothing is known of it, then it recovers and is slow again.
    named = []
    for months, hours in ((3, 50), (6, None), (9, 12), (12, 50)):
        later = NOW + months * 30 * DAY
        if hours is not None:
            parcels(store, "SLOW", hours, later)
        named.append(advise_on_carriers(at=later))
    assert named == [0, 0, 0, 1]
