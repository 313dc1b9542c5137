"""Figures and times as pages show them (MX-06, DM-28)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.pages import formats

decimals = st.decimals(min_value=-1000, max_value=1000, allow_nan=False, allow_infinity=False, places=8)
shares = st.fractions(min_value=0, max_value=1, max_denominator=100_000)


def side(value: object, line: object) -> int:
    a, b = Fraction(str(value)) if isinstance(value, Decimal) else Fraction(value), Fraction(line)
    return (a > b) - (a < b)


@pytest.mark.rule("MX-06")
@given(value=decimals, lines=st.lists(decimals, max_size=3))
def test_display_never_crosses_a_line(value: Decimal, lines: list[Decimal]) -> None:
    shown = formats.display(value, lines)
    assert [side(shown, line) for line in lines] == [side(value, line) for line in lines]


@pytest.mark.rule("MX-06")
@given(
    numerator=st.integers(0, 5000), denominator=st.integers(1, 5000), line=st.sampled_from(["0.01", "0.0475", "0.95"])
)
def test_percent_never_crosses_a_line(numerator: int, denominator: int, line: str) -> None:
    share = Fraction(numerator, denominator)
    shown = formats.percent(share, [Decimal(line)]).removesuffix("\u00a0%").replace(",", "")
    assert side(Decimal(shown), 100 * Fraction(line)) == side(share, Fraction(line))


@given(value=decimals, places=st.integers(0, 6))
def test_half_up_is_nearest_with_halves_away_from_zero(value: Decimal, places: int) -> None:
    shown = formats.half_up(value, places)
    distance = abs(Fraction(shown) - Fraction(value)) * 10**places
    assert distance <= Fraction(1, 2)
    assert distance < Fraction(1, 2) or abs(shown) > abs(value)
    assert -shown.as_tuple().exponent == places


@given(value=decimals)
def test_display_without_lines_has_two_decimals(value: Decimal) -> None:
    assert formats.display(value) == formats.half_up(value, 2)
    assert -formats.display(value).as_tuple().exponent == 2


@given(share=shares)
def test_percent_of_a_share_reads_back_within_half_a_hundredth(share: Fraction) -> None:
    shown = Fraction(formats.percent(share).removesuffix("\u00a0%"))
    assert abs(shown - 100 * share) <= Fraction(1, 200)


@pytest.mark.rule("MX-06")
@pytest.mark.parametrize(
    ("value", "lines", "shown"),
    [
        ("4.695", ["4.70"], "4.695"),
        ("4.6996", ["4.70"], "4.6996"),
        ("4.70", ["4.70"], "4.70"),
        ("4.705", ["4.705"], "4.705"),
        ("4.705", ["4.60"], "4.71"),
        ("4.5049", [], "4.50"),
    ],
)
def test_score_shows(value: str, lines: list[str], shown: str) -> None:
    assert formats.score(Decimal(value), [Decimal(line) for line in lines]) == shown


def test_percent_has_a_space_a_real_minus_and_a_plus_where_asked() -> None:
    assert formats.percent(Fraction(14, 226)) == "6.19\u00a0%"
    assert formats.percent(Decimal("-0.1572"), signed=True) == "\u221215.72\u00a0%"
    assert formats.percent(Decimal("0.0107"), signed=True) == "+1.07\u00a0%"
    assert formats.percent(0, signed=True) == "0.00\u00a0%"


def test_lines_are_written_as_short_as_they_are() -> None:
    assert formats.limit_percent(Decimal("0.05")) == "5\u00a0%"
    assert formats.limit_percent(Decimal("0.0475")) == "4.75\u00a0%"
    assert formats.limit(Decimal("4.60")) == Decimal("4.6")
    assert formats.limit(100) == Decimal(100)


def test_money_names_its_currency_and_knows_those_without_cents() -> None:
    assert formats.money(Decimal("1234.505")) == "1,234.51\u00a0USD"
    assert formats.money(-3, "cny") == "\u22123.00\u00a0CNY"
    assert formats.money(Decimal("1234.5"), "JPY") == "1,235\u00a0JPY"


def test_numbers_are_grouped() -> None:
    assert formats.number(12044) == "12,044"
    assert formats.number(Decimal("3.50")) == "3.5"
    assert formats.number(Decimal("3.456"), 1) == "3.5"


@pytest.mark.rule("DM-28")
def test_instant_is_in_the_viewers_zone_and_names_it() -> None:
    at = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
    assert formats.instant(at, ZoneInfo("Asia/Shanghai")) == "2026-11-21 09:30\u00a0(GMT+8)"
    assert formats.instant(at, ZoneInfo("America/St_Johns")) == "2026-11-20 22:00\u00a0(GMT\u22123:30)"
    assert formats.instant(at, UTC, seconds=True) == "2026-11-21 01:30:00\u00a0(GMT)"


def test_day_refuses_an_instant() -> None:
    assert formats.day(date(2026, 11, 21)) == "2026-11-21"
    with pytest.raises(TypeError):
        formats.day(datetime(2026, 11, 21, tzinfo=UTC))


@given(seconds=st.integers(0, 10**8))
def test_duration_is_cut_never_rounded_up(seconds: int) -> None:
    sizes = {"d": 86400, "h": 3600, "min": 60, "s": 1}
    parts = formats.duration_parts(seconds)
    told = sum(count * sizes[unit] for count, unit in parts)
    assert 0 <= seconds - told < sizes[parts[0][1]]
    assert 1 <= len(parts) <= 2


def test_duration_leaves_out_empty_units() -> None:
    assert formats.duration_parts(timedelta(days=2, hours=13, minutes=5)) == [(2, "d"), (13, "h")]
    assert formats.duration_parts(86400 + 59) == [(1, "d")]
    assert formats.duration_parts(0) == [(0, "s")]


def test_clock_counts_hours_on() -> None:
    assert formats.clock(61 * 3600 + 12 * 60 + 7) == "61:12:07"
    assert formats.clock(-243) == "00:04:03"


def test_choices_of_one_name_are_told_apart_by_their_codes() -> None:
    choices = [("YW", "Yanwen"), ("CE2", "Cainiao"), ("CE1", "Cainiao"), ("4PX", "")]
    assert formats.told_apart(choices) == [
        ("4PX", "4PX"),
        ("CE1", "Cainiao (CE1)"),
        ("CE2", "Cainiao (CE2)"),
        ("YW", "Yanwen"),
    ]
