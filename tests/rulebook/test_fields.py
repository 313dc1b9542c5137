"""Every parameter of a policy has a field (DM-30)."""

import pytest

from rulebook.fields import SECTIONS, policy_fields, section_of, tightens, writes_percent
from rulebook.policy import Policy
from rulebook.policy.build import Builder
from rulebook.policy.shapes import CellKind, Column, cell_text, cell_value, rows_of, value_of
from rulebook.shipped import SHIPPED

pytestmark = pytest.mark.sqlite_only
FIELDS = policy_fields(SHIPPED)


@pytest.mark.rule("DM-30")
def test_no_parameter_is_left_out() -> None:
    builder = Builder(SHIPPED)
    builder.section(Policy, "", number=1)
    assert FIELDS.keys() >= builder.taken == SHIPPED.keys()
    unset = FIELDS.keys() - SHIPPED.keys()
    assert all(FIELDS[key].optional for key in unset)
    assert {"metrics.refund_rate.yellow", "calendar.years.2029.off", "reference.fx_usd.2027"} <= unset


def test_every_field_stands_in_one_section() -> None:
    assert {section for key in FIELDS for section in [section_of(key)]} == set(SECTIONS)
    assert all(sum(has(key) for has in SECTIONS.values()) == 1 for key in FIELDS)


@pytest.mark.parametrize("key", sorted(SHIPPED))
def test_cells_of_a_value_make_the_value_again(key: str) -> None:
    field, value = FIELDS[key], SHIPPED[key]["value"]
    share = writes_percent(field, SHIPPED)
    texts = [
        [cell_text(column, cell, share=share) for column, cell in zip(field.shape.columns, row, strict=True)]
        for row in rows_of(field.shape, value)
    ]
    cells = [
        [cell_value(column, text, share=share) for column, text in zip(field.shape.columns, row, strict=True)]
        for row in texts
    ]
    assert field.same(value_of(field.shape, cells), value)


@pytest.mark.parametrize(
    ("kind", "text", "share", "value"),
    [
        (CellKind.DECIMAL, "3.5", True, "0.035"),
        (CellKind.DECIMAL, " 3.5 % ", True, "0.035"),
        (CellKind.DECIMAL, "4.7", False, "4.7"),
        (CellKind.DECIMAL, "3,5", True, "3,5"),
        (CellKind.WHOLE, "72", False, 72),
        (CellKind.WHOLE, "72.5", False, "72.5"),
        (CellKind.WHOLE, "9" * 30, False, "9" * 30),
        (CellKind.FLAG, "yes", False, True),
        (CellKind.WORDS, "a\n\n b ", False, ["a", "b"]),
    ],
)
def test_text_that_can_not_be_read_stays_as_it_is(kind: CellKind, text: str, share: bool, value: object) -> None:
    column = Column(kind)
    assert cell_value(column, text, share=share) == value
    if kind is not CellKind.WORDS:
        shown = cell_text(column, value, share=share)
        assert cell_value(column, shown, share=share) == value


@pytest.mark.parametrize(
    ("key", "before", "after", "stricter"),
    [
        ("metrics.odr.red", "0.01", "0.005", True),
        ("metrics.odr.yellow", "0.008", "0.009", False),
        ("metrics.delivered.red", "0.95", "0.97", True),
        ("judging.streak_days", 3, 2, None),
    ],
)
def test_a_threshold_says_whether_it_is_tighter(
    key: str, before: str | int, after: str | int, stricter: bool | None
) -> None:
    assert tightens(key, before, after, SHIPPED) is stricter
