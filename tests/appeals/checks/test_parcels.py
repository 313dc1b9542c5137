"""Whether files speak of the orders of the appeal (PN-28, DP-09)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.appeals.checks.build import (
    ORDER_NO,
    TRACKING_NO,
    a_case,
    a_file,
    an_order,
    found,
    jpeg_facts,
    letter,
    only,
    page,
    passed,
    pdf_facts,
    picture,
)

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("PN-28", "DP-09")]
SLIP = "SZ126718225930"
OTHER = {"SZ999000111222": "8000110002029001"}


def test_a_number_is_found_with_its_place() -> None:
    file = a_file(pdf_facts(page("Letter"), page("No.  Number", f"1  {TRACKING_NO}")))
    finding = only(a_case(file), "number_found")
    assert (finding.file, finding.page, finding.box, finding.order) == (1, 2, (300, 120, 480, 135), ORDER_NO)


def test_the_order_number_names_an_order_too() -> None:
    assert "number_found" in passed(a_case(letter(f"Order {ORDER_NO}")))


def test_signs_that_recognition_confuses_are_no_other_number() -> None:
    case = a_case(picture(f"Number: {TRACKING_NO.replace('S', '$').replace('0', 'O')}"))
    assert only(case, "number_found").params == {"written": TRACKING_NO, "recognised": True}
    assert "number_near" not in found(case)


def test_a_slip_is_told_with_what_is_meant() -> None:
    finding = only(a_case(letter(f"Parcel  {SLIP}")), "number_near")
    assert finding.severity == "medium"
    assert finding.params == {"written": SLIP, "meant": TRACKING_NO, "valid": None, "recognised": False}


@pytest.mark.parametrize(
    "lines",
    [
        (TRACKING_NO, SLIP),
        ("SZ126718225904",),
    ],
)
def test_numbers_that_follow_one_another_are_no_slips(lines: tuple[str, ...]) -> None:
    others = {"SZ126718225904": "8000110002020875"}
    assert "number_near" not in found(a_case(letter(*lines), others=others))


def test_what_recognition_is_not_sure_of_is_compared_with_nothing() -> None:
    unsure = a_file(
        jpeg_facts(page(SLIP, "SZ999000111222", source="recognised", sure=69)), content="jpeg", name="a.jpg"
    )
    assert {"number_near", "other_order"}.isdisjoint(found(a_case(unsure, others=OTHER)))


@given(st.sampled_from([SLIP, "SZ999000111222", "9 Nov 2026 Delivered", "2020-01-01", "Destination: Chile", "nothing"]))
def test_what_is_read_in_a_picture_is_never_more_than_a_note(line: str) -> None:
    case = a_case(picture(line), others=OTHER, statement=f"Order {ORDER_NO} was late")
    assert set(found(case).values()) <= {"low"}


def test_an_order_that_no_file_names_is_missing() -> None:
    orders = (an_order(), an_order(order_no="L2", numbers=("RR123456785CN",)), an_order(order_no="L3", numbers=()))
    finding = only(a_case(letter(TRACKING_NO), orders=orders), "number_missing")
    assert (finding.severity, finding.order, finding.params["orders"]) == ("medium", "L2", ["L2"])


def test_a_picture_that_nobody_read_may_name_every_order() -> None:
    unread = a_file(jpeg_facts(page(source="unread")), content="jpeg", name="a.jpg", id=2, place=2)
    assert found(a_case(letter("Letter"), unread)).keys() >= {"not_read"}
    assert "number_missing" not in found(a_case(letter("Letter"), unread))


def test_files_about_something_else_need_no_number() -> None:
    assert "number_missing" not in found(a_case(letter("Bill of materials", kind="bill_of_materials")))


def test_a_list_that_names_other_orders_too_is_in_order() -> None:
    assert found(a_case(letter("SZ999000111222"), others=OTHER))["other_order"] == "high"
    assert "other_order" not in found(a_case(letter("SZ999000111222", TRACKING_NO), others=OTHER))
    assert "other_order" not in found(a_case(letter("SZ999000111222", kind="buyer_abuse"), others=OTHER))


@pytest.mark.rule("RL-18")
def test_an_appeal_of_many_orders_has_few_findings() -> None:
    orders = [an_order(order_no=f"80001100{n:08d}", numbers=(f"SZ55500000{n:04d}",)) for n in range(500)]
    pages = [page(*(f"SZ55500000{n:04d}" for n in range(start, start + 50))) for start in range(0, 400, 50)]
    case = a_case(a_file(pdf_facts(*pages)), orders=orders)
    finding = only(case, "number_missing")
    assert (finding.params["count"], len(finding.params["orders"])) == (100, 100)
