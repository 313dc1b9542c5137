"""Values and scores worked by hand from prepared facts (MX, SR, DP-06, TM-05)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest

from .build import DAY, RATED, world
from .instants import needed_instant
from .judging import judge
from .parse import half_up
from .policy import SHIPPED
from .scores import anomalies, interpolate, rating, score, shs_parts, sla_grade, sla_parts, tier


@pytest.mark.rule("DM-25")
def test_a_window_of_30_days_holds_day_d_and_29_before() -> None:
    for back, value in ((0, 10), (29, 10), (30, 0)):
        prepared = world({"dispatch_due": 10, "dispatch_late": 1}, at=DAY - timedelta(days=back))
        assert score(prepared, "S", "late_dispatch", DAY).denominator == value
    assert score(world({"dispatch_due": 10}, at=DAY + timedelta(days=1)), "S", "late_dispatch", DAY).denominator == 0


@pytest.mark.rule("MX-05")
def test_ten_are_sufficient_and_nothing_has_no_value() -> None:
    few = score(world({"dispatch_due": 9, "dispatch_late": 9}), "S", "late_dispatch", DAY)
    assert few.value == 1
    assert not few.sufficient
    assert score(world({"dispatch_due": 10}), "S", "late_dispatch", DAY).sufficient
    assert score(world({}), "S", "late_dispatch", DAY).value is None
    assert judge(world({"dispatch_due": 9, "dispatch_late": 9}), "S", "late_dispatch", DAY).level == "few"


def test_values_of_rates_floors_shares_means_and_sums() -> None:
    prepared = world(
        {
            "orders_paid": 40, "defect_orders": 3, "copyright_upheld": 1, "gmv_cents_usd": 123456,
            "outcomes": 20, "undelivered": 1, "transit_seconds": 19 * 86400 * 12,
            "shipped": 16, "handling_seconds": 16 * 3600 * 30,
            "reviews_positive": 6, "reviews_neutral": 4, "reviews_negative": 2, "reviews_auto": 3, "reviews_text": 9,
            "reviews_photo": 3, "successes": 30, "collected_orders": 10, "collection_seconds": 10 * 86400 * 15,
            "refunded_orders": 2,
        }
    )  # fmt: skip
    expected: dict[str, tuple[int | None, int | None, Fraction]] = {
        "odr": (4, 40, Fraction(1, 10)),
        "delivered": (19, 20, Fraction(95, 100)),
        "positive_rate": (6, 8, Fraction(3, 4)),
        "refund_rate": (2, 40, Fraction(1, 20)),
        "auto_review_share": (3, 15, Fraction(1, 5)),
        "text_review_rate": (9, 12, Fraction(3, 4)),
        "photo_review_rate": (3, 12, Fraction(1, 4)),
        "review_rate": (15, 30, Fraction(1, 2)),
        "avg_handling_hours": (16 * 3600 * 30, 16, Fraction(30)),
        "avg_transit_days": (19 * 86400 * 12, 19, Fraction(12)),
        "avg_collection_days": (10 * 86400 * 15, 10, Fraction(15)),
        "orders": (None, None, Fraction(40)),
        "gmv": (None, None, Fraction(123456, 100)),
        "aov": (123456, 40, Fraction(123456, 4000)),
    }
    for code, wanted in expected.items():
        found = score(prepared, "S", code, DAY)
        assert (found.numerator, found.denominator, found.value) == wanted, code


@pytest.mark.rule("MX-06")
def test_exported_values_have_ten_decimals_half_up() -> None:
    assert half_up(Fraction(1, 3)) == "0.3333333333"
    assert half_up(Fraction(2, 3)) == "0.6666666667"
    assert half_up(Fraction(5, 10**11)) == "0.0000000001"
    assert half_up(Fraction(-1, 3)) == "-0.3333333333"


@pytest.mark.rule("SR-01")
def test_the_rating_weighs_four_parts_and_rescales_without_one() -> None:
    # 0.4·4.6 + 0.3·4.8 + 0.15·4.5 + 0.15·4.0 = 1.84 + 1.44 + 0.675 + 0.6 = 4.555
    whole = rating(world(RATED), "S", DAY)
    assert (whole.dsr, whole.shipping) == (Fraction("4.555"), Fraction("4.25"))
    # Without delivery: (1.84 + 1.44 + 0.675) / 0.85 = 3.955 / 0.85
    part = rating(world({**RATED, "r_delivery_n": 0, "r_delivery_ontime": 0}), "S", DAY)
    assert (part.dsr, part.shipping) == (Fraction("3.955") / Fraction("0.85"), Fraction("4.5"))
    unrated = rating(world({**RATED, "described_n": 0, "described_sum": 0}), "S", DAY)
    assert (unrated.dsr, unrated.communication, unrated.shipping) == (None, Fraction("4.8"), Fraction("4.25"))


@pytest.mark.rule("TM-02")
def test_every_third_unconfirmed_dispatch_is_a_late_one_with_the_feed() -> None:
    orders = [{"store_no": "S", "order_no": "X", "created_at": "2024-01-01T00:00:00Z", "total_amount": "1",
               "currency": "USD", "dispatch_confirmed_at": ""}]  # fmt: skip
    counters = {**RATED, "unconfirmed": 8}
    # ⌊8 / 3⌋ = 2 marks: 5 · 9 / (10 + 2) = 3.75
    assert rating(world(counters, orders=orders), "S", DAY).dispatch == Fraction("3.75")
    assert rating(world(counters), "S", DAY).dispatch == Fraction("4.5")


@pytest.mark.rule("SR-09")
@pytest.mark.parametrize(("cents", "weight"), [(200_00 * 10, "0.5"), (200_00 * 10 - 1, "0.4")])
def test_high_value_stores_weigh_description_more(cents: int, weight: str) -> None:
    categories = [{"code": "gold", "name": "gold", "flags": "high_value"}]
    stores = [{"store_no": "S", "name": "S", "primary_category": "gold"}]
    prepared = world({**RATED, "r_value_n": 10, "r_value_cents_usd": cents}, stores=stores, categories=categories)
    assert rating(prepared, "S", DAY).weights["described"] == Fraction(weight)


@pytest.mark.rule("SR-15")
def test_store_types_below_standard_have_no_rating() -> None:
    stores = [{"store_no": "S", "name": "S", "store_type": "trial"}]
    below = rating(world(RATED, stores=stores), "S", DAY)
    assert (below.dsr, below.described) == (None, Fraction("4.6"))


@pytest.mark.rule("SR-05")
def test_tiers_begin_at_their_line() -> None:
    names = [tier(world(), Fraction(text), DAY) for text in ("4.70", "4.6999", "4.5", "4.3", "4.0", "3.999")]
    assert names == ["outstanding", "excellent", "excellent", "good", "needs_improvement", "warning"]


@pytest.mark.rule("SR-06")
def test_anomalies_need_enough_reviews_and_three_days_of_delay() -> None:
    # 1 of 125 is exactly 0.8 %; 2 of 125 is over; 2 of 124 are too few reviews.
    for reviews, negative, found in ((125, 1, set()), (125, 2, {"negative"}), (124, 2, set())):
        assert anomalies(world({"u_reviews": reviews, "u_negative": negative}), "S", DAY) == found
    # 6 of 50 over three days is exactly 12 %.
    late = {"u_delivery_due": 50, "u_delivery_late": 7}
    assert anomalies(world(late, at=DAY - timedelta(days=2)), "S", DAY) == {"late"}
    assert anomalies(world(late, at=DAY - timedelta(days=3)), "S", DAY) == set()
    assert anomalies(world({**late, "u_delivery_late": 6}), "S", DAY) == set()


@pytest.mark.rule("DM-30")
def test_a_day_is_judged_by_the_version_in_force_at_its_end() -> None:
    stricter = replace(SHIPPED, min_denominator=20)
    counters = {"dispatch_due": 10, "dispatch_late": 1}
    for effective, sufficient in (("2024-06-30T15:59:59Z", False), ("2024-06-30T16:00:00Z", True)):
        prepared = world(counters)
        prepared.policy_history = [(0, SHIPPED), (needed_instant(effective), stricter)]
        assert score(prepared, "S", "late_dispatch", DAY).sufficient == sufficient


@pytest.mark.rule("DP-06")
def test_shs_is_linear_between_knots_and_drops_what_is_insufficient() -> None:
    counters = {
        "disputes_closed": 200, "disputes_seller_liable": 8,
        "r_dispatch_n": 100, "r_dispatch_ontime": 93, "r_delivery_n": 100, "r_delivery_ontime": 93,
        "orders_paid": 100, "refunded_orders": 4,
        "reviews_positive": 97, "reviews_negative": 3,
    }  # fmt: skip
    # Liability 4 %: 75 − 15·0.5/1.5 = 70. Shipping 4.65: 75 + 10·0.5 = 80. Refunds 4 %: 85 − 10·1/2 = 80.
    # Positive 97 %: 85.
    prepared = world(counters)
    assert shs_parts(prepared, "S", DAY) == {
        "liability_rate": 70,
        "shipping": 80,
        "refund_rate": 80,
        "positive_rate": 85,
    }
    # 0.35·70 + 0.25·80 + 0.2·80 + 0.2·85 = 24.5 + 20 + 16 + 17 = 77.5
    assert score(prepared, "S", "shs", DAY).value == Fraction("77.5")
    # With 9 closed disputes liability drops out: 53 / 0.65.
    less = world({**counters, "disputes_closed": 9, "disputes_seller_liable": 0})
    assert score(less, "S", "shs", DAY).value == Fraction(53) / Fraction("0.65")
    assert score(world({}), "S", "shs", DAY).value is None
    ends = SHIPPED.shs_knots["liability_rate"]
    assert [interpolate(ends, Fraction(at)) for at in ("0.5", "0")] == [Fraction(0), Fraction(100)]


@pytest.mark.rule("TM-05")
def test_sla_is_75_at_yellow_60_at_red_and_0_at_three_times_red() -> None:
    counters = {
        "settled": 10000, "disputes_opened_orders": 256, "orders_paid": 1000, "cancelled_by_seller": 25,
        "shipped": 1000, "logistics_abnormal": 0, "shipped_over_72h": 450,
        "reviews_positive": 934, "reviews_negative": 66, "messages_due": 100, "messages_missed": 4,
    }  # fmt: skip
    # Disputes 2.56 % (yellow) 75; cancelled 2.5 % (red) 60; abnormal 0: 100; slow 45 % = 3 · 15 %: 0;
    # failures 6.6 % of reviews: 60 − 60 · (6.6 − 5.5) / 11 = 54; missed 4 %, half way to yellow: 87.5.
    prepared = world(counters)
    assert sla_parts(prepared, "S", DAY) == {
        "sla_dispute_rate": 75, "cancel_rate": 60, "logistics_abnormal": 100, "slow_fulfilment": 0,
        "positive_rate": 54, "reply_missed": Fraction("87.5"),
    }  # fmt: skip
    # 0.15 · (75 + 60 + 100 + 87.5) + 0.2 · (0 + 54) = 48.375 + 10.8 = 59.175
    assert score(prepared, "S", "sla", DAY).value == Fraction("59.175")
    assert [sla_grade(prepared, Fraction(value), DAY) for value in (90, 89, 80, 70, 69)] == ["A", "B", "B", "C", "D"]
