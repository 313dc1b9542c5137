"""Finding numbers of parcels in texts, and those one slip off (DP-09, DP-14)."""

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from appeals.checks.numbers import Near, by_number, candidates, compact, is_number, is_one_slip, looks
from demo.parcels import s10_number
from orders.rules.tracking_numbers import s10_is_valid

pytestmark = pytest.mark.sqlite_only
NUMBERS = st.text(string.ascii_uppercase + string.digits, min_size=8, max_size=20)


def found(*words: str) -> set[str]:
    return {text for text, _first, _last in candidates(words)}


def test_numbers_are_found_with_the_words_that_they_stand_in() -> None:
    line = ("1", "SZ126059317910", "2026-11-14", "10:20")
    assert ("SZ126059317910", 1, 1) in list(candidates(line))


@pytest.mark.parametrize(
    "printed", ["RR 123 456 785 CN", "rr123456785cn", "RR123-456-785-CN", "ＲＲ１２３４５６７８５ＣＮ"]
)
def test_a_number_is_found_however_it_is_printed(printed: str) -> None:
    assert "RR123456785CN" in found(*f"Tracking: {printed} (registered)".split(" "))


def test_short_texts_and_words_are_no_numbers() -> None:
    assert [is_number(text) for text in ("SZ12345", "REGISTERED", "ABCDEFG1234", "AB12345678")] == [
        False,
        False,
        False,
        True,
    ]
    assert found("page", "2", "of", "3") == set()


@given(st.lists(st.text(max_size=12), max_size=40))
def test_a_line_has_few_candidates(words: list[str]) -> None:
    assert len(list(candidates(words))) <= 6 * sum(len(word) for word in words)


@given(serial=st.integers(0, 99_999_999), place=st.integers(2, 10), digit=st.sampled_from(string.digits))
def test_the_check_digit_of_postal_numbers_catches_one_wrong_digit(serial: int, place: int, digit: str) -> None:
    number = s10_number("RR", serial)
    assert s10_is_valid(number)
    # Two sums share the check digit 5.
    assume(number[place] != digit and number[10] != "5")
    assert s10_is_valid(number[:place] + digit + number[place + 1 :]) is False


def test_other_numbers_have_no_check_digit() -> None:
    assert s10_is_valid("SZ126059317910") is None


@given(number=NUMBERS, place=st.integers(0, 19), sign=st.sampled_from(string.digits))
def test_one_slip_is_another_sign_one_more_or_neighbours_exchanged(number: str, place: int, sign: str) -> None:
    place %= len(number)
    slips = {
        number[:place] + sign + number[place + 1 :],
        number[:place] + sign + number[place:],
        number[:place] + number[place + 1 :],
        number[:place] + number[place : place + 2][::-1] + number[place + 2 :],
    }
    assert all(is_one_slip(number, slip) and is_one_slip(slip, number) for slip in slips - {number})
    assert not is_one_slip(number, number)


@given(numbers=st.sets(NUMBERS, min_size=1, max_size=20), text=NUMBERS)
def test_the_index_finds_what_comparing_all_finds(numbers: set[str], text: str) -> None:
    near = [number for number in numbers if is_one_slip(text, number)]
    assert Near(numbers).of(text) == (near[0] if len(near) == 1 else "")


def test_two_numbers_that_may_be_meant_are_none() -> None:
    assert Near(["SZ100000001", "SZ100000002"]).of("SZ100000003") == ""
    assert Near(["SZ100000001", "SZ200000002"]).of("SZ100000003") == "SZ100000001"


def test_signs_that_look_alike_are_one_in_pictures() -> None:
    assert looks(compact("$Z126O593l7910")) == looks("SZ126059317910")


def test_an_order_is_known_by_its_own_number_too() -> None:
    numbers = {"8000110002020874": ["SZ 126 059 317 910", "OLD12"], "17": ["RR123456785CN"]}
    assert by_number(numbers) == {
        "8000110002020874": "8000110002020874",
        "SZ126059317910": "8000110002020874",
        "RR123456785CN": "17",
    }
