"""The canonical form of identifiers (IX-05b)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.identifiers import canonical, canonical_code, is_address_number, is_damaged, is_spreadsheet_error
from intake.canonical.columns import Column, Kind, Reading
from intake.canonical.nothing import WORDS
from tests.examples import costly

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("IX-05b")]

PLAIN = st.text("0123456789ABCDEFabcdef-_.", min_size=1, max_size=24).filter(
    lambda text: canonical(text) == text and not is_damaged(text) and text not in WORDS
)
BLANKS = (
    "",
    " ",
    "\t",
    "\u00a0",
    "\u3000",
    "\u200b",
    "\ufeff",
    "\u2060",
    "\u202a",
    "\u2003",
    "\u00ad",
    "\ufe0f",
    "\r\n",
)
DRESSES = (
    "{}", '="{}"', '"{}"', "'{}", "#{}", "\u2019{}", "\u201c{}\u201d", "\"='{}\"", "'#{}", '=""{}""', "\uff07{}",
)  # fmt: skip


@given(st.text(max_size=30))
@costly(400)
def test_the_form_is_a_fixed_point(text: str) -> None:
    for form in (canonical, canonical_code):
        found = form(text)
        assert form(found) == found
        assert unicodedata.normalize("NFKC", found) == found
        assert found == found.strip()
        assert not any(unicodedata.category(sign) == "Cf" for sign in found)
    assert "".join(canonical(text).split()) == canonical(text)


@given(PLAIN, st.sampled_from(DRESSES), st.sampled_from(BLANKS), st.integers(0, 24), st.booleans())
@costly(400)
def test_whatever_the_dress_it_is_the_same_number(number: str, dress: str, blank: str, place: int, wide: bool) -> None:
    split = min(place, len(number))
    text = blank + dress.format(number[:split] + blank + number[split:]) + blank
    if wide:
        text = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)
    assert canonical(text) == number


@given(PLAIN, st.sampled_from(DRESSES), st.sampled_from(BLANKS))
@costly(200)
def test_columns_read_what_the_form_says(number: str, dress: str, blank: str) -> None:
    reader = Column("order_no", Kind.IDENTIFIER, longest=64).column_reader(Reading())
    assert reader.read([number, dress.format(number) + blank]) == ([number, number], {}, 0)


@given(st.text(max_size=12))
@costly(300)
def test_a_number_that_may_stand_in_addresses_needs_no_quoting_but_of_its_script(text: str) -> None:
    if is_address_number(text):
        assert not set(text) & set("/?#%\\ \t\r\n\"'<>;:&=+$,@~")
        assert text not in (".", "..")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("8199633578334503.0", "8199633578334503"),
        ("8199633578334503.00", "8199633578334503"),
        ("=8001", "8001"),
        ("=8001.0", "8001"),
        ("000123", "000123"),
        ("AB-1/2", "AB-1/2"),
        ("1.5", "1.5"),
        ("LP 0012 3456 7CN", "LP00123457CN".replace("3457", "34567")),
        ("e\u0301", "\u00e9"),
        ("\ufb01", "fi"),
        ("①", "1"),
        ("''", ""),
        ("\u3164", ""),
        ("\u2800 ", ""),
    ],
)
def test_forms(text: str, form: str) -> None:
    assert canonical(text) == form


def test_codes_keep_their_words_apart() -> None:
    assert canonical_code("  China\u00a0 Post\t'") == "China Post '"
    assert canonical_code("'Yanwen  Economic") == "Yanwen Economic"


@pytest.mark.parametrize(
    "text",
    [
        "8.19963E+15", "8.19963e+15", "8.19963E15", "8,19963E+15", "8.2E+15", "8E+15", "8e15", "819.96E+13", "+8.2E+15",
        "8.19963E+0015", "8.2E-05", "8.E+15", "8 . 2 E + 1 5", "\uff18.\uff12\uff25+15", "8,19963\u0415+15",
        '="8.19963E+15"', "'8.19963E+15", "#8.2E+15", "8.2\u00d710^15", "8.2*10^15", "8.2x10^15",
        "81996335783345031234.0", "8,199,633,578,334,501", "8,199,633.00",
    ],
)  # fmt: skip
def test_what_a_spreadsheet_rounded_is_damage(text: str) -> None:
    assert is_damaged(canonical(text))


@pytest.mark.parametrize(
    "text", ["12E34", "E15", "1E2E3", "0xE5", "LP1E5CN", "1.5", "10.1", "3e", "5x100", "1,5", "ab12e5"]
)
def test_what_only_looks_like_it_is_none(text: str) -> None:
    assert not is_damaged(canonical(text))


@pytest.mark.parametrize("text", ["#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "########", "#ref!"])
def test_errors_of_formulas_are_known(text: str) -> None:
    assert is_spreadsheet_error(text)


@pytest.mark.parametrize("text", ["#N/A", "#1", "#", "1#", "REF!"])
def test_other_hashes_are_none(text: str) -> None:
    assert not is_spreadsheet_error(text)
