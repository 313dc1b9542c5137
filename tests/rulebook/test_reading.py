"""Rules for people, and what differs between versions (PG-17)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.reading import chosen, rule, rules, value_text
from rulebook.revision import Difference, differences, drafted
from rulebook.shipped import SHIPPED

pytestmark = pytest.mark.sqlite_only


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("metrics.odr.red", "0.01", "1 %"),
        ("metrics.dsr.red", "4.6", "4.6"),
        ("metrics.positive_rate.floor_top", "1", "1"),
        ("judging.deviation_alert", "-0.15", "-15 %"),
        ("rating.high_value_weights.dispatch", "0.125", "12.5 %"),
        ("counting.reply_hours", 24, "24 hours"),
        ("judging.streak_days", 1, "1 day"),
        ("counting.min_order_usd", "2.00", "2.00 USD"),
        ("metrics.liability_rate.inclusive", True, "yes"),
        ("rating.high_value_until", None, "does not apply"),
        ("notices.open_reminder_hours", [24, 48], "24 hours, 48 hours"),
        ("factors.level", {"gold": "0.95"}, "gold store: 0.95"),
        ("transactions.risk_flags.due_hours", 0, "–"),
        ("penalties.points_ladder.days", 14, "14 days"),
        ("beyond.wilson_z", "1.959963984540054", "1.959963984540054"),
    ],
)
def test_value_is_shown_in_its_unit(key: str, value: Any, text: str, settings: Any) -> None:
    assert value_text(key, value) == text


def test_rules_know_their_parameters_and_sources() -> None:
    found = rule(SHIPPED, "SR-09", "en")
    assert found is not None
    assert (found.assumption, found.sources, found.built) == (True, ["003"], True)
    assert "rating.high_value_min_usd" in [parameter.key for parameter in found.parameters]
    assert rule(SHIPPED, "SR-99", "en") is None


def test_a_rule_with_a_reading_of_its_own_is_an_assumption() -> None:
    found = rule(SHIPPED, "MX-11", "zh-hans")
    assert found is not None
    assert found.assumption
    assert any("均值" in reading for reading in found.readings)
    assert [rule.id for rule in chosen(rules(SHIPPED, "en"), words="leave those out means of values")] == ["MX-11"]


def test_tables_keep_their_columns() -> None:
    found = rule(SHIPPED, "SR-05", "zh-hans")
    assert found is not None
    tiers = next(parameter for parameter in found.parameters if parameter.key == "rating.tiers")
    assert tiers.columns == ("from", "name")
    assert tiers.rows[0] == ("4.70", "卓越")


def test_filters_narrow_together() -> None:
    every = rules(SHIPPED, "en")
    assert {rule.family for rule in chosen(every, family="SR")} == {"SR"}
    assert all(rule.assumption for rule in chosen(every, assumptions=True))
    assert [rule.id for rule in chosen(every, words="flash deals Level 3")] == ["DP-04"]
    assert [rule.id for rule in chosen(every, words="COUNTING.CONFIRM_HOURS")] == ["TM-02"]
    assert chosen(every, words="unheard-of") == []


values = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 2))


@given(values, values)
def test_differences_lead_from_one_to_the_other(before: dict, after: dict) -> None:
    def entries(plain: dict) -> dict:
        return {
            key: {"value": value, "rules": ["PN-01"], "source": "", "assumption": False} for key, value in plain.items()
        }

    old, new = entries(before), entries(after)
    found = differences(old, new)
    assert drafted(old, {difference.key: difference.after for difference in found}) == new
    assert differences(new, old) == [Difference(item.key, item.after, item.before) for item in found]


@pytest.mark.rule("PG-17")
@pytest.mark.parametrize(
    ("language", "words", "rule_id"), [("zh-hans", "成交不卖率", "TM-05"), ("en", "late shipment rate", "PN-04")]
)
def test_rules_are_found_by_the_names_that_sellers_use(language: str, words: str, rule_id: str) -> None:
    assert rule_id in [rule.id for rule in chosen(rules(SHIPPED, language), words=words)]
