"""Every rule that the rulebook calls built is shown by a test, and every marker names a rule (docs/rules.md)."""

import pytest

from tools.rules_index import building_modules, document, unknown, unshown

pytestmark = pytest.mark.sqlite_only


@pytest.mark.slow
def test_every_built_rule_is_shown_by_a_test() -> None:
    assert unshown() == []


@pytest.mark.slow
def test_every_mark_names_a_rule() -> None:
    assert unknown() == []


def test_every_rule_id_in_the_sources_is_a_rule() -> None:
    from rulebook.texts import rule_texts

    assert building_modules().keys() - rule_texts().keys() == set()


@pytest.mark.slow
def test_index_names_every_rule_once_with_its_state() -> None:
    rows = [line.split(" | ") for line in document().splitlines() if line.startswith(("| DM-2", "| AP-0"))]
    assert [row[0].removeprefix("| ") for row in rows[:8]] == [
        *("DM-20", "DM-21", "DM-22", "DM-25", "DM-26", "DM-27", "DM-28", "AP-01"),
    ]
    assert rows[0][2] == "built"
    assert "orders/deriving.py" in rows[0][3]
