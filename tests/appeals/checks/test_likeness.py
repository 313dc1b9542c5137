"""How alike texts and pictures are (PN-28, PN-29)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appeals.checks.likeness import MAX_LETTERS, are_near, likeness
from evidence.hashes import distance, is_distinct

pytestmark = pytest.mark.sqlite_only
HASHES = st.integers(0, 2**256 - 1).map(lambda bits: f"{bits:064x}")
STATEMENT = "The parcels of order 8000110002020874 were handed over in time; the carrier's hub scanned them a day late."


@given(st.text(max_size=200), st.text(max_size=200))
def test_likeness_is_a_share_the_same_both_ways(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, other) == likeness(other, one)
    assert likeness(one, one) == 1


@given(st.integers(10_000_000, 99_999_999), st.integers(10_000_000, 99_999_999))
def test_another_order_s_number_makes_no_other_statement(one: int, other: int) -> None:
    text = "订单{}于11月14日交给承运商，承运商漏扫，见盖章函件。"
    assert likeness(text.format(one), text.format(other)) == 1


@pytest.mark.parametrize(
    ("other", "least", "most"),
    [
        (STATEMENT.upper().replace(",", " ,"), Fraction(1), Fraction(1)),
        (STATEMENT.replace("a day", "two days"), Fraction(9, 10), Fraction(99, 100)),
        (
            "Customs in Chile held these parcels for a check of the invoice; see the letter.",
            Fraction(0),
            Fraction(1, 2),
        ),
        ("", Fraction(0), Fraction(0)),
    ],
)
def test_likeness_of_statements(other: str, least: Fraction, most: Fraction) -> None:
    assert least <= likeness(STATEMENT, other) <= most


def test_only_the_beginning_of_a_long_text_is_compared() -> None:
    assert likeness("a b c " * MAX_LETTERS, "a b c " * MAX_LETTERS + "something else") == 1


@given(HASHES, HASHES, HASHES)
def test_distance_of_pictures_is_a_metric(one: str, other: str, third: str) -> None:
    assert distance(one, one) == 0
    assert distance(one, other) == distance(other, one)
    assert distance(one, third) <= distance(one, other) + distance(other, third)


def test_near_pictures_differ_in_few_bits() -> None:
    assert are_near("f" * 64, "f" * 58 + "000000")
    assert not are_near("f" * 64, "f" * 57 + "0000000")
    assert [is_distinct("0" * 58 + "f" * 6), is_distinct("0" * 59 + "f" * 5)] == [True, False]
