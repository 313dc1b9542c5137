"""Values as people's spreadsheets write them (IX-05b): the cases PC-02, PC-07, PC-08 and PC-11."""

from datetime import UTC, datetime

import pytest

from intake.reading.csvfile import raw_keys
from orders.models import Order
from stores.models import Store
from tests.cases.helpers import take_case
from tests.intake.helpers import counts, errors, reasons

pytestmark = pytest.mark.django_db
EIGHT = datetime(2026, 5, 1, 0, 5, tzinfo=UTC)


@pytest.mark.rule("IX-05b")
def test_orders_in_spreadsheet_dress_are_the_same_orders() -> None:
    _job, report = take_case("PC-02/first")
    assert counts(report, "orders") == {"new": 5}
    _job, report = take_case("PC-02/again")
    assert counts(report, "orders") == {"same": 5}
    assert sorted(Order.objects.values_list("order_no", flat=True)) == [f"819963357833450{end}" for end in range(1, 6)]


@pytest.mark.rule("IX-05b", "IX-03")
@pytest.mark.parametrize("dressed", ['="1"', "'1", "1.0", "#1", " 1\u200b", "\uff11"])
def test_rows_of_one_number_in_different_dress_are_doubles(dressed: str) -> None:
    assert len(set(raw_keys([["S1", "1"], ["S1", dressed]], [0, 1]))) == 1


@pytest.mark.rule("IX-05b")
def test_words_for_nothing_are_no_carriers_and_are_counted() -> None:
    job, report = take_case("PC-07/bundle")
    assert counts(report, "orders") == {"new": 12, "emptied": 24}
    assert set(Order.objects.values_list("carrier", "tracking_no")) == {("", "")}
    said = "column {}: 12 cells say that there is nothing (such as -- or N/A) and count as empty"
    assert [remark["text"] for remark in job.remarks] == [said.format("carrier"), said.format("tracking_no")]


@pytest.mark.rule("IX-05b")
def test_a_parcel_that_comes_after_a_word_for_nothing_replaces_no_other() -> None:
    take_case("PC-07/then1")
    take_case("PC-07/then2")
    order = Order.objects.get(order_no="T1")
    assert (order.carrier, order.tracking_no, order.replacedshipments.count()) == ("YANWEN", "LP77", 0)


TAKEN = {
    "9200": EIGHT, "9201": EIGHT, "9202": EIGHT, "9203": EIGHT, "9204": EIGHT, "9205": EIGHT, "9209": EIGHT,
    "9210": EIGHT, "9211": EIGHT, "9215": EIGHT, "9221": EIGHT, "9224": EIGHT,
    # The case's serial is one of the year before.
    "9206": datetime(2025, 5, 1, 0, 5, tzinfo=UTC),
    "9212": datetime(2026, 5, 1, 8, 5, tzinfo=UTC), "9213": datetime(2026, 5, 1, 8, 5, tzinfo=UTC),
    "9222": datetime(2026, 5, 1, 8, 5, tzinfo=UTC), "9223": datetime(2026, 5, 1, 8, 5, tzinfo=UTC),
    "9217": datetime(2026, 4, 30, 16, 0, tzinfo=UTC), "9219": datetime(2026, 4, 30, 16, 0, tzinfo=UTC),
}  # fmt: skip
REFUSED = {
    "9207": "10 cells where the header has 9", "9208": "which is the day", "9214": "is not an instant",
    "9216": "is not an instant",
    "9218": "run into each other", "9220": "is not an instant",
}  # fmt: skip


@pytest.mark.rule("IX-01", "IX-05b")
def test_dates_of_spreadsheet_programs_are_taken_in_a_zone_and_damage_is_rejected() -> None:
    job, _report = take_case("PC-08/bundle", zone="Asia/Shanghai")
    assert dict(Order.objects.values_list("order_no", "created_at")) == TAKEN
    refused = {row["order_no"].strip("'"): row["reason"] for row in errors(job, "orders")}
    assert refused.keys() == REFUSED.keys()
    assert {number: said for number, said in REFUSED.items() if said not in refused[number]} == {}


@pytest.mark.rule("IX-01")
def test_without_a_zone_only_what_names_its_offset_is_taken() -> None:
    take_case("PC-08/bundle")
    absolute = {"9210", "9211", "9212", "9213", "9215", "9222", "9223"}
    assert dict(Order.objects.values_list("order_no", "created_at")) == {number: TAKEN[number] for number in absolute}


@pytest.mark.rule("IX-05b")
def test_the_zeros_of_calendars_are_no_dates() -> None:
    job, report = take_case("PC-08/empty_marks")
    assert counts(report, "orders") == {"new": 10, "refused": 1, "emptied": 9}
    shipped = Order.objects.exclude(shipped_at=None).values_list("order_no", "shipped_at")
    assert dict(shipped) == {"9109": datetime(2026, 5, 3, tzinfo=UTC)}
    assert reasons(job, "orders") == [("shipped_at", "is no day or time of day that exists")]


@pytest.mark.rule("IX-05b")
def test_sites_are_mapped_to_their_code_or_rejected() -> None:
    job, _report = take_case("PC-11/site")
    found = dict(Order.objects.values_list("order_no", "site"))
    assert found == {
        "0": "GB", "1": "GB", "2": "RU", "3": "BR", "4": "ES", "5": "ES", "6": "US", "8": "RS", "9": "", "10": "US",
    }  # fmt: skip
    assert [(row["order_no"], row["column"], row["value"]) for row in errors(job, "orders")] == [("7", "site", "EU")]


@pytest.mark.rule("IX-05b", "DM-31")
@pytest.mark.parametrize("spelling", ["siteA", "siteB", "siteC"])
def test_a_site_s_spelling_makes_no_difference(spelling: str) -> None:
    take_case(f"PC-11/{spelling}")
    assert set(Order.objects.values_list("site", flat=True)) == {"BR"}
    assert Store.objects.get().orders.count() == 20
