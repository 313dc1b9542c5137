"""The shipped policy, and what makes a policy whole (DM-30)."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from rulebook.policy import InvalidPolicyError, build_policy, validate
from rulebook.revision import changed_entry
from rulebook.shipped import SHIPPED

POLICY = build_policy(SHIPPED, number=1)


def problems(**values: Any) -> list[str]:
    """What validation says about shipped data with other values; double underscores mean dots."""
    data = dict(SHIPPED)
    for name, value in values.items():
        key = name.replace("__", ".")
        data[key] = changed_entry(data, key, value)
    return reasons(data)


def reasons(data: Any) -> list[str]:
    """What validation says, in words."""
    return [str(problem) for problem in validate(data)]


def test_shipped_policy_is_whole() -> None:
    assert validate(SHIPPED) == []


def test_shipped_lines_are_those_of_the_table_of_metrics() -> None:
    table = {
        "odr": (30, "0.008", "0.01"),
        "late_dispatch": (30, "0.04", "0.05"),
        "dispute_rate": (30, "0.024", "0.03"),
        "dsr": (180, "4.7", "4.6"),
        "delivered": (30, "0.96", "0.95"),
        "liability_rate": (30, "0.035", "0.05"),
        "slow_fulfilment": (90, "0.12", "0.15"),
        "sla_dispute_rate": (90, "0.0256", "0.032"),
        "positive_rate": (90, "0.956", "0.945"),
        "cancel_rate": (90, "0.02", "0.025"),
        "logistics_abnormal": (90, "0.08", "0.1"),
        "delivery_late": (30, "0.096", "0.12"),
        "reply_missed": (30, "0.08", "0.1"),
    }
    for code, (window, yellow, red) in table.items():
        metric = POLICY.metrics[code]
        assert (metric.window_days, metric.yellow, metric.red) == (window, Decimal(yellow), Decimal(red)), code
    assert POLICY.metrics["trace_complete"].yellow == Decimal("0.992")
    assert POLICY.metrics["trace_complete"].red is None


def test_shipped_tables_have_their_size() -> None:
    reference = POLICY.reference
    assert (len(reference.sites), len(reference.categories), len(POLICY.transactions.risk_flags)) == (18, 18, 17)
    assert sorted(reference.fx_usd) == [str(year) for year in range(2016, 2027)]


def test_rates_are_found() -> None:
    assert POLICY.fx_usd("BRL", 2017) == Decimal("0.3133")
    assert POLICY.fx_usd("USD", 1999) == 1
    assert POLICY.fx_usd("XXX", 2017) is None


def test_every_shipped_value_names_its_rules() -> None:
    assert all(entry["rules"] for entry in SHIPPED.values())


@pytest.mark.parametrize("key", sorted(SHIPPED))
def test_value_of_another_type_is_rejected_by_name(key: str) -> None:
    found = reasons({**SHIPPED, key: {**SHIPPED[key], "value": {"surely": ["not", 1.5]}}})
    assert any(reason.startswith(key) for reason in found), found


@pytest.mark.parametrize(
    "key", ["counting.reply_hours", "rating.weights.described", "shs.weights", "metrics.odr.window_days"]
)
def test_missing_parameter_is_named(key: str) -> None:
    assert reasons({name: entry for name, entry in SHIPPED.items() if name != key}) == [f"{key}: missing"]


def test_missing_metric_is_named() -> None:
    data = {key: entry for key, entry in SHIPPED.items() if not key.startswith("metrics.gmv.")}
    assert reasons(data) == ["metrics.gmv: missing"]


def test_unknown_parameters_are_named() -> None:
    entry = SHIPPED["counting.reply_hours"]
    assert reasons({**SHIPPED, "counting.nap_hours": entry}) == ["counting.nap_hours: no such parameter"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"rating__weights__described": "0.41"}, "rating.weights: the weights must add up to 100 %, they are 101 %"),
        (
            {"rating__high_value_weights__delivery": "0.1"},
            "rating.high_value_weights: the weights must add up to 100 %, they are 97.5 %",
        ),
        ({"metrics__odr__red": "0.008"}, "metrics.odr.red: red must be above yellow; yellow is 0.8 %, red is 0.8 %"),
        (
            {"metrics__delivered__red": "0.97"},
            "metrics.delivered.red: red must be below yellow; yellow is 96 %, red is 97 %",
        ),
        ({"metrics__delivered__yellow": "1"}, "metrics.delivered.yellow: must lie above 0 and below 100 %, is 100 %"),
        ({"metrics__odr__window_days": 0}, "metrics.odr.window_days: must be above 0, is 0"),
        ({"metrics__odr__min_denominator": -1}, "metrics.odr.min_denominator: must not be below 0, is -1"),
        ({"metrics__dsr__window_days": 90}, "metrics.dsr.window_days: must equal the window of the rating, 180 days"),
        ({"metrics__odr__scaled": ["moon"]}, "metrics.odr.scaled: “moon” is none of category, level, site"),
        (
            {"metrics__liability_rate__levels": [["L1", "0.05"], ["L2", "0.05"]]},
            "metrics.liability_rate.levels: the thresholds of the levels must rise",
        ),
        (
            {"metrics__liability_rate__young_line": "0.04"},
            "metrics.liability_rate.young_line: must not be above that of the first level, 3.5 %; is 4 %",
        ),
        ({"judging__stable_share": "1.1"}, "judging.stable_share: a share lies between 0 % and 100 %, this is 110 %"),
        ({"factors__level": {"gold": "0"}}, "factors.level: gold must be above 0, is 0"),
        ({"factors__category": {"fluffy": {"odr": "1"}}}, "factors.category: “fluffy” is no flag of categories"),
        ({"factors__category": {"virtual": {"dsr": "1"}}}, "factors.category: “dsr” is not scaled by category"),
        (
            {"shs__knots__refund_rate": [["0", "100"], ["0.1", "100"]]},
            "shs.knots.refund_rate: scores must fall from the best value to the worst",
        ),
        (
            {"sla__score_at_red": "80"},
            "sla.score_at_red: scores must fall from no failures over yellow to red, and stay above 0",
        ),
        ({"rating__badge_tier": "divine"}, "rating.badge_tier: “divine” is no tier"),
        (
            {"notices__open_reminder_hours": [24, 80]},
            "notices.open_reminder_hours: must rise step by step, is 24, 80, 72",
        ),
        ({"beyond__reminder_hours": [4, 12]}, "beyond.reminder_hours: must fall towards the deadline"),
        ({"disputes__golden_hours": 72}, "disputes.golden_hours: must rise step by step, is 72, 72, 120"),
        (
            {"transactions__funds_release_hour_utc": 24},
            "transactions.funds_release_hour_utc: an hour lies between 0 and 23",
        ),
        (
            {"privacy__message_days": 89},
            "privacy.message_days: must not be below the 90 days for which messages are kept, is 89",
        ),
        ({"reference__fx_usd__2016": {"EUR": "0"}}, "reference.fx_usd.2016: EUR must be above 0, is 0"),
        ({"calendar__years__2027__off": ["2028-01-03"]}, "calendar.years.2027.off: 2028-01-03 lies in another year"),
    ],
)
def test_contradiction_is_named(values: dict[str, Any], reason: str) -> None:
    assert reason in problems(**values)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (0.05, 'a decimal in quotes such as "0.05" is wanted, not “0.05”'),
        ("five", "a number such as 0.05 is wanted, not “five”"),
        ("NaN", "a number such as 0.05 is wanted, not “NaN”"),
        ("1E-2", "a number such as 0.05 is wanted, not “1E-2”"),
        (True, 'a decimal in quotes such as "0.05" is wanted, not “True”'),
    ],
)
def test_decimals_are_exact_text(value: Any, reason: str) -> None:
    assert problems(judging__stable_share=value) == [f"judging.stable_share: {reason}"]


def test_whole_numbers_are_no_truth_values() -> None:
    assert problems(counting__reply_hours=True) == ["counting.reply_hours: a whole number is wanted, not “True”"]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("24", "counting.reply_hours: an entry has exactly the fields assumption, rules, source, value"),
        ({"rules": []}, "counting.reply_hours: rules: at least one rule id is wanted"),
        ({"rules": ["PN23"]}, "counting.reply_hours: rules: “PN23” is not a rule id such as PN-04"),
        ({"source": None}, "counting.reply_hours: source: text is wanted"),
        ({"assumption": "no"}, "counting.reply_hours: assumption: true or false is wanted"),
    ],
)
def test_malformed_entry_is_named(entry: Any, reason: str) -> None:
    key = "counting.reply_hours"
    broken = {**SHIPPED[key], **entry} if isinstance(entry, dict) else entry
    assert reasons({**SHIPPED, key: broken}) == [reason]


def test_data_that_is_no_object_is_rejected() -> None:
    assert reasons([1]) == ["policy data: an object of keys is wanted"]


def test_building_invalid_data_gives_every_reason() -> None:
    with pytest.raises(InvalidPolicyError) as refused:
        build_policy({}, number=1)
    assert len(refused.value.problems) > 200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(SHIPPED)), json_values)
def test_validation_never_breaks_on_any_value(key: str, value: Any) -> None:
    found = reasons({**SHIPPED, key: {**SHIPPED[key], "value": value}})
    assert all(isinstance(reason, str) for reason in found)


@pytest.mark.rule("DM-30")
@pytest.mark.sqlite_only
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_weights_that_do_not_add_up_say_the_total_and_offer_mends(language: str) -> None:
    data = {**SHIPPED, "shs.weights": {**SHIPPED["shs.weights"], "value": WEIGHTS | {"liability_rate": "0.40"}}}
    with override(language):
        [problem] = validate(data)
    texts = {"en": "the weights must add up to 100 %, they are 105 %", "zh-hans": "权重合计 105 %，应为 100 %"}
    assert (problem.text, problem.concerned) == (texts[language], ("shs.weights",))
    mended = next(mend for mend in problem.mends if mend.part == "shipping")
    assert mended.value == WEIGHTS | {"liability_rate": "0.40", "shipping": "0.2"}
    assert validate({**SHIPPED, "shs.weights": {**SHIPPED["shs.weights"], "value": mended.value}}) == []


WEIGHTS: dict[str, str] = SHIPPED["shs.weights"]["value"]


@pytest.mark.sqlite_only
def test_a_problem_of_two_parameters_is_named_beside_both() -> None:
    data = {**SHIPPED, "metrics.odr.red": {**SHIPPED["metrics.odr.red"], "value": "0.008"}}
    assert [problem.concerned for problem in validate(data)] == [("metrics.odr.yellow", "metrics.odr.red")]
