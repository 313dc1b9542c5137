"""Forecasts of metrics and of the scores made of them against the reference computation (MX-14), exactly."""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.db import transaction
from hypothesis import given

from insights.queries.forecast import Forecast, Lost, forecast, forecast_score
from insights.rules.forecast import Bounds, Course, can_forecast
from metrics.catalogue import METRICS, Kind
from metrics.rules.composites import compose, ladder_of, weights_of
from metrics.scorecards.loading import load_spans
from metrics.scorecards.spans import StoreSpan
from stores.reference import resolve_categories
from tests.examples import costly
from tests.metrics.worlds import load_world
from tests.oracle.forecast import forecast as reference
from tests.oracle.paces import LAST
from tests.oracle.strategies import worlds
from tests.oracle.world import World

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.rule("MX-14")]
DAYS = 14
DAY = LAST - timedelta(days=DAYS)
CODES = [code for code in METRICS if can_forecast(code)]
SCORES = [code for code in CODES if METRICS[code].kind == Kind.COMPOSITE]


def third(_code: str, _day: date, failures: int) -> int:
    """Of a day's own failures, how many no course can save."""
    return failures // 3


def lost_of(code: str) -> Lost:
    return lambda day, failures: third(code, day, failures)


def forecast_of(store_span: StoreSpan, code: str) -> Forecast:
    if code in SCORES:
        return forecast_score(store_span, code, DAY, lost_of=lost_of)
    rules = store_span.policy(DAY, METRICS[code].calendar).metrics[code]
    lines = store_span.on(DAY).thresholds(code)
    bounds = Bounds(
        lines.yellow.value if lines.yellow else None,
        lines.red.value if lines.red else None,
        rules.floor_top,
        inclusive=rules.inclusive,
        least=rules.min_denominator,
    )
    return forecast(store_span, code, DAY, bounds, lost=lost_of(code))


def loaded(data: tuple[object, object]) -> Iterator[tuple[World, str, StoreSpan]]:
    """The stores of a world, with confirmations known, so that marks count."""
    bundle, facts = data
    world = World(bundle, facts=facts)  # type: ignore[arg-type]
    world.feeds |= {"confirmations"}
    world.known_until["confirmations"] = world.known_until["orders"]
    stores = load_world(world)
    resolve_categories()
    for number, store in stores.items():
        yield world, number, load_spans([store], DAY, LAST, codes=CODES)[store.id]


@given(data=worlds(stores=2))
@costly(5)
def test_forecasts_equal_the_reference_in_every_course(data):
    with transaction.atomic():
        for world, number, store_span in loaded(data):
            for code in CODES:
                if code == "dsr" and "high_value" in world.stores[number].flags:
                    continue  # its weights are those of the day of the forecast
                if not store_span.has_feeds(METRICS[code]):
                    continue
                found = forecast_of(store_span, code)
                for course in Course:
                    told = [point.value for point in found.along(course)]
                    expected = reference(world, number, code, DAY, DAYS, str(course), third)
                    assert told == [one.value for one in expected], f"{number} {code} {course}"
                    enough = [one.sufficient for one in expected]
                    assert [point.zone is not None for point in found.along(course)] == enough, f"{code} {course}"
        transaction.set_rollback(True)


@pytest.mark.rule("DP-06", "TM-05")
@given(data=worlds(stores=2))
@costly(3)
def test_scores_are_composed_of_the_forecasts_of_their_parts(data):
    with transaction.atomic():
        for _world, _number, store_span in loaded(data):
            for code in SCORES:
                policy = store_span.policy(DAY, METRICS[code].calendar)
                weights, found = weights_of(policy, code), forecast_of(store_span, code)
                parts = {part: forecast_of(store_span, part) for part in weights}
                for course in Course:
                    for place, point in enumerate(found.along(course)):
                        scores: dict[str, Fraction] = {}
                        for part, one in parts.items():
                            told = one.along(course)[place]
                            if told.value is not None and told.zone is not None:
                                scores[part] = store_span.on(DAY).scale(code, part).score(told.value)
                        assert point.value == compose(scores, weights).score
                        assert point.zone == ladder_of(policy, code).zone(point.value)
                assert not found.own or any(one.own for one in parts.values())
        transaction.set_rollback(True)
