"""The early-warning score as arithmetic: points that add up, and figures of quality (TM-06)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.rules.warning import (
    FARTHEST,
    FEATURES,
    Band,
    Factor,
    Terms,
    fixed_score,
    probability,
    quality_of,
    score_of,
    share_out,
)

pytestmark = pytest.mark.sqlite_only
numbers = st.floats(-50, 50)
tables = st.fixed_dictionaries(dict.fromkeys(FEATURES, numbers))


def terms(**more: object) -> Terms:
    values: dict[str, object] = {
        "intercept": -3.0,
        "base_rate": 0.05,
        "means": dict.fromkeys(FEATURES, 0.0),
        "scales": dict.fromkeys(FEATURES, 1.0),
        "coefficients": dict.fromkeys(FEATURES, 0.0),
        **more,
    }
    return Terms(**values)


@pytest.mark.rule("TM-06")
@given(features=tables, coefficients=tables, means=tables, intercept=st.floats(-8, 8))
def test_points_add_up_to_the_score(
    features: dict[str, float], coefficients: dict[str, float], means: dict[str, float], intercept: float
) -> None:
    model = terms(intercept=intercept, means=means, coefficients=coefficients)
    found = score_of(model, features)
    assert found.base + sum(found.points.values()) == found.score
    assert set(found.points) == set(Factor)
    logit = intercept + sum(
        coefficients[name] * min(max(features[name] - means[name], -FARTHEST), FARTHEST) for name in FEATURES
    )
    assert found.score == pytest.approx(1000 * probability(logit), abs=0.51)


@pytest.mark.rule("TM-06")
def test_a_factor_gets_the_points_of_its_part_of_the_logit() -> None:
    coefficients = dict.fromkeys(FEATURES, 0.0) | {"silence": 1.0, "unanswered": 0.5, "delivered": -0.5}
    features = dict.fromkeys(FEATURES, 0.0) | {"silence": 2.0, "unanswered": 2.0, "delivered": 1.0}
    found = score_of(terms(coefficients=coefficients), features)
    assert (found.base, found.score) == (47, 378)
    shown = {factor: points for factor, points in found.points.items() if points}
    assert shown == {Factor.TRACE_SILENCE: 265, Factor.UNANSWERED: 132, Factor.ORDER: -66}


@given(parts=st.fixed_dictionaries(dict.fromkeys(Factor, st.floats(-300, 300))))
def test_rounded_parts_stay_within_one_of_what_they_round(parts: dict[Factor, float]) -> None:
    shared = share_out(round(sum(parts.values())), parts)
    assert sum(shared.values()) == round(sum(parts.values()))
    assert all(abs(shared[factor] - parts[factor]) <= 1.5 for factor in Factor)


@pytest.mark.rule("TM-06")
def test_without_a_model_points_are_the_weights_of_policy() -> None:
    weights = {"address": 15, "trace_silence": 20, "unanswered": 10}
    found = fixed_score(weights, {"address": 1.0, "trace_silence": 0.5, "unanswered": 7.0, "payment": 1.0})
    shown = {factor: points for factor, points in found.points.items() if points}
    assert (found.score, found.base) == (350, 0)
    assert shown == {Factor.ADDRESS: 150, Factor.TRACE_SILENCE: 100, Factor.UNANSWERED: 100}


@pytest.mark.rule("TM-06")
def test_quality_is_counted_from_scores_and_outcomes() -> None:
    scores = [900, 800, 400, 400, 300, 100, 10, 10, 5, 0]
    troubled = [True, False, True, False, False, True, False, False, False, False]
    found = quality_of(scores, troubled, [1, 2, 3, 3, 4, 5, 6, 6, 6, 7], 0.2)
    # Of 21 pairs, 16 in the right order and one tie.
    assert found.auc == pytest.approx(16.5 / 21)
    assert (found.top_rows, found.top_from, found.top_precision) == (2, 800, 0.5)
    assert found.brier_constant == pytest.approx(0.21)
    assert found.brier == pytest.approx(
        (0.1**2 + 0.8**2 + 0.6**2 + 0.4**2 + 0.3**2 + 0.9**2 + 2 * 0.01**2 + 0.005**2) / 10
    )
    assert [band for band in found.bands if band.rows] == [
        Band(0, 20, 4, 6, 0, 2), Band(100, 200, 1, 100, 1, 1), Band(300, 500, 3, 367, 1, 2),
        Band(500, 1001, 2, 850, 1, 2),
    ]  # fmt: skip


@given(
    st.lists(st.tuples(st.integers(0, 1000), st.booleans()), min_size=2, max_size=30).filter(
        lambda rows: len({was for _score, was in rows}) == 2
    )
)
def test_auc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[int, bool]]) -> None:
    bad = [score for score, was in rows if was]
    good = [score for score, was in rows if not was]
    pairs = [(high > low) + (high == low) / 2 for high in bad for low in good]
    found = quality_of([score for score, _was in rows], [was for _score, was in rows], [0] * len(rows), 0.05)
    assert found.auc == pytest.approx(sum(pairs) / len(pairs))


def test_quality_of_one_outcome_has_no_auc_and_of_nothing_is_refused() -> None:
    assert quality_of([1, 2], [False, False], [1, 2], 0.5).auc is None
    with pytest.raises(ValueError, match="no scores"):
        quality_of([], [], [], 0.5)
