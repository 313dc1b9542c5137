"""Parameters and the codes among their values have names in both languages (PG-17)."""

import re

import pytest

from metrics.catalogue import METRICS
from rulebook.fields import policy_fields
from rulebook.shipped import SHIPPED
from rulebook.texts.parameters import names, parameter_name, value_word

pytestmark = pytest.mark.sqlite_only

CODE = re.compile(r"[a-z]+(_[a-z0-9]+)+|[a-z]{3,}")
# Names of their own, which stand in the tables they come from.
NAMED_ELSEWHERE = re.compile(r"words\..*|calendar\..*|reference\.(sites|carriers|fx_usd.*)")


@pytest.mark.rule("PG-17")
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_parameter_has_a_name(language: str) -> None:
    assert [key for key in SHIPPED if parameter_name(key, language) == key] == []


@pytest.mark.rule("PG-17")
def test_a_name_says_which_metric_or_year_it_is_about() -> None:
    assert parameter_name("metrics.late_dispatch.red", "zh-hans") == "发货延迟率：红线"
    assert parameter_name("metrics.late_dispatch.red", "en") == "Late dispatch: red threshold"
    assert parameter_name("calendar.years.2027.off", "zh-hans") == "2027 年放假日"
    assert parameter_name("shs.knots.shipping", "en") == "Sub-score of Shipping"


def test_metrics_are_called_what_their_pages_call_them() -> None:
    """The rulebook can't import the metrics and names them itself: the names must agree."""
    assert {code: value_word(code, "en") for code in METRICS} == {
        code: str(metric.title) for code, metric in METRICS.items()
    }


def test_no_name_is_left_over() -> None:
    """A line of the file that names nothing any more goes."""
    parameters = [key for key in names() if ":" not in key]
    # Those that a version may leave out are fields all the same.
    known = {*SHIPPED, *policy_fields(SHIPPED)}
    unused = [
        key
        for key in parameters
        if not any(re.fullmatch(re.escape(key).replace(r"\*", "[^.]+"), shipped) for shipped in known)
    ]
    assert unused == []


def codes(value: object) -> set[str]:
    """The codes in a value: keys and texts that are no words of a language."""
    if isinstance(value, dict):
        # Texts that a row carries for people, and what names its columns.
        inner = {name: item for name, item in value.items() if not name.endswith(("_en", "_zh", "name", "code"))}
        keys = (
            set()
            if len(inner) < len(value) or "due_hours" in value
            else {name for name in inner if CODE.fullmatch(name)}
        )
        return keys.union(*(codes(item) for item in inner.values()))
    if isinstance(value, list):
        return set().union(*(codes(item) for item in value))
    return {value} if isinstance(value, str) and CODE.fullmatch(value) else set()


@pytest.mark.rule("PG-17")
def test_every_code_among_the_values_has_a_word() -> None:
    columns = {"after_hours", "action", "actions", "points", "days", "window_days", "fixed_weights", "at_least"}
    found = set().union(
        *(codes(entry["value"]) for key, entry in SHIPPED.items() if not NAMED_ELSEWHERE.fullmatch(key))
    )
    assert {code for code in found - columns if value_word(code, "zh-hans") == code} == set()
