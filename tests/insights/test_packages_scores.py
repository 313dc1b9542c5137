"""Composite scores made again from their packages (DM-32, DP-06, TM-05), to the last place."""

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pytest
from django.db import transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from insights.explanation import composition_of
from insights.packages.arithmetic import value_of_parts
from insights.packages.composite import PARTS, SCORED, scales_of
from metrics.catalogue import METRICS, Kind
from metrics.facts.updating import apply_dirty
from metrics.models import Fact
from metrics.rules.composites import Scale, compose
from metrics.scorecards.loading import load_days
from rulebook.rules import rounded
from rulebook.services import publish_policy
from rulebook.shipped import SHIPPED
from stores.models import Store
from tests.examples import costly
from tests.insights.test_packages import check
from tests.metrics.test_facts_against_reference import import_bundle
from tests.oracle.strategies import bundles

pytestmark = pytest.mark.slow

SCORES = [code for code, metric in METRICS.items() if metric.kind == Kind.COMPOSITE]
LARGE = 1_000_000


def publish(least: int, changed: dict[str, Any]) -> None:
    """A version in force on all days of the tests: metrics judge from ``least`` orders on."""
    changed |= {key: least for key in SHIPPED if key.endswith(".min_denominator") and SHIPPED[key]["value"]}
    publish_policy(
        data={key: entry | {"value": changed.get(key, entry["value"])} for key, entry in SHIPPED.items()},
        effective_from=datetime(2001, 1, 1, tzinfo=UTC),
        author="tests",
        note="",
        at=datetime(2000, 1, 1, tzinfo=UTC),
    )


ODD: dict[str, Any] = {
    "shs.weights": {"liability_rate": "0.07", "shipping": "0.61", "refund_rate": "0.3199", "positive_rate": "0.0001"},
    "shs.knots.positive_rate": [["0.9999", "99.5"], ["0.3333", "33.3"], ["0.1", "0.1"]],
    "sla.weights": {"delivered": "0.3", "delivery_late": "0.3", "late_dispatch": "0.3", "cancel_rate": "0.1"},
    "sla.score_at_zero": "99.9",
    "sla.zero_at_red_times": "1.5",
}


@pytest.mark.sqlite_only
@pytest.mark.django_db
@pytest.mark.rule("DM-32", "DP-06", "TM-05", "DM-31")
@given(bundle=bundles(stores=1), odd=st.booleans(), least=st.integers(1, 3), data=st.data())
@settings(costly(4), phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_scores_of_random_bundles_are_made_again(bundle, odd, least, data):
    """Few orders suffice, so that small worlds have scores; lines scaled by sites and categories are in the odd one."""
    with transaction.atomic():
        publish(least, dict(ODD) if odd else {})
        import_bundle(bundle)
        apply_dirty()
        days = list(Fact.objects.order_by("day").values_list("day", flat=True))
        for code in SCORES if days else ():
            store, day = Store.objects.get(store_no="S1"), data.draw(st.sampled_from(days))
            manifest = check(store, code, day)
            store_day = load_days([store], day, codes=[code])[store.pk]
            rows = composition_of(store_day, code)
            assert [part["metric"] for part in manifest["parts"]] == [row.code for row in rows]
            gives = [row.gives for row in rows if row.gives is not None]
            assert (sum(gives, Fraction()) if gives else None) == store_day.value(code).value
            assert all((row.score is None) == bool(row.why) for row in rows)
        transaction.set_rollback(True)


@st.composite
def measures(draw: st.DrawFn) -> tuple[Fraction, int, int, Scale, Decimal]:
    """A part: its value as numerator and denominator, its scale, its weight."""
    stars = draw(st.booleans())
    denominator = draw(st.integers(1, LARGE)) * (2 * LARGE if stars else 1)
    top = None if stars else draw(st.sampled_from([None, Fraction(0), Fraction(1)]))
    most = 5 if stars else 1
    numerator = draw(st.integers(0, most * denominator))
    whole = 10 if stars else draw(st.sampled_from([1000, 10_000]))
    places = draw(st.lists(st.integers(0, most * whole), min_size=2, max_size=6, unique=True).map(sorted))
    scores = draw(st.lists(st.integers(0, 1000), min_size=len(places), max_size=len(places)))
    knots = tuple((Fraction(at, whole), Fraction(score, 10)) for at, score in zip(places, scores, strict=True))
    weight = Decimal(draw(st.integers(1, 20))) / 20
    return Fraction(numerator, denominator), numerator, denominator, Scale(knots, top), weight


@pytest.mark.rule("DM-32", "MX-06")
@given(st.lists(measures(), min_size=0, max_size=6))
def test_integers_make_the_score_to_the_last_place(parts: list[tuple[Fraction, int, int, Scale, Decimal]]) -> None:
    """With a million orders on both sides of shipping's two parts no product leaves 64 bits."""
    scores = {str(place): scale.score(value) for place, (value, _n, _d, scale, _w) in enumerate(parts)}
    expected = compose(scores, {str(place): part[4] for place, part in enumerate(parts)}).score
    script = [*tables_of(parts), SCORED, PARTS, value_of_parts()]
    found = {duckdb_value(script), sqlite_value(script)}
    assert found == {None if expected is None else format(rounded(expected, 10), "f")}


def tables_of(parts: Iterable[tuple[Fraction, int, int, Scale, Decimal]]) -> list[str]:
    """The tables that the script starts from."""
    script = [
        "CREATE TABLE measured (metric VARCHAR, numerator BIGINT, denominator BIGINT, number BIGINT)",
        "CREATE TABLE score_parts (metric VARCHAR, weight BIGINT, least BIGINT, top BIGINT, at_scale BIGINT,"
        " score_scale BIGINT, has_feeds BOOLEAN, applies BOOLEAN)",
        "CREATE TABLE score_knots (metric VARCHAR, place BIGINT, knot_at BIGINT, knot_score BIGINT)",
    ]
    for name, (_value, numerator, denominator, scale, weight) in enumerate(parts):
        at_scale, score_scale = scales_of(scale)
        top = "NULL" if scale.top is None else scale.top * at_scale
        script += [
            f"INSERT INTO measured VALUES ('{name}', {numerator}, {denominator}, {denominator})",
            f"INSERT INTO score_parts VALUES"
            f" ('{name}', {int(weight * 20)}, 1, {top}, {at_scale}, {score_scale}, true, true)",
        ]
        script += [
            f"INSERT INTO score_knots VALUES ('{name}', {place}, {at * at_scale}, {score * score_scale})"
            for place, (at, score) in enumerate(scale.points, 1)
        ]
    return script


def duckdb_value(script: Iterable[str]) -> str | None:
    with duckdb.connect() as db:
        db.execute("SET integer_division = true")
        for statement in script:
            db.execute(statement)
        row = db.execute("SELECT value FROM score").fetchone()
        return row[0] if row else None


def sqlite_value(script: Iterable[str]) -> str | None:
    with sqlite3.connect(":memory:") as db:
        for statement in script:
            db.execute(statement)
        value: str | None = db.execute("SELECT value FROM score").fetchone()[0]
        return value
