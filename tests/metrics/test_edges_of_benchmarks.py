"""Four stores or five, imported values, whom a store is compared with, and −15 % exactly (MX-11, MX-12, SR-07)."""

from datetime import timedelta
from fractions import Fraction

import pytest

from tests.metrics.edges import DAY, Edges
from tests.oracle.catalogue import DIMENSIONS

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]
CODES = ["late_dispatch", "delivered", "aov", "dsr", *DIMENSIONS]


def peer(edges: Edges, store_no: str, late: int, stars: int, **cells: str) -> str:
    store = edges.store(store_no, **cells)
    edges.add(store, DAY, dispatch_due=20, dispatch_late=late, described_n=10, described_sum=stars)
    return store


@pytest.mark.rule("MX-11")
@pytest.mark.parametrize(("peers", "late"), [(4, Fraction(28, 180)), (5, Fraction(5, 100))])
def test_five_stores_of_a_category_are_peers_and_four_are_not(peers, late):
    edges = Edges()
    for number in range(peers):
        # Peers by the first level: leaves of it and itself.
        peer(edges, f"P{number}", 1, 50, primary_category=("root", "leaf", "fast")[number % 3])
    # Nine stores in all, 28 late of 180.
    lates = [28 - peers - (8 - peers), *([1] * (8 - peers))]
    for number, late_ones in enumerate(lates):
        peer(edges, f"Q{number}", late_ones, 50, primary_category="other")
    scorecards = edges.judged(codes=CODES)
    mark = scorecards["P0"]["late_dispatch"].benchmark
    assert mark is not None
    assert (mark.value, mark.source) == (late, "category" if peers == 5 else "all")


@pytest.mark.rule("MX-11", "DM-11")
def test_store_that_is_not_active_or_has_few_orders():
    edges = Edges()
    for number in range(5):
        peer(edges, f"P{number}", number, 40 + number, primary_category="leaf")
    closed = peer(edges, "closed", 20, 10, primary_category="leaf")
    edges.periods[closed] = [(DAY, {"status": "closed"})]
    edges.add(edges.store("few", primary_category="leaf"), DAY, dispatch_due=9, dispatch_late=9, described_n=9)
    scorecards = edges.judged(before=1, codes=CODES)
    # Stores with few orders are in a pooled ratio; means of stars are over those with enough.
    late, stars = scorecards["P0"]["late_dispatch"].benchmark, scorecards["P0"]["described"].benchmark
    assert late is not None
    assert stars is not None
    assert (late.value, late.stores) == (Fraction(10 + 9, 109), 6)
    assert stars.value == Fraction(sum(range(40, 45)), 50)
    # The closed one is compared with the others all the same.
    assert scorecards["closed"]["late_dispatch"].benchmark == late


@pytest.mark.rule("MX-11")
def test_failures_of_a_store_without_orders_are_in_the_pooled_ratio():
    edges = Edges()
    for number in range(5):
        edges.add(edges.store(f"P{number}", primary_category="leaf"), DAY, orders_paid=20, defect_orders=1)
    edges.add(edges.store("complaints", primary_category="leaf"), DAY, copyright_upheld=3)
    mark = edges.judged(codes=["odr"])["P0"]["odr"].benchmark
    assert mark is not None
    assert (mark.value, mark.stores) == (Fraction(5 + 3, 100), 6)


@pytest.mark.rule("MX-11")
def test_imported_value_wins_from_its_day_on():
    edges = Edges()
    for number in range(6):
        peer(edges, f"P{number}", 1, 45, primary_category=("leaf", "root", "dear", "gems", "other", "")[number])
    rows = [
        ("root", -2, "late_dispatch", "0.11"),
        ("root", 0, "late_dispatch", "0.12"),
        ("root", 1, "late_dispatch", "0.13"),
        ("dear", -40, "late_dispatch", "0.2"),
        ("other", 1, "late_dispatch", "0.3"),
        ("root", -1, "described", "4.9"),
    ]
    edges.benchmarks = [
        {"category": code, "day": str(DAY + timedelta(days=days)), "metric": metric, "value": value}
        for code, days, metric, value in rows
    ]
    scorecards = edges.judged(before=2, codes=CODES)
    marks = {no: row["late_dispatch"].benchmark for no, row in scorecards.items()}
    found = {no: (mark.value, mark.source) for no, mark in marks.items() if mark is not None}
    # The nearest category on the way to the first level that has a value speaks, its latest one not after the day.
    assert found == {
        "P0": (Fraction("0.12"), "imported"),
        "P1": (Fraction("0.12"), "imported"),
        "P2": (Fraction("0.2"), "imported"),
        "P3": (Fraction("0.2"), "imported"),
        "P4": (Fraction(1, 20), "all"),
        "P5": (Fraction(1, 20), "all"),
    }


@pytest.mark.rule("MX-12", "SR-07")
def test_deviation_of_exactly_fifteen_percent():
    edges = Edges()
    edges.benchmarks = [
        {"category": "root", "day": str(DAY), "metric": code, "value": "4"} for code in ("described", "communication")
    ]
    for name, stars in (("above", 3401), ("on", 3400), ("below", 3399)):
        store = edges.store(name, primary_category="leaf")
        edges.add(store, DAY, described_n=1000, described_sum=stars, communication_n=1000, communication_sum=stars)
    scorecards = edges.judged(codes=CODES)
    line = Fraction(-15, 100)
    deviations = {no: row["described"].deviation for no, row in scorecards.items()}
    assert deviations["on"] == line
    assert deviations["above"] > line > deviations["below"]
    assert scorecards["on"]["dsr"].deviation is None
