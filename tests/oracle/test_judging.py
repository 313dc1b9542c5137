"""Lines, benchmarks and levels worked by hand from prepared facts (DM-31, MX-07, MX-10, MX-11, PN-21, PN-22, DP-02)."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest

from .build import DAY, KNOWN, RATED, world
from .catalogue import METRICS
from .facts import Facts
from .judging import benchmark, judge, scorecard
from .lines import effective_lines
from .scores import score
from .world import World


@pytest.mark.rule("MX-07")
def test_a_missing_feed_is_no_data_and_a_day_not_yet_known_is_stale() -> None:
    counters = {"orders_paid": 100, "defect_orders": 50}
    assert judge(world(counters, feeds="orders"), "S", "odr", DAY).level == "no_data"
    assert score(world(counters, feeds="orders"), "S", "odr", DAY).value is None
    assert judge(world(counters, feeds="orders reviews"), "S", "odr", DAY).level == "red"
    # Performance day 30 June ends on 30 June at 16:00 UTC, rating day 30 June eight hours later.
    end = {**KNOWN, "orders": "2024-06-30T16:00:00Z"}
    assert judge(world(counters, known_until=end), "S", "odr", DAY).level == "red"
    assert judge(world({"described_n": 10, "described_sum": 50}, known_until=end), "S", "dsr", DAY).level == "stale"
    end["orders"] = "2024-06-30T15:59:59Z"
    assert judge(world(counters, known_until=end), "S", "odr", DAY).level == "stale"


@pytest.mark.rule("DM-31")
def test_factors_act_on_the_allowed_failure() -> None:
    categories = [
        {"code": "root", "name": "r", "flags": "fast_moving"},
        {"code": "c", "name": "c", "parent_code": "root"},
    ]
    stores = [{"store_no": "S", "name": "S", "level": "platinum", "primary_category": "c"}]
    at = {"created_at": "2024-06-20T00:00:00Z", "total_amount": "1", "currency": "USD"}
    paid = {"paid_at": "2024-06-20T00:00:00Z", "shipped_at": "2024-06-21T00:00:00Z"}
    orders = [{"store_no": "S", "order_no": site, "site": site, **at, **paid} for site in ("ES", "RU", "US", "BR")]
    prepared = world({}, stores=stores, categories=categories, orders=orders)
    # odr: 1 % · 0.8 (fast-moving) · 0.9 (platinum) = 0.72 %; yellow 0.8 % · 0.72 = 0.576 %
    assert effective_lines(prepared, "S", "odr", DAY) == (Fraction(576, 100000), Fraction(72, 10000))
    # late_dispatch: fast-moving has no factor: 5 % · 0.9 = 4.5 %
    assert effective_lines(prepared, "S", "late_dispatch", DAY)[1] == Fraction(45, 1000)
    # dsr: 5 − 0.4 · 0.9 = 4.64
    assert effective_lines(prepared, "S", "dsr", DAY)[1] == Fraction("4.64")
    # delivered: site (0.9 + 1.1 + 1 + 1.1) / 4 = 1.025; 1 − 5 % · 0.9 · 1.025 = 0.953875
    assert effective_lines(prepared, "S", "delivered", DAY)[1] == Fraction("0.953875")
    # sla metrics are not scaled.
    assert effective_lines(prepared, "S", "slow_fulfilment", DAY) == (Fraction(12, 100), Fraction(15, 100))


def test_virtual_goods_know_no_late_dispatch() -> None:
    categories = [{"code": "c", "name": "c", "flags": "virtual"}]
    stores = [{"store_no": "S", "name": "S", "primary_category": "c"}]
    prepared = world({"dispatch_due": 10, "dispatch_late": 10}, stores=stores, categories=categories)
    assert effective_lines(prepared, "S", "late_dispatch", DAY) == (None, None)
    judged = judge(prepared, "S", "late_dispatch", DAY)
    assert (judged.level, judged.score.value) == ("na", 1)
    assert effective_lines(prepared, "S", "odr", DAY)[1] == Fraction(12, 1000)


@pytest.mark.parametrize(("late", "level"), [(50, "ok"), (51, "red")])
def test_red_begins_beyond_its_line_at_once(late: int, level: str) -> None:
    # 50 of 1000 is exactly 5 %. Yellow needs two more days.
    prepared = world({"dispatch_due": 1000, "dispatch_late": late})
    assert judge(prepared, "S", "late_dispatch", DAY).level == level


def streak(*windows: tuple[int, int], opened: str = "2020-01-01T00:00:00Z") -> World:
    """A world whose windows of late dispatch hold (late, due) as given on its last days."""
    facts: Facts = {}
    first = DAY - timedelta(days=len(windows) - 1)
    before = (0, 0)
    for index, (late, due) in enumerate(windows):
        facts["S", first + timedelta(days=index)] = {"dispatch_late": late - before[0], "dispatch_due": due - before[1]}
        before = late, due
    return world(facts=facts, stores=[{"store_no": "S", "name": "S", "opened_at": opened}])


@pytest.mark.rule("MX-10")
def test_yellow_takes_three_days_in_a_row() -> None:
    # 4.5 % on the day; the mean of the sufficient days before must not be within 10 % of it (a small swing).
    assert judge(streak((41, 1000), (47, 1000), (49, 1000)), "S", "late_dispatch", DAY).level == "yellow"
    assert judge(streak((40, 1000), (47, 1000), (49, 1000)), "S", "late_dispatch", DAY).level == "ok"
    assert judge(streak((0, 9), (47, 1000), (49, 1000)), "S", "late_dispatch", DAY).level == "ok"


def test_small_swings_of_a_stable_store_hold_yellow_back_and_never_red() -> None:
    # Mean of the two days before is 4.5 %; 10 % of it is 0.45 %: 4.95 % is within, 4.96 % is not.
    assert judge(streak((450, 10000), (450, 10000), (495, 10000)), "S", "late_dispatch", DAY).level == "ok"
    assert judge(streak((450, 10000), (450, 10000), (496, 10000)), "S", "late_dispatch", DAY).level == "yellow"
    assert judge(streak((501, 10000), (501, 10000), (501, 10000)), "S", "late_dispatch", DAY).level == "red"


@pytest.mark.rule("PN-22")
def test_a_new_store_is_yellow_after_one_day_against_the_stricter_of_line_and_benchmark() -> None:
    # Age on 30 June (Shanghai): opened 1 April 16:00 UTC = 2 April there: 89 days; an hour earlier 90.
    benchmarks = [{"category": "c", "day": "2024-06-30", "metric": "cancel_rate", "value": "0.01"}]

    def verdict(opened: str, cancelled: int) -> str:
        stores = [{"store_no": "S", "name": "S", "opened_at": opened, "primary_category": "c"}]
        prepared = world(
            {"orders_paid": 1000, "cancelled_by_seller": cancelled},
            stores=stores,
            categories=[{"code": "c", "name": "c"}],
            benchmarks=benchmarks,
        )
        return judge(prepared, "S", "cancel_rate", DAY).level

    assert verdict("2024-04-01T16:00:00Z", 10) == "ok"
    assert verdict("2024-04-01T16:00:00Z", 11) == "yellow"
    assert verdict("2024-04-01T15:00:00Z", 24) == "ok"
    assert verdict("", 24) == "ok"


@pytest.mark.rule("PN-21")
def test_the_first_30_days_are_silent_for_odr_and_late_dispatch_only() -> None:
    def verdict(opened: str, code: str) -> str:
        counters = {"orders_paid": 10, "defect_orders": 9, "settled": 10, "disputes_opened_orders": 9}
        stores = [{"store_no": "S", "name": "S", "opened_at": opened}]
        return judge(world(counters, stores=stores), "S", code, DAY).level

    # Opened 1 June in Shanghai: 29 days old on 30 June; opened 31 May: 30 days.
    assert verdict("2024-05-31T16:00:00Z", "odr") == "silent"
    assert verdict("2024-05-31T15:59:59Z", "odr") == "red"
    assert verdict("2024-05-31T16:00:00Z", "dispute_rate") == "red"


@pytest.mark.rule("DP-02")
@pytest.mark.parametrize(
    ("liable", "opened", "level"),
    [
        (34, "2020-01-01T00:00:00Z", "ok"),
        (35, "2020-01-01T00:00:00Z", "L1"),
        (50, "2020-01-01T00:00:00Z", "L2"),
        (70, "2020-01-01T00:00:00Z", "L3"),
        (28, "2024-06-01T00:00:00Z", "L1"),
        (27, "2024-06-01T00:00:00Z", "ok"),
    ],
)
def test_liability_levels_begin_at_their_line(liable: int, opened: str, level: str) -> None:
    stores = [{"store_no": "S", "name": "S", "opened_at": opened}]
    prepared = world({"disputes_closed": 1000, "disputes_seller_liable": liable}, stores=stores)
    assert judge(prepared, "S", "liability_rate", DAY).level == level


def many(in_category: int) -> World:
    """Six stores with 10, 20, … 60 paid orders and 1, 2, … 5, 30 refunds; the first n are of category r."""
    stores = [
        {"store_no": f"S{number}", "name": "S", "primary_category": "leaf" if number <= in_category else "other"}
        for number in range(1, 7)
    ]
    categories = [{"code": code, "name": code, "parent_code": parent} for code, parent in
                  (("r", ""), ("leaf", "r"), ("other", ""))]  # fmt: skip
    facts: Facts = {
        (f"S{number}", DAY): {
            "orders_paid": 10 * number, "refunded_orders": 30 if number == 6 else number,
            "described_n": 10, "described_sum": 40 + number,
        }
        for number in range(1, 7)
    }  # fmt: skip
    return world(facts=facts, stores=stores, categories=categories)


@pytest.mark.rule("MX-11")
def test_benchmarks_pool_the_category_from_five_stores_on() -> None:
    five, four = many(5), many(4)
    # Five: (1+2+3+4+5) / (10+20+30+40+50) = 15/150. All six: 45/210.
    assert benchmark(five, five.stores["S1"], METRICS["refund_rate"], DAY) == Fraction(15, 150)
    assert benchmark(four, four.stores["S1"], METRICS["refund_rate"], DAY) == Fraction(45, 210)
    # Means of 4.1 … 4.5 = 4.3; the store's own 4.1 deviates by −0.2 / 4.3.
    assert benchmark(five, five.stores["S1"], METRICS["described"], DAY) == Fraction("4.3")
    assert judge(five, "S1", "described", DAY).deviation == Fraction(-2, 43)


def test_an_imported_benchmark_wins_from_its_day_on() -> None:
    rows = [
        {"category": "r", "day": "2024-06-01", "metric": "refund_rate", "value": "0.02"},
        {"category": "r", "day": "2024-06-30", "metric": "refund_rate", "value": "0.03"},
        {"category": "r", "day": "2024-07-01", "metric": "refund_rate", "value": "0.04"},
    ]
    categories = [{"code": "r", "name": "r"}, {"code": "leaf", "name": "l", "parent_code": "r"}]
    stores = [{"store_no": "S", "name": "S", "primary_category": "leaf"}]
    prepared = world(stores=stores, categories=categories, benchmarks=rows)
    assert benchmark(prepared, prepared.stores["S"], METRICS["refund_rate"], DAY) == Fraction(3, 100)
    assert benchmark(prepared, prepared.stores["S"], METRICS["odr"], DAY) is None


def test_every_metric_of_the_table_is_judged() -> None:
    card = scorecard(world(RATED), "S", DAY)
    assert len(card) == 30
    assert {row.level for row in card.values()} <= {"ok", "few", "red", "no_data"}
