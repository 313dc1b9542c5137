"""Rule texts: complete, in both languages, with the policy's own numbers (PG-17)."""

import re

import pytest

from rulebook.shipped import SHIPPED
from rulebook.texts import FAMILIES, PLACEHOLDER, look_up, readings, rule_texts
from rulebook.texts.built import BUILT, PARTLY

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("PG-17")]

NUMBERS = {
    "DM": "01 02 02a 03 04 10 11 11a 12 13 14 15 16 17 18 19 20 21 22 25 26 27 28 30 31 32 33 34 35",
    "MX": "01 02 03 04 04a 05 06 07 08 09 10 11 12 13 14 15 16",
    "SR": "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15",
    "PN": "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 27 28 28a 29 30 31 33 35 36 37 "
    "42 43",
    "AP": "01 02 03 04 05 05a 06",
    "DP": "01 02 03 04 05 06 07 08 09 10 11 12 13 14 16 17 18 19",
    "TM": "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18",
    "AF": "01 02 03 04 05 06 07 08 09 10 12 13 15 16",
    "BX": "01 02 03 04 05 06 07 08 09 10 11 12 13 14 16 18 21",
    "RL": "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20",
    "IX": "01 02 03 04 05 05a 05b 06 06a 06b 07 08 09 10 11 12 13 14 15 16 20 21 22 23 24 25",
    "PG": "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22",
}
IDS = [f"{family}-{number}" for family in FAMILIES for number in NUMBERS[family].split()]
CHINESE = re.compile(r"[一-鿿]")


def test_every_rule_has_its_text_once_in_order() -> None:
    assert list(rule_texts()) == IDS


def test_built_rules_exist() -> None:
    assert set(IDS) >= BUILT | PARTLY
    assert not BUILT & PARTLY


def test_assumptions_stand_in_both_languages_with_a_known_rule() -> None:
    for reading in readings():
        assert reading.rule in IDS
        assert CHINESE.search(reading.zh)
        assert not CHINESE.search(reading.en)
        assert reading in rule_texts()[reading.rule].readings


def test_rules_of_the_policy_exist() -> None:
    named = {rule for entry in SHIPPED.values() for rule in entry["rules"]}
    assert named <= set(IDS)


@pytest.mark.parametrize("rule", IDS)
def test_text_stands_in_both_languages_with_its_numbers(rule: str) -> None:
    text = rule_texts()[rule]
    english, chinese = (text.text(language, SHIPPED) for language in ("en", "zh-hans"))
    assert "{" not in english + chinese
    assert "–" not in chinese.replace("48–72", "")
    assert CHINESE.search(chinese)
    assert CHINESE.search(text.title("zh-hans"))
    assert not CHINESE.search(english + text.title("en"))
    assert 1 <= len(re.findall(r"[.!?](?: |$)", english)) <= 5


@pytest.mark.parametrize("rule", IDS)
def test_both_languages_quote_known_parameters(rule: str) -> None:
    text = rule_texts()[rule]
    for path, _form in PLACEHOLDER.findall(text.text_en + text.text_zh):
        look_up(SHIPPED, path)


def test_numbers_come_from_the_policy_given() -> None:
    text = rule_texts()["PN-04"]
    other = {**SHIPPED, "metrics.odr.red": {**SHIPPED["metrics.odr.red"], "value": "0.0125"}}
    assert "order defect rate over 1.25 %" in text.text("en", other)
    assert "order defect rate over 1 %" in text.text("en", SHIPPED)


@pytest.mark.parametrize(
    "path", ["nothing.here", "rating.tiers.divine.at_least", "factors.level.wood", "rating.tiers.#9.at_least"]
)
def test_unknown_parameter_is_an_error(path: str) -> None:
    with pytest.raises(KeyError):
        look_up(SHIPPED, path)


def test_number_that_a_version_has_not_is_a_dash() -> None:
    without = {**SHIPPED, "factors.site": {**SHIPPED["factors.site"], "value": {}}}
    assert "factor – for Spain" in rule_texts()["DM-13"].text("en", without)


def test_tables_are_found_by_their_first_column() -> None:
    assert look_up(SHIPPED, "rating.tiers.good.at_least") == "4.30"
    assert look_up(SHIPPED, "metrics.liability_rate.levels.L3") == "0.07"
    assert look_up(SHIPPED, "penalties.points_ladder.#1.days") == 14
