"""The last second of a day and the first of the next, in both calendars, around a leap day (DM-25, MX-01, SR-02)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from metrics.facts.updating import apply_dirty
from tests.metrics.edges import days_of
from tests.metrics.test_facts_against_reference import common, import_bundle, reference_facts, stored_facts
from tests.oracle.build import bundle, order, row
from tests.oracle.bundle import Bundle

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow, pytest.mark.django_db]
# Last and first seconds of Shanghai's 29 February and 1 March, and of UTC's.
SECONDS = [
    datetime(2024, 2, 28, 15, 59, 59, tzinfo=UTC), datetime(2024, 2, 28, 16, 0, 0, tzinfo=UTC),
    datetime(2024, 2, 28, 23, 59, 59, tzinfo=UTC), datetime(2024, 2, 29, 0, 0, 0, tzinfo=UTC),
    datetime(2024, 2, 29, 15, 59, 59, tzinfo=UTC), datetime(2024, 2, 29, 16, 0, 0, tzinfo=UTC),
    datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC), datetime(2024, 3, 1, 0, 0, 0, tzinfo=UTC),
    datetime(2024, 12, 31, 15, 59, 59, tzinfo=UTC), datetime(2024, 12, 31, 16, 0, 0, tzinfo=UTC),
    datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2025, 1, 1, 0, 0, 0, tzinfo=UTC),
]  # fmt: skip
FEB29, MAR1 = date(2024, 2, 29), date(2024, 3, 1)
DAYS = [
    (date(2024, 2, 28), date(2024, 2, 28)), (FEB29, date(2024, 2, 28)), (FEB29, date(2024, 2, 28)), (FEB29, FEB29),
    (FEB29, FEB29), (MAR1, FEB29), (MAR1, FEB29), (MAR1, MAR1),
    (date(2024, 12, 31), date(2024, 12, 31)), (date(2025, 1, 1), date(2024, 12, 31)),
    (date(2025, 1, 1), date(2024, 12, 31)), (date(2025, 1, 1), date(2025, 1, 1)),
]  # fmt: skip


def z(instant: datetime, **more: int) -> str:
    return (instant + timedelta(**more)).strftime("%Y-%m-%dT%H:%M:%SZ")


def stored(data: Bundle) -> dict[tuple[str, date], dict[str, int]]:
    """The facts of a bundle, equal to the reference's."""
    import_bundle(data)
    apply_dirty()
    facts = common(stored_facts())
    assert facts == reference_facts(data)
    return facts


@pytest.mark.rule("DM-25")
def test_days_of_a_second_in_both_calendars():
    assert [days_of(second) for second in SECONDS] == DAYS


# counter → (the calendar it lives in, what an order is like whose event comes at the second).
EVENTS = {
    "orders_paid": (0, lambda t: {"paid_at": z(t)}),
    "dispatch_late": (0, lambda t: {"paid_at": z(t, hours=-72)}),
    "shipped": (0, lambda t: {"paid_at": z(t, hours=-1), "shipped_at": z(t)}),
    "cancelled_by_seller": (0, lambda t: {"paid_at": z(t, hours=-1), "cancelled_at": z(t), "cancelled_by": "seller"}),
    "delivery_late": (0, lambda t: {"shipped_at": z(t), "estimated_delivery_at": z(t)}),
    "u_delivery_late": (1, lambda t: {"shipped_at": z(t), "estimated_delivery_at": z(t)}),
    "outcomes": (0, lambda t: {"shipped_at": z(t, days=-3), "delivered_at": z(t)}),
    "undelivered": (0, lambda t: {"shipped_at": z(t, days=-60)}),
    "logistics_abnormal": (0, lambda t: {"shipped_at": z(t, hours=-24)}),
    "settled": (0, lambda t: {"confirmed_at": z(t), "confirmed_by": "buyer"}),
    "successes": (0, lambda t: {"confirmed_at": z(t), "confirmed_by": "buyer"}),
    "unconfirmed": (0, lambda t: {"paid_at": z(t, hours=-4), "dispatch_confirmed_at": ""}),
    "refunded_orders": (0, lambda t: {"paid_at": z(t, hours=-4), "refunded_at": z(t)}),
    "r_value_n": (1, lambda t: {"confirmed_at": z(t, days=-7), "confirmed_by": "system"}),
    "r_dispatch_n": (
        1,
        lambda t: {
            "paid_at": z(t, days=-9),
            "shipped_at": z(t, days=-8),
            "confirmed_at": z(t, days=-7),
            "confirmed_by": "system",
        },
    ),
}


@pytest.mark.rule("DM-25", "MX-01")
@pytest.mark.parametrize("counter", EVENTS)
def test_second_decides_the_day_of_a_counter(counter):
    calendar, cells = EVENTS[counter]
    orders = [
        order(f"O{number}", **{"created_at": z(second, days=-61), **cells(second)})
        for number, second in enumerate(SECONDS)
    ]
    facts = stored(bundle(*orders))
    expected: dict[date, int] = {}
    for days in DAYS:
        expected[days[calendar]] = expected.get(days[calendar], 0) + 1
    assert {day: row[counter] for (_store, day), row in facts.items() if row.get(counter)} == expected


@pytest.mark.rule("DM-25", "SR-03", "SR-06")
def test_reviews_disputes_complaints_and_waits_on_their_second():
    orders, reviews, disputes, messages, complaints = [], [], [], [], []
    for number, second in enumerate(SECONDS):
        name = f"O{number}"
        orders.append(order(name, created_at=z(second, days=-61), paid_at=z(second, days=-60)))
        reviews.append(row(order_no=name, created_at=z(second), described="1"))
        disputes.append(
            row(
                order_no=name,
                dispute_no=f"D{number}",
                kind="quality",
                opened_at=z(second, days=-3),
                closed_at=z(second),
                state="closed",
                liability="seller",
            )
        )
        messages.append(
            row(order_no=name, message_no=f"M{number}", sent_at=z(second, hours=-24), sender="buyer", text="?")
        )
        complaints.append(
            {
                "store_no": "S",
                "complaint_no": f"C{number}",
                "sku": "x",
                "opened_at": z(second),
                "resolved_at": z(second),
            }
            | {"upheld": "true"}
        )
    data = bundle(*orders, reviews=reviews, disputes=disputes, messages=messages, copyright_complaints=complaints)
    facts = stored(data)
    for counter, calendar in (
        ("reviews_negative", 0), ("u_negative", 1), ("disputes_seller_liable", 0), ("messages_missed", 0),
        ("copyright_upheld", 0),
    ):  # fmt: skip
        found = {day: counts[counter] for (_store, day), counts in facts.items() if counts.get(counter)}
        expected = {days[calendar]: [d[calendar] for d in DAYS].count(days[calendar]) for days in DAYS}
        assert found == expected, counter


@pytest.mark.rule("SR-02", "IX-05")
@pytest.mark.parametrize(
    ("cells", "counts"),
    [
        ({"total_amount": "2.00"}, True),
        ({"total_amount": "1.99"}, False),
        ({"total_amount": "1.995", "currency": "KWD", "usd_rate": "1"}, False),
        ({"total_amount": "4.00", "currency": "EUR", "usd_rate": "0.5"}, True),
        ({"total_amount": "4.00", "currency": "EUR", "usd_rate": "0.4999"}, False),
        ({"total_amount": "3.00", "currency": "EUR", "usd_rate": "0.666666666667"}, True),
        ({"total_amount": "3.00", "currency": "EUR", "usd_rate": "0.666666666666"}, False),
        ({"total_amount": "1.50", "shipping_amount": "0.50"}, False),
        ({"total_amount": "2.00", "shipping_amount": "0.50"}, True),
    ],
)
def test_order_of_two_dollars_is_eligible(cells, counts):
    confirmed = {"confirmed_at": "2024-02-22T00:00:00Z", "confirmed_by": "system"}
    facts = stored(bundle(order(created_at="2024-02-01T00:00:00Z", **confirmed, **cells)))
    assert any("r_value_n" in row for row in facts.values()) == counts
