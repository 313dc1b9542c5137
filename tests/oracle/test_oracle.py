"""Counters worked by hand from metrics.md: every expected number below is arithmetic on the rows in the test."""

from __future__ import annotations

from decimal import Decimal

import pytest

from .build import bundle, days_of, order, row
from .facts import compute_facts
from .instants import instant
from .parse import cents

NOON = "2024-03-01T12:00:00Z"


@pytest.mark.rule("DM-25")
def test_a_day_begins_at_16_utc_in_one_calendar_and_at_midnight_utc_in_the_other() -> None:
    before = bundle(order(paid_at="2024-02-29T15:59:59Z"))
    at = bundle(order(paid_at="2024-02-29T16:00:00Z"))
    assert days_of(before, "orders_paid") == {"2024-02-29": 1}
    assert days_of(at, "orders_paid") == {"2024-03-01": 1}
    stars = {"created_at": "2024-02-25T23:59:59Z", "described": "5"}
    # First review of its listing: counts 72 h later, at 2024-02-28T23:59:59Z, a performance day further on.
    reviewed = bundle(order(sku="A"), reviews=[row(**stars)])
    assert days_of(reviewed, "u_reviews") == {"2024-02-28": 1}
    assert days_of(reviewed, "reviews_positive") == {"2024-02-29": 1}


@pytest.mark.rule("IX-05")
def test_fractions_of_a_second_are_cut_and_offsets_heeded() -> None:
    assert instant("2024-02-29T23:59:59.999+08:00") == instant("2024-02-29T15:59:59Z")
    with pytest.raises(ValueError, match="without an offset"):
        instant("2024-02-29T23:59:59")


def test_gmv_rounds_each_order_half_up() -> None:
    # 10.01 × 0.5 = 5.005 → 501 cents; twice 501 = 1002 (the sum 10.01 alone would be 1001).
    money = {"total_amount": "10.01", "currency": "BRL", "usd_rate": "0.5", "paid_at": NOON}
    assert days_of(bundle(order("A", **money), order("B", **money)), "gmv_cents_usd") == {"2024-03-01": 1002}
    assert [cents(Decimal(text)) for text in ("0.005", "0.0049", "1.994999")] == [1, 0, 199]


@pytest.mark.rule("IX-05")
def test_a_dated_rate_is_the_latest_up_to_the_created_day_in_shanghai() -> None:
    rates = [
        {"currency": "BRL", "day": "2024-02-01", "usd_rate": "0.1"},
        {"currency": "BRL", "day": "2024-03-02", "usd_rate": "0.2"},
    ]
    money = {"total_amount": "10.00", "currency": "BRL", "paid_at": NOON}
    early = bundle(order(created_at="2024-03-01T15:59:59Z", **money), fx_rates=rates)
    late = bundle(order(created_at="2024-03-01T16:00:00Z", **money), fx_rates=rates)
    assert days_of(early, "gmv_cents_usd") == {"2024-03-01": 100}
    assert days_of(late, "gmv_cents_usd") == {"2024-03-01": 200}


@pytest.mark.rule("MX-04", "SR-14", "TM-16")
def test_external_orders_count_nowhere_and_certified_ones_in_the_rating_only() -> None:
    cells = {"paid_at": NOON, "confirmed_at": "2024-03-02T00:00:00Z", "confirmed_by": "buyer"}
    reviews = [row(created_at="2024-03-02T00:00:00Z", described="5")]
    assert compute_facts(bundle(order(source="external", **cells), reviews=reviews)) == {}
    certified = compute_facts(bundle(order(source="certified_api", **cells), reviews=reviews))
    (only,) = certified.values()
    # Confirmed and reviewed at the same second: eligible then; 10.00 USD = 1000 cents. No sku: counts at once.
    assert only == {
        "u_reviews": 1,
        "described_n": 1,
        "described_sum": 5,
        "r_value_n": 1,
        "r_value_cents_usd": 1000,
    }


@pytest.mark.rule("DM-20")
def test_ship_by_is_72_hours_after_payment_unless_given_and_never_made_up_for_presale() -> None:
    paid = {"paid_at": "2024-03-01T12:00:00Z"}
    assert days_of(bundle(order(**paid)), "dispatch_due") == {"2024-03-04": 1}
    assert days_of(bundle(order(ship_by="2024-03-02T12:00:00Z", **paid)), "dispatch_due") == {"2024-03-02": 1}
    assert days_of(bundle(order(is_presale="true", **paid)), "dispatch_due") == {}
    presale = bundle(order(is_presale="true", ship_by="2024-03-20T12:00:00Z", **paid))
    assert days_of(presale, "dispatch_due") == {"2024-03-20": 1}
    assert days_of(bundle(order(ship_by="2024-03-02T12:00:00Z")), "dispatch_due") == {}, "not paid"


@pytest.mark.parametrize(
    ("cells", "due", "late"),
    [
        ({}, 1, 1),
        ({"shipped_at": "2024-03-04T12:00:00Z"}, 1, 0),
        ({"shipped_at": "2024-03-04T12:00:01Z"}, 1, 1),
        ({"cancelled_at": "2024-03-04T12:00:00Z"}, 0, 0),
        ({"cancelled_at": "2024-03-04T12:00:01Z"}, 1, 1),
        ({"refunded_at": "2024-03-04T12:00:00Z"}, 0, 0),
    ],
)
def test_dispatch_is_late_one_second_after_ship_by(cells: dict[str, str], due: int, late: int) -> None:
    data = bundle(order(paid_at=NOON, **cells))
    assert sum(days_of(data, "dispatch_due").values()) == due
    assert sum(days_of(data, "dispatch_late").values()) == late


def test_a_completed_full_refund_takes_dispatch_off_and_a_partial_one_does_not() -> None:
    refund = {"refund_no": "R", "requested_at": NOON, "completed_at": "2024-03-02T00:00:00Z"}
    full = bundle(order(paid_at=NOON), refunds=[row(full="true", **refund)])
    part = bundle(order(paid_at=NOON), refunds=[row(full="false", **refund)])
    assert days_of(full, "dispatch_due") == {}
    assert days_of(part, "dispatch_due") == {"2024-03-04": 1}
    # Partial and full both are refunds; the first completed one counts, before refunded_at.
    assert days_of(part, "refunded_orders") == {"2024-03-02": 1}
    given = bundle(order(paid_at=NOON, refunded_at="2024-03-03T00:00:00Z"), refunds=[row(full="", **refund)])
    assert days_of(given, "refunded_orders") == {"2024-03-02": 1}
    assert days_of(bundle(order(refunded_at="2024-03-03T00:00:00Z")), "refunded_orders") == {"2024-03-03": 1}


@pytest.mark.rule("DM-20")
@pytest.mark.parametrize(
    ("refunds", "due"),
    [
        ([("2024-03-02", "10.00")], {}),
        ([("2024-03-02", "9.99")], {"2024-03-04": 1}),
        # To the cent, half up, of the sum.
        ([("2024-03-02", "9.995")], {}),
        ([("2024-03-02", "4.004"), ("2024-03-03", "5.99")], {"2024-03-04": 1}),
        ([("2024-03-02", "4.004"), ("2024-03-03", "5.991")], {}),
        # Together in one second, and after the deadline.
        ([("2024-03-02", "4"), ("2024-03-02", "6")], {}),
        ([("2024-03-02", "4"), ("2024-03-05", "6")], {"2024-03-04": 1}),
        ([("2024-03-02", ""), ("2024-03-03", "")], {"2024-03-04": 1}),
        ([("", "10.00")], {"2024-03-04": 1}),
    ],
)
def test_refunds_that_reach_the_total_are_a_full_one(refunds: list[tuple[str, str]], due: dict[str, int]) -> None:
    rows = [
        row(
            refund_no=str(number),
            requested_at=NOON,
            completed_at=f"{day}T00:00:00Z" if day else "",
            amount_usd=amount,
            full="",
        )
        for number, (day, amount) in enumerate(refunds)
    ]
    assert days_of(bundle(order(paid_at=NOON), refunds=rows), "dispatch_due") == due


def test_shipping_more_than_72_hours_after_payment_is_slow() -> None:
    exact = bundle(order(paid_at=NOON, shipped_at="2024-03-04T12:00:00Z"))
    over = bundle(order(paid_at=NOON, shipped_at="2024-03-04T12:00:01Z"))
    assert days_of(exact, "shipped_over_72h") == {}
    assert days_of(exact, "handling_seconds") == {"2024-03-04": 259200}
    assert days_of(over, "shipped_over_72h") == {"2024-03-04": 1}
    assert days_of(over, "handling_seconds") == {"2024-03-04": 259201}
    assert days_of(bundle(order(shipped_at=NOON)), "shipped") == {}, "not paid"


@pytest.mark.rule("MX-04a")
def test_what_the_platform_ships_is_judged_on_no_dispatch_and_no_carriage() -> None:
    late = order(
        paid_at=NOON,
        shipped_at="2024-03-06T12:00:00Z",
        estimated_delivery_at="2024-03-10T12:00:00Z",
        delivered_at="2024-03-12T12:00:00Z",
        confirmed_at="2024-03-13T12:00:00Z",
        confirmed_by="buyer",
    )
    reviewed = [row(created_at="2024-03-13T13:00:00Z", described="5")]
    kept = {"orders_paid", "gmv_cents_usd", "settled", "successes", "reviews_positive", "described_n", "described_sum",
            "u_reviews", "r_value_n", "r_value_cents_usd"}  # fmt: skip
    left = {"dispatch_due", "dispatch_late", "shipped", "shipped_over_72h", "handling_seconds", "unconfirmed",
            "delivery_due", "delivery_late", "outcomes", "trace_incomplete", "transit_seconds", "logistics_abnormal",
            "r_dispatch_n", "r_delivery_n", "u_delivery_due", "u_delivery_late"}  # fmt: skip
    for by, expected in (("", kept | left), ("seller", kept | left), ("platform", kept)):
        facts = compute_facts(bundle({**late, "fulfilled_by": by}, reviews=reviewed))
        assert {name for counters in facts.values() for name in counters} == expected, by


def test_only_the_sellers_cancellation_of_a_paid_order_counts() -> None:
    at = {"cancelled_at": NOON}
    assert days_of(bundle(order(paid_at=NOON, cancelled_by="seller", **at)), "cancelled_by_seller") == {"2024-03-01": 1}
    for cells in ({"paid_at": NOON, "cancelled_by": "buyer"}, {"cancelled_by": "seller"}):
        data = bundle(order(**at, **cells))
        assert days_of(data, "cancelled_by_seller") == {}
        assert days_of(data, "defect_orders") == {}


@pytest.mark.parametrize(
    ("cells", "due", "late"),
    [
        ({"shipped_at": "2024-03-10T00:00:00Z"}, 1, 1),
        ({"shipped_at": "2024-03-10T00:00:01Z"}, 0, 0),
        ({"shipped_at": NOON, "delivered_at": "2024-03-10T00:00:00Z"}, 1, 0),
        ({"shipped_at": NOON, "delivered_at": "2024-03-10T00:00:01Z"}, 1, 1),
        ({"shipped_at": NOON, "cancelled_at": "2024-03-10T00:00:00Z"}, 0, 0),
        ({"shipped_at": NOON, "refunded_at": "2024-03-10T00:00:01Z"}, 1, 1),
        ({}, 0, 0),
    ],
)
def test_delivery_is_due_at_its_estimate(cells: dict[str, str], due: int, late: int) -> None:
    data = bundle(order(estimated_delivery_at="2024-03-10T00:00:00Z", **cells))
    for prefix in ("", "u_"):
        assert sum(days_of(data, f"{prefix}delivery_due").values()) == due
        assert sum(days_of(data, f"{prefix}delivery_late").values()) == late


def event(at: str, kind: str = "transit", **cells: str) -> dict[str, str]:
    """A tracking event of March 2024: ``"05T12:00:00"``."""
    return row(at=f"2024-03-{at}Z", kind=kind, **cells)


def test_an_outcome_is_the_first_of_delivery_return_loss_and_60_days() -> None:
    shipped = {"shipped_at": "2024-03-01T12:00:00Z"}
    # 1 March + 60 days = 30 April.
    nothing = bundle(order(**shipped))
    assert days_of(nothing, "outcomes") == days_of(nothing, "undelivered") == {"2024-04-30": 1}
    delivered = bundle(order(delivered_at="2024-04-30T12:00:00Z", **shipped))
    assert days_of(delivered, "undelivered") == {}
    assert days_of(delivered, "transit_seconds") == {"2024-04-30": 60 * 86400}
    too_late = bundle(order(delivered_at="2024-04-30T12:00:01Z", **shipped))
    assert days_of(too_late, "undelivered") == {"2024-04-30": 1}
    assert days_of(too_late, "transit_seconds") == {}
    events = [event("05T12:00:00", "returned"), event("05T12:00:00", "delivered", tracking_no="other")]
    assert days_of(bundle(order(**shipped), tracking_events=events[:1]), "undelivered") == {"2024-03-05": 1}
    assert days_of(bundle(order(**shipped), tracking_events=events), "undelivered") == {}
    lost = [event("05T12:00:00", "lost"), event("07T12:00:00", "returned")]
    found = bundle(order(delivered_at="2024-04-30T12:00:00Z", **shipped), tracking_events=lost)
    assert (days_of(found, "undelivered"), days_of(found, "outcomes")) == ({}, {"2024-04-30": 1})
    too_late = bundle(order(delivered_at="2024-04-30T12:00:01Z", **shipped), tracking_events=lost)
    assert days_of(too_late, "undelivered") == {"2024-03-05": 1}
    after = [row(at="2024-04-30T12:00:01Z", kind="lost")]
    assert days_of(bundle(order(**shipped), tracking_events=after), "undelivered") == {"2024-04-30": 1}


@pytest.mark.rule("TM-03")
@pytest.mark.parametrize(
    ("cells", "events", "entry"),
    [
        # No scan up to shipped_at + 24 h: 2 March 12:00 UTC.
        ({}, [], "2024-03-02"),
        ({}, [event("02T12:00:01")], "2024-03-02"),
        # A scan at exactly + 24 h is in time; then silence: 2 March 12:00 + 48 h = 4 March.
        ({}, [event("02T12:00:00")], "2024-03-04"),
        # A label is no scan.
        ({}, [event("02T11:00:00", "label")], "2024-03-02"),
        # The next event at exactly + 48 h breaks no silence; one second later does.
        ({"delivered_at": "2024-03-05T00:00:00Z"}, [event("02T12:00:00"), event("04T12:00:00")], None),
        ({"delivered_at": "2024-03-05T00:00:00Z"}, [event("02T12:00:00"), event("04T12:00:01")], "2024-03-04"),
        # Not at delivery, cancellation or the return itself, but a second before.
        ({"delivered_at": "2024-03-02T12:00:00Z"}, [], None),
        ({"delivered_at": "2024-03-02T12:00:01Z"}, [], "2024-03-02"),
        ({"cancelled_at": "2024-03-02T12:00:00Z"}, [], None),
        ({"refunded_at": "2024-03-02T12:00:00Z"}, [], None),
        ({}, [event("02T12:00:00", "returned")], None),
        # Silence that ended before shipped_at is dropped: 27 Feb 11:00 + 48 h = 29 Feb 11:00 < 1 March 12:00; the old
        # event is also "at or before" shipped_at + 24 h.
        ({}, [row(at="2024-02-27T11:00:00Z", kind="pickup")], None),
    ],
)
def test_the_abnormal_pool_is_entered_after_silence(
    cells: dict[str, str], events: list[dict[str, str]], entry: str | None
) -> None:
    data = bundle(order(shipped_at=NOON, **cells), tracking_events=events)
    assert days_of(data, "logistics_abnormal") == ({entry: 1} if entry else {})
    if "delivered_at" in cells:
        incomplete = list(days_of(data, "trace_incomplete").values())
        assert incomplete == ([1] if entry else [])


def dispute(dispute_no: str = "D", **cells: str) -> dict[str, str]:
    """A dispute of order O, opened on 5 March."""
    return row(**{"dispute_no": dispute_no, "kind": "quality", "opened_at": "2024-03-05T00:00:00Z", **cells})


@pytest.mark.rule("PN-19")
def test_disputes_count_per_order_when_opened_and_each_when_closed() -> None:
    disputes = [
        dispute("1", state="withdrawn", closed_at="2024-03-06T00:00:00Z", liability="none"),
        dispute("2", opened_at="2024-03-07T00:00:00Z", closed_at="2024-03-08T00:00:00Z", liability="seller"),
        dispute("3", opened_at="2024-03-07T00:00:00Z"),
    ]
    data = bundle(order(confirmed_at="2024-03-06T00:00:00Z"), disputes=disputes)
    assert days_of(data, "disputes_opened_orders") == {"2024-03-05": 1}
    assert days_of(data, "settled") == {"2024-03-05": 1}
    assert days_of(data, "disputes_closed") == {"2024-03-06": 1, "2024-03-08": 1}
    assert days_of(data, "disputes_seller_liable") == {"2024-03-08": 1}
    calm = bundle(order(confirmed_at="2024-03-06T00:00:00Z"))
    assert days_of(calm, "settled") == days_of(calm, "successes") == {"2024-03-06": 1}


def test_a_defect_counts_once_at_its_first_cause() -> None:
    negative = row(created_at="2024-03-03T00:00:00Z", described="2")
    cancelled = {"paid_at": NOON, "cancelled_at": "2024-03-04T00:00:00Z", "cancelled_by": "seller"}
    # With a sku the review counts on 6 March: the dispute of the 5th and the cancellation of the 4th come first.
    assert days_of(bundle(order(sku="A"), reviews=[negative]), "defect_orders") == {"2024-03-06": 1}
    with_dispute = bundle(order(sku="A"), reviews=[negative], disputes=[dispute()])
    assert days_of(with_dispute, "defect_orders") == {"2024-03-05": 1}
    everything = bundle(order(sku="A", **cancelled), reviews=[negative], disputes=[dispute()])
    assert days_of(everything, "defect_orders") == {"2024-03-04": 1}
    without_sku = bundle(order(**cancelled), reviews=[negative], disputes=[dispute()])
    assert days_of(without_sku, "defect_orders") == {"2024-03-03": 1}


@pytest.mark.rule("PN-24")
def test_only_upheld_complaints_count_when_resolved() -> None:
    base = {"store_no": "S", "sku": "A", "opened_at": NOON}
    complaints = [
        {**base, "complaint_no": "1", "resolved_at": "2024-03-02T00:00:00Z", "upheld": "true"},
        {**base, "complaint_no": "2", "resolved_at": "2024-03-02T00:00:00Z", "upheld": "false"},
        {**base, "complaint_no": "3", "resolved_at": "", "upheld": "true"},
    ]
    assert days_of(bundle(copyright_complaints=complaints), "copyright_upheld") == {"2024-03-02": 1}


def say(number: int, at: str, sender: str, **cells: str) -> dict[str, str]:
    """A message of March 2024."""
    return row(message_no=str(number), sent_at=f"2024-03-{at}Z", sender=sender, text="…", **cells)


@pytest.mark.rule("PN-23")
@pytest.mark.parametrize(
    ("replies", "missed"),
    [
        ([], 1),
        ([say(2, "02T00:00:00", "seller", language="en")], 0),
        ([say(2, "02T00:00:01", "seller", language="en")], 1),
        ([say(2, "01T10:00:00", "seller", language="fr")], 0),
        ([say(2, "01T10:00:00", "seller", language="zh")], 1),
        ([say(2, "01T10:00:00", "seller", language="")], 0),
        ([say(2, "01T10:00:00", "seller", language="en", automatic="true")], 1),
        # At equal seconds the seller's message comes first, before the wait begins.
        ([say(2, "01T00:00:00", "seller", language="en")], 1),
        ([say(2, "01T10:00:00", "buyer"), say(3, "01T23:00:00", "seller", language="en")], 0),
    ],
)
def test_a_wait_is_missed_without_a_valid_reply_within_24_hours(replies: list[dict[str, str]], missed: int) -> None:
    data = bundle(order(site="FR"), messages=[say(1, "01T00:00:00", "buyer"), *replies])
    assert days_of(data, "messages_due") == {"2024-03-02": 1}
    assert sum(days_of(data, "messages_missed").values()) == missed


def test_a_second_wait_begins_after_the_reply_and_its_second_is_the_sellers_first() -> None:
    thread = [
        say(1, "01T00:00:00", "buyer"),
        say(2, "01T12:00:00", "buyer"),
        say(3, "01T12:00:00", "seller", language="en"),
    ]
    # The reply at 12:00 ends the first wait; the buyer's message of the same second begins the second.
    data = bundle(order(), messages=thread)
    assert days_of(data, "messages_due") == {"2024-03-02": 2}
    assert days_of(data, "messages_missed") == {"2024-03-02": 1}


@pytest.mark.rule("TM-02")
@pytest.mark.parametrize(
    ("cells", "count"),
    [
        ({}, 1),
        ({"dispatch_confirmed_at": "2024-03-01T16:00:00Z"}, 0),
        ({"dispatch_confirmed_at": "2024-03-01T16:00:01Z"}, 1),
        ({"shipped_at": "2024-03-01T16:00:00Z"}, 0),
        ({"is_presale": "true"}, 0),
    ],
)
def test_dispatch_is_unconfirmed_four_hours_after_payment(cells: dict[str, str], count: int) -> None:
    # 12:00 + 4 h = 16:00 UTC: the next performance day.
    assert days_of(bundle(order(paid_at=NOON, **cells)), "unconfirmed") == ({"2024-03-02": 1} if count else {})


def test_collection_runs_from_payment_to_release() -> None:
    settlements = [row(released_at="2024-03-08T12:00:00Z")]
    data = bundle(order(paid_at=NOON), settlements=settlements)
    assert days_of(data, "collected_orders") == {"2024-03-08": 1}
    assert days_of(data, "collection_seconds") == {"2024-03-08": 7 * 86400}
    assert days_of(bundle(order(), settlements=settlements), "collected_orders") == {}


def test_children_without_their_order_wait() -> None:
    stray = bundle(order(), disputes=[dispute(order_no="elsewhere")])
    assert compute_facts(stray) == {}
