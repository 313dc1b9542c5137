"""Reviews, eligibility and exclusions worked by hand (SR-02, SR-03, SR-08, AF-07, DM-34)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from .build import bundle, days_of, order, row
from .bundle import Bundle
from .facts import compute_facts
from .instants import needed_instant
from .policy import SHIPPED

START = "2024-03-01T00:00:00Z"


def review(order_no: str = "O", created: str = START, stars: str = "5", **cells: str) -> dict[str, str]:
    """A buyer's review."""
    return row(order_no=order_no, created_at=created, described=stars, **cells)


@pytest.mark.rule("SR-03")
def test_reviews_of_a_listing_count_from_72_hours_after_its_first() -> None:
    # First review 1 March 00:00 → nothing of this listing counts before 4 March 00:00.
    created = ["2024-03-01T00:00:00Z", "2024-03-02T00:00:00Z", "2024-03-04T00:00:00Z", "2024-03-04T00:00:01Z"]
    orders = [order(str(number), sku="A") for number in range(4)]
    reviews = [review(str(number), at) for number, at in enumerate(created)]
    assert days_of(bundle(*orders, reviews=reviews), "reviews_positive") == {"2024-03-04": 4}
    assert days_of(bundle(order(), reviews=[review()]), "reviews_positive") == {"2024-03-01": 1}, "no sku"


def test_external_orders_open_no_listing_and_certified_ones_do() -> None:
    def data(source: str) -> Bundle:
        first = order("1", sku="A", source=source)
        late = review("2", "2024-03-10T00:00:00Z")
        return bundle(first, order("2", sku="A"), reviews=[review("1"), late])

    assert days_of(data("external"), "reviews_positive") == {"2024-03-13": 1}
    assert days_of(data("certified_api"), "reviews_positive") == {"2024-03-10": 1}
    assert days_of(data(""), "reviews_positive") == {"2024-03-04": 1, "2024-03-10": 1}


@pytest.mark.rule("IX-02")
def test_the_listing_of_an_order_is_its_dearest_line_first_of_equals() -> None:
    lines = [
        row(order_no="2", line_no="10", sku="B", amount="7.00"),
        row(order_no="2", line_no="9", sku="A", amount="7.0"),
        row(order_no="2", line_no="1", sku="C", amount="1.00"),
    ]
    # Order 2 is a sale of A, whose first review (order 1) was on 1 March: its own of 10 March counts at once.
    reviews = [review("1"), review("2", "2024-03-10T00:00:00Z")]
    data = bundle(order("1", sku="A"), order("2"), order_lines=lines, reviews=reviews)
    assert days_of(data, "reviews_positive") == {"2024-03-04": 1, "2024-03-10": 1}


def test_several_rows_of_one_order_merge() -> None:
    reviews = [
        review(created="2024-03-02T00:00:00Z", stars="1", text="bad", has_photo="true"),
        review(created="2024-03-01T00:00:00Z", stars="3", revised_at="2024-03-05T00:00:00Z", text=""),
    ]
    # Earliest creation 1 March stays; the row revised on the 5th speaks: 3 stars, no text, no photo.
    data = bundle(order(), reviews=reviews)
    assert days_of(data, "reviews_neutral") == {"2024-03-01": 1}
    assert days_of(data, "reviews_negative") == days_of(data, "reviews_text") == days_of(data, "reviews_photo") == {}
    reviews[1]["revised_at"] = "2024-03-01T12:00:00Z"
    assert days_of(data, "reviews_negative") == days_of(data, "reviews_photo") == {"2024-03-01": 1}


@pytest.mark.rule("AF-07")
@pytest.mark.parametrize(
    ("created", "auto", "counted"),
    [
        ("2024-03-02T00:00:00Z", {}, "2024-03-02"),
        ("2024-03-31T00:00:00Z", {}, "2024-03-31"),
        # A second after 30 days: an ordinary review, the first of its listing: 72 h later.
        ("2024-03-31T00:00:01Z", {"2024-03-01": 1}, "2024-04-03"),
    ],
)
def test_a_buyers_review_within_30_days_replaces_the_auto_review(
    created: str, auto: dict[str, int], counted: str
) -> None:
    data = bundle(order(sku="A"), reviews=[row(kind="auto", created_at=START), review(created=created)])
    assert days_of(data, "reviews_auto") == auto
    assert days_of(data, "reviews_positive") == {counted: 1}


CONFIRMED = {"confirmed_at": "2024-03-01T00:00:00Z"}


@pytest.mark.rule("SR-02")
@pytest.mark.parametrize(
    ("cells", "reviewed", "day"),
    [
        ({"confirmed_by": "buyer"}, None, None),
        ({"confirmed_by": "buyer"}, "2024-03-20T00:00:00Z", "2024-03-20"),
        ({"confirmed_by": "buyer"}, "2024-02-20T00:00:00Z", "2024-03-01"),
        ({"confirmed_by": "system"}, None, "2024-03-08"),
        ({"confirmed_by": "system"}, "2024-03-20T00:00:00Z", "2024-03-08"),
        ({"confirmed_by": "system"}, "2024-03-07T23:59:59Z", "2024-03-07"),
        ({"confirmed_by": "system", "total_amount": "2.00"}, None, "2024-03-08"),
        ({"confirmed_by": "system", "total_amount": "1.99"}, None, None),
        # 4.01 × 0.4985 = 1.998985: two dollars in cents, but less than 2.00.
        ({"confirmed_by": "system", "total_amount": "4.01", "currency": "EUR", "usd_rate": "0.4985"}, None, None),
        ({"confirmed_by": "system", "cancelled_at": "2024-05-01T00:00:00Z"}, None, None),
        ({"confirmed_by": "system", "refunded_at": "2024-05-01T00:00:00Z"}, None, None),
    ],
)
def test_an_order_is_eligible_when_judged(cells: dict[str, str], reviewed: str | None, day: str | None) -> None:
    data = bundle(order(**CONFIRMED, **cells), reviews=[review(created=reviewed)] if reviewed else [])
    assert days_of(data, "r_value_n") == ({day: 1} if day else {})


@pytest.mark.parametrize(("kind", "count"), [("platform_claim", 0), ("chargeback", 0), ("quality", 1)])
def test_platform_intervention_makes_ineligible(kind: str, count: int) -> None:
    disputes = [row(dispute_no="D", kind=kind, opened_at=START, state="withdrawn", closed_at=START)]
    data = bundle(order(confirmed_by="system", **CONFIRMED), disputes=disputes)
    assert sum(days_of(data, "r_value_n").values()) == count


def test_stars_count_at_the_later_of_confirmation_and_counts_at() -> None:
    reviews = [review(created="2024-02-20T00:00:00Z", stars="4", communication="2")]
    early = bundle(order(sku="A", confirmed_by="buyer", **CONFIRMED), reviews=reviews)
    assert days_of(early, "described_sum") == {"2024-03-01": 4}
    assert days_of(early, "communication_sum") == {"2024-03-01": 2}
    reviews[0].update(created_at="2024-02-28T12:00:00Z", communication="")
    # 28 February 2024 12:00 + 72 h = 2 March 12:00 (29 February lies between), later than the confirmation.
    assert days_of(early, "described_n") == {"2024-03-02": 1}
    assert days_of(early, "communication_n") == {}


SHIPPING = {
    "paid_at": START,
    "shipped_at": "2024-03-04T00:00:00Z",
    "estimated_delivery_at": "2024-03-10T00:00:00Z",
    "delivered_at": "2024-03-10T00:00:01Z",
    "confirmed_at": "2024-03-11T00:00:00Z",
    "confirmed_by": "system",
}


def test_shipping_is_rated_when_the_order_becomes_eligible() -> None:
    # Shipped at exactly + 72 h: on time; delivered a second after the estimate: not. Eligible 11 + 7 = 18 March.
    data = bundle(order(**SHIPPING))
    assert days_of(data, "r_dispatch_n") == days_of(data, "r_dispatch_ontime") == {"2024-03-18": 1}
    assert days_of(data, "r_delivery_n") == {"2024-03-18": 1}
    assert days_of(data, "r_delivery_ontime") == {}


@pytest.mark.rule("SR-08")
@pytest.mark.parametrize(("category", "rated"), [("leaf", 0), ("root", 0), ("other", 1), ("", 0)])
def test_flags_are_inherited_and_the_orders_category_wins(category: str, rated: int) -> None:
    categories = [
        {"code": "root", "name": "r", "parent_code": "", "flags": "electronics_3c;custom_made"},
        {"code": "leaf", "name": "l", "parent_code": "root", "flags": ""},
        {"code": "other", "name": "o", "parent_code": "", "flags": "fast_moving"},
    ]
    listings = [{"store_no": "S", "sku": "A", "category": "leaf"}]
    data = bundle(order(sku="A", category=category, **SHIPPING), categories=categories, listings=listings)
    assert sum(days_of(data, "r_dispatch_n").values()) == rated


@pytest.mark.rule("DM-34")
def test_an_excluded_order_stays_in_denominators_and_is_no_failure() -> None:
    data = bundle(order(paid_at=START))
    assert days_of(data, "dispatch_late") == {"2024-03-04": 1}
    excluded = [("order", ("S", "O"), "late_dispatch")]
    assert days_of(data, "dispatch_late", exclusions=excluded) == {}
    assert days_of(data, "dispatch_due", exclusions=excluded) == {"2024-03-04": 1}
    assert days_of(data, "dispatch_late", exclusions=[("order", ("S", "O"), "odr")]) == {"2024-03-04": 1}


def test_an_excluded_review_leaves_every_counter_but_opens_its_listing() -> None:
    reviews = [review("1", stars="1"), review("2", "2024-03-02T00:00:00Z")]
    data = bundle(order("1", sku="A"), order("2", sku="A"), reviews=reviews)
    facts = compute_facts(data, exclusions=[("review", ("S", "1"), "dsr")])
    (day,) = facts.values()
    assert day == {"reviews_positive": 1, "u_reviews": 1}
    assert {str(at) for _, at in facts} == {"2024-03-04"}, "not 5 March: the excluded review still is the first"


def test_an_excluded_dispute_leaves_both_sides_of_the_metric_named() -> None:
    disputes = [row(dispute_no="D", kind="quality", opened_at=START, closed_at=START, liability="seller")]
    data = bundle(order(), disputes=disputes)
    for metric, gone in (
        ("liability_rate", {"disputes_closed", "disputes_seller_liable"}),
        ("dispute_rate", {"disputes_opened_orders", "settled"}),
        ("odr", {"defect_orders"}),
    ):
        (all_counters,) = compute_facts(data).values()
        (left,) = compute_facts(data, exclusions=[("dispute", ("S", "D"), metric)]).values()
        assert set(all_counters) - set(left) == gone


@pytest.mark.rule("DM-30")
def test_counting_parameters_are_those_in_force_when_the_order_was_created() -> None:
    versions = [(0, SHIPPED), (needed_instant("2024-03-01T00:00:00Z"), replace(SHIPPED, ship_by_after=3600))]
    before = order("1", created_at="2024-02-29T23:59:59Z", paid_at="2024-03-01T00:00:00Z")
    after = order("2", created_at="2024-03-01T00:00:00Z", paid_at="2024-03-01T00:00:00Z")
    facts = compute_facts(bundle(before, after), policy=versions)
    due = {str(day): row["dispatch_due"] for (_, day), row in facts.items() if "dispatch_due" in row}
    assert due == {"2024-03-01": 1, "2024-03-04": 1}
