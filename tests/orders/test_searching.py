"""What a pasted text asks for (PG-06, IX-05b)."""

import pytest

from orders.searching import LONGEST_TEXT, MOST_READINGS, sought
from tests.cases.helpers import take_case

pytestmark = pytest.mark.rule("PG-06", "IX-05b")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("8001", "8001"),
        (' ="8001" ', "8001"),
        ("'8001", "8001"),
        ("#8001", "8001"),
        ("8001.0", "8001"),
        ("\uff18\uff10\uff10\uff11", "8001"),
        ("80\u200b01\u00a0", "8001"),
        ("8001, 8002", "8002"),
        ("8001\uff0c8002\u30018003", "8003"),
        ("8001\t8002\n8003", "8002"),
        ("8001 8002", "8002"),
        ("4205 3704 9200", "420537049200"),
        ("4205-3704-9200", "420537049200"),
        ("x 4205 3704 9200, y", "420537049200"),
        ("lp00123cn", "LP00123CN"),
        ("AB-1", "AB-1"),
    ],
)
def test_a_number_is_found_in_it(text: str, number: str) -> None:
    assert number in sought(text).numbers


def test_only_one_number_is_looked_up_by_its_beginning() -> None:
    assert sought("4205 37").beginnings == ("420537",)
    assert sought("8001,8002").beginnings == ()


@pytest.mark.parametrize("text", ["", " ", "'", "#", "\u200b", ",;", "\x00"])
def test_nothing_asks_for_nothing(text: str) -> None:
    assert sought(text) == sought("")
    assert sought("").numbers == sought("").beginnings == ()


def test_readings_are_bounded() -> None:
    assert len(sought("1 " * LONGEST_TEXT).numbers) <= MOST_READINGS


FIRST = "8199633578000000"
PARCEL = "420537049200190333880000000001"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "found"),
    [
        (FIRST, {FIRST}),
        (f'="{FIRST}"', {FIRST}),
        (f"'{FIRST}", {FIRST}),
        (f"#{FIRST}", {FIRST}),
        (f"{FIRST}.0", {FIRST}),
        ("".join(chr(ord(digit) + 0xFEE0) for digit in FIRST), {FIRST}),
        (f"{FIRST}\t8199633578000002", {FIRST, "8199633578000002"}),
        (f"{FIRST} 8199633578000002, #8199633578000004", {FIRST, "8199633578000002", "8199633578000004"}),
        ("4205 3704 9200 1903 3388 0000 0000 01", {"8199633578000001"}),
        ("4205-3704-9200-1903-3388-0000-0000-01", {"8199633578000001"}),
        (f"{PARCEL}\uff0c{FIRST}", {"8199633578000001", FIRST}),
        ("819963357800001", {f"819963357800001{last}" for last in range(10)}),
        ("8.19963E+15", set()),
    ],
)
def test_pasted_numbers_find_their_orders(text: str, found: set[str]) -> None:
    from orders.models import Order
    from orders.queries.search import find_orders
    from stores.models import Store

    take_case("PC-15/bundle")
    ids = find_orders([Store.objects.get().pk], text).matches
    assert set(Order.objects.filter(pk__in=list(ids)).values_list("order_no", flat=True)) == found
