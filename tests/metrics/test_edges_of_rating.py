"""Weights, uplift, marks, tiers and anomalies of the rating, exactly on their borders (SR-01, SR-05, SR-06, SR-09)."""

from datetime import date, timedelta
from fractions import Fraction

import pytest

from metrics.rules.anomaly import ANOMALY_COUNTERS, anomalies_of
from metrics.rules.rating import tier_of
from metrics.scorecards.loading import load_spans
from rulebook.queries import policy_at
from stores.models import Store
from tests.metrics.edges import DAY, Edges, at
from tests.metrics.worlds import load_world
from tests.oracle.build import RATED
from tests.oracle.scores import anomalies, rating, tier

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow, pytest.mark.django_db]
CODES = ["dsr", "described", "communication", "shipping"]


@pytest.mark.rule("SR-09")
@pytest.mark.parametrize(
    ("day", "uplifts"), [(DAY, True), (date(2027, 12, 31), True), (date(2028, 1, 1), False), (date(2028, 2, 29), False)]
)
def test_uplift_from_200_usd_on_and_to_its_last_day(day, uplifts):
    edges, expected = Edges(), {}
    for category in ("dear", "gems", "leaf", ""):
        for cents in (-1, 0, 1):
            store = edges.store(f"{category}{cents:+}", primary_category=category)
            edges.add(store, day, **RATED, r_value_n=3, r_value_cents_usd=3 * 200_00 + cents)
            uplifted = uplifts and category in ("dear", "gems") and cents >= 0
            # Parts: 4.6, 4.8, 4.5, 4.
            weights = ("0.5", "0.25", "0.125", "0.125") if uplifted else ("0.4", "0.3", "0.15", "0.15")
            parts = ("4.6", "4.8", "4.5", "4")
            expected[store] = sum(
                (Fraction(weight) * Fraction(part) for weight, part in zip(weights, parts, strict=True)), Fraction()
            )
    none = edges.store("none", primary_category="dear")
    edges.add(none, day, **RATED)
    expected[none] = Fraction("4.555")
    edges.known = dict.fromkeys(edges.known, "2029-01-01T00:00:00Z")
    scorecards = edges.judged(day, codes=CODES)
    assert {no: row["dsr"].value.value for no, row in scorecards.items()} == expected


@pytest.mark.rule("SR-01", "TM-02")
@pytest.mark.parametrize("confirmed", [True, False])
def test_every_third_warning_is_a_mark_and_a_mark_alone_makes_a_part(confirmed):
    edges = Edges()
    for warnings in (2, 3, 5, 6):
        store = edges.store(f"w{warnings}")
        # The first of the 180 days is in the window, the day before it is not.
        edges.add(store, DAY - timedelta(days=179), unconfirmed=warnings)
        edges.add(store, DAY - timedelta(days=180), unconfirmed=30, described_n=90, described_sum=90)
        edges.add(store, DAY, described_n=10, described_sum=50, r_dispatch_n=10, r_dispatch_ontime=10)
    edges.add(edges.store("alone"), DAY, described_n=10, described_sum=50, unconfirmed=3)
    edges.confirmed = confirmed
    scorecards, world = edges.judged(codes=CODES), edges.world()
    marks = {"w2": 0, "w3": 1, "w5": 1, "w6": 2, "alone": 1}
    assert {no: rating(world, no, DAY).marks for no in scorecards} == {
        no: n if confirmed else 0 for no, n in marks.items()
    }
    dispatch = {no: row["shipping"].value.value for no, row in scorecards.items()}
    # Ten of ten in time: a mark is one more that was late; without any dispatch it is one of one.
    late = {no: Fraction(50, 10 + n) for no, n in marks.items() if no != "alone"} | {"alone": Fraction(0)}
    assert dispatch == (late if confirmed else {no: None if no == "alone" else Fraction(5) for no in late})


@pytest.mark.rule("SR-05", "MX-06")
@pytest.mark.parametrize("line", ["4.70", "4.50", "4.30", "4.00"])
def test_tier_begins_on_its_line_and_not_a_hair_below(line):
    edges, policy = Edges(), policy_at(at("2024-03-14T00:00:00"))
    world = edges.world()
    for hair in (Fraction(0), Fraction(1, 10**12), -Fraction(1, 10**12), -Fraction(1, 3 * 10**15)):
        value = Fraction(line) + hair
        assert tier_of(value, policy).code == tier(world, value, DAY)
    assert tier_of(Fraction(line), policy).code != tier_of(Fraction(line) - Fraction(1, 10**12), policy).code


REVIEWS = [
    (124, 2),
    (124, 124),
    (125, 1),
    (125, 2),
    (126, 1),
    (126, 2),
    (250, 2),
    (250, 3),
    (1250, 10),
    (1250, 11),
    (0, 0),
]
LATE = [(9, 9), (10, 1), (10, 2), (25, 3), (25, 4), (100, 12), (100, 13), (0, 0)]


@pytest.mark.rule("SR-06")
def test_anomalies_begin_beyond_their_lines():
    edges = Edges()
    for reviews, negative in REVIEWS:
        edges.add(edges.store(f"r{reviews}-{negative}"), DAY, u_reviews=reviews, u_negative=negative)
    for due, late in LATE:
        for spread in (0, 2, 3):
            store = edges.store(f"d{due}-{late}-{spread}")
            # Over the three days; three days back is out.
            edges.add(store, DAY - timedelta(days=spread), u_delivery_due=due, u_delivery_late=late)
    world = edges.world()
    load_world(world)
    days = [DAY - timedelta(days=back) for back in (2, 1, 0)]
    store_span = load_spans(list(Store.objects.all()), days[0], DAY, codes=["dsr"])
    policy = next(iter(store_span.values())).policy(DAY, "rating")
    found, expected = {}, {}
    for store_no in world.stores:
        counts = [(day, {name: world.total(store_no, name, [day]) for name in ANOMALY_COUNTERS}) for day in days]
        kinds = {str(one.kind) for one in anomalies_of(counts, policy)}
        found[store_no] = {{"delay": "late"}.get(kind, kind) for kind in kinds}
        expected[store_no] = anomalies(world, store_no, DAY)
    assert found == expected
    assert {no for no, kinds in found.items() if "negative" in kinds} == {
        "r125-2", "r126-2", "r250-3", "r1250-11"
    }  # fmt: skip
    assert {no for no, kinds in found.items() if "late" in kinds} == {
        f"d{case}-{spread}" for case in ("10-2", "25-4", "100-13") for spread in (0, 2)
    }


@pytest.mark.rule("SR-01", "SR-15", "MX-05")
def test_parts_drop_out_and_stores_without_reviews_are_not_rated():
    edges = Edges()
    full = dict(RATED)
    for name in ("described", "communication", "r_dispatch", "r_delivery"):
        store = edges.store(f"no-{name}")
        edges.add(store, DAY, **{key: n for key, n in full.items() if not key.startswith(name)})
    edges.add(edges.store("other", store_type="outlet"), DAY, **full)
    edges.add(edges.store("empty"), DAY)
    scorecards = edges.judged(codes=CODES)
    assert scorecards["no-described"]["dsr"].value.value is None
    assert (
        scorecards["no-communication"]["dsr"].value.value == (40 * Fraction("4.6") + 15 * Fraction("4.5") + 15 * 4) / 70
    )
    assert scorecards["no-r_dispatch"]["shipping"].value.value == 4
    assert scorecards["other"]["dsr"].value.value is None
    assert scorecards["other"]["described"].value.value == Fraction("4.6")
