"""Valid traces (AF-06), and that they agree with the abnormal pool on what silence is (TM-03)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.queries.traces import trace_faults_of
from orders.rules.pool import PoolLimits, pool_periods
from orders.rules.traces import Fault, Scan, TraceFault, TraceLimits, judge_trace
from tests.orders.build import DAY, HOUR, NOW, make_order, scan
from tests.stores.people import make_store

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("AF-06")]
LIMITS = TraceLimits(window=72 * HOUR, events=2, silence=48 * HOUR)
SECOND = timedelta(seconds=1)


def trace(*hours: int, end: str = "delivered") -> list[Scan]:
    """Scans at these hours, a pickup first and a delivery last."""
    kinds = ["pickup", *["transit"] * (len(hours) - 2), end]
    return [Scan(NOW + at * HOUR, kind) for at, kind in zip(hours, kinds, strict=True)]


def test_windows_and_silences_hold_to_the_second() -> None:
    assert judge_trace(trace(0, 48), limits=LIMITS) == []
    assert judge_trace(trace(0, 36, 72, 108), limits=LIMITS) == []
    first, middle, last = trace(0, 48, 72)
    late = Scan(last.at + SECOND, "delivered")
    assert judge_trace([first, middle, last], limits=LIMITS) == []
    assert judge_trace([late, middle, first], limits=LIMITS) == [
        TraceFault(Fault.SPARSE, first.at, first.at + 72 * HOUR, 1)
    ]
    after = Scan(middle.at + SECOND, "transit")
    assert judge_trace([first, after, last], limits=LIMITS) == [TraceFault(Fault.SILENT, first.at, after.at)]


def test_what_is_missing_is_told() -> None:
    assert judge_trace([Scan(NOW, "label")], limits=LIMITS, parcel=2) == [
        TraceFault(Fault.NO_PICKUP, parcel=2),
        TraceFault(Fault.NO_DELIVERY, parcel=2),
    ]
    under_way = trace(0, 24, end="transit")
    assert judge_trace(under_way, limits=LIMITS) == [TraceFault(Fault.NO_DELIVERY)]
    # A delivery that only the source told of ends the trace, and the silence before it counts.
    assert judge_trace(under_way, limits=LIMITS, delivered_at=NOW + 4 * DAY) == [
        TraceFault(Fault.SPARSE, NOW, NOW + 72 * HOUR, 1),
        TraceFault(Fault.SILENT, NOW + DAY, NOW + 4 * DAY),
        TraceFault(Fault.SPARSE, NOW + DAY, NOW + 4 * DAY, 0),
        TraceFault(Fault.NO_DELIVERY),
    ]


@given(st.lists(st.integers(0, 300), min_size=2, max_size=8, unique=True))
def test_windows_that_begin_at_scans_stand_for_all(hours: list[int]) -> None:
    hours.sort()
    found = judge_trace(trace(*hours), limits=LIMITS)
    starts = range(hours[0], hours[-1] - 72 + 1)
    sparse = any(sum(1 for at in hours if start < at <= start + 72) < 2 for start in starts)
    assert sparse == any(fault.fault is Fault.SPARSE for fault in found)


@pytest.mark.rule("TM-03")
@given(st.lists(st.integers(0, 300), min_size=2, max_size=8, unique=True))
def test_the_pool_and_the_trace_agree_on_silence(hours: list[int]) -> None:
    scans = trace(*sorted(hours))
    stays = pool_periods(
        shipped_at=scans[0].at,
        scans=[each.at for each in scans],
        over_at=scans[-1].at,
        limits=PoolLimits(first_scan=24 * HOUR, silence=LIMITS.silence),
    )
    silences = [fault.since for fault in judge_trace(scans, limits=LIMITS) if fault.fault is Fault.SILENT]
    assert [stay.silent_since for stay in stays] == silences


@pytest.mark.django_db
def test_orders_are_judged_by_what_was_scanned_so_far() -> None:
    store = make_store()
    order = make_order(store, shipped_at=NOW, tracking_no="A1")
    for hours, kind in ((0, "pickup"), (30, "transit"), (60, "delivered")):
        scan(order, NOW + hours * HOUR, kind)
    assert trace_faults_of([order], NOW + 59 * HOUR)[order.pk] == [TraceFault(Fault.NO_DELIVERY)]
    assert trace_faults_of([order], NOW + 60 * HOUR) == {order.pk: []}
