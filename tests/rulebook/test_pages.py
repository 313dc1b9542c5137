"""The rulebook's pages (PG-17)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rulebook.revision import changed_entry, drafted
from rulebook.services import publish_policy
from rulebook.shipped import SHIPPED
from rulebook.texts import rule_texts
from tests.stores.people import client_of, make_person, make_staff

PAGES = [
    reverse("rulebook:index"),
    reverse("rulebook:rule", args=["PN-04"]),
    reverse("rulebook:versions"),
    reverse("rulebook:version", args=[1]),
    reverse("rulebook:version_data", args=[1]),
    reverse("rulebook:calendar"),
]
pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.clock, pytest.mark.rule("PG-17")]


@pytest.fixture
def reader() -> Client:
    client = client_of(make_person("lin"))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def publish_second() -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC)
    changes = {"metrics.odr.red": "0.0125", "counting.reply_hours": 20}
    data = drafted(SHIPPED, {key: changed_entry(SHIPPED, key, value) for key, value in changes.items()})
    publish_policy(data=data, effective_from=at + timedelta(days=1), author="Li", note="Calmer lines", at=at)


@pytest.mark.parametrize("address", PAGES)
def test_page_wants_a_signed_in_reader(client: Client, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, reverse("account_login"))


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_page_opens_in_both_languages(reader: Client, address: str, language: str) -> None:
    reader.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    assert reader.get(address).status_code == 200
    assert reader.post(address).status_code == 405


def test_index_lists_every_rule_with_its_numbers(reader: Client) -> None:
    text = reader.get(reverse("rulebook:index")).content.decode()
    assert text.count("<article") == len(rule_texts())
    assert "order defect rate over 1 %" in text


def test_index_is_in_chinese_for_chinese_readers(reader: Client) -> None:
    reader.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    assert "订单缺陷率 &gt; 1 %" in reader.get(reverse("rulebook:index")).content.decode()


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("?q=reply+within+language", ["PN-23"]),
        ("?q=SR-0&family=SR&assumptions=on", ["SR-06", "SR-09"]),
        ("?family=AP", ["AP-01", "AP-02", "AP-03", "AP-04", "AP-05", "AP-05a", "AP-06"]),
        ("?q=unheard-of", []),
    ],
)
def test_index_filters_by_its_address(reader: Client, query: str, ids: list[str]) -> None:
    text = reader.get(reverse("rulebook:index") + query).content.decode()
    assert [part.split('"')[0] for part in text.split('<article id="')[1:]] == ids
    assert ("No rule matches" in text) is (ids == [])


def test_unknown_chapter_shows_all_with_the_error(reader: Client) -> None:
    assert reader.get(reverse("rulebook:index") + "?family=ZZ").content.decode().count("<article") == len(rule_texts())


def test_rule_page_shows_value_source_and_assumption(reader: Client) -> None:
    text = reader.get(reverse("rulebook:rule", args=["SR-09"])).content.decode()
    for part in ("Mean order value that counts as high", "200 USD", "reference 003", "assumption", "2027-12-31"):
        assert part in text


@pytest.mark.rule("SR-13")
@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["Lazada", "90 days", "weights are reset every month", "Shopee", "can be hidden by the seller", "180"]),
        ("zh-hans", ["Lazada", "90 天", "权重系数每月重置", "Shopee", "卖家可屏蔽", "180"]),
    ],
)
def test_other_markets_stand_beside_ours(reader: Client, language: str, texts: list[str]) -> None:
    reader.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = reader.get(reverse("rulebook:rule", args=["SR-13"])).content.decode().replace("\u00a0", " ")
    assert [text for text in texts if text not in page] == []


@pytest.mark.rule("PG-17")
def test_keys_ids_and_what_is_not_built_are_for_staff(reader: Client) -> None:
    """Sellers read what rules say, not what the engine calls things."""
    staff = client_of(make_staff("reviewer"))
    staff.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    for route, args, engine in (
        ("rulebook:index", [], ("SR-09</span>", "not in the product yet")),
        ("rulebook:rule", ["SR-09"], ("SR-09</span>", "rating.high_value_min_usd")),
    ):
        address = reverse(route, args=args)
        pages = (reader.get(address).content.decode(), staff.get(address).content.decode())
        assert [[word in page for word in engine] for page in pages] == [[False, False], [True, True]]


def test_unknown_rule_and_version_are_not_found(reader: Client) -> None:
    assert reader.get(reverse("rulebook:rule", args=["PN-99"])).status_code == 404
    assert reader.get(reverse("rulebook:version", args=[2])).status_code == 404


def test_published_version_shows_what_changed(reader: Client) -> None:
    publish_second()
    text = reader.get(reverse("rulebook:version", args=[2])).content.decode()
    for part in (
        "Order defect rate: red threshold",
        "1 %",
        "1.25 %",
        "24 hours",
        "20 hours",
        "Calmer lines",
        "in force",
    ):
        assert part in text
    assert "1.25 %" in reader.get(reverse("rulebook:rule", args=["PN-04"])).content.decode()
    assert (
        "Its numbers are those of the first version"
        in reader.get(reverse("rulebook:rule", args=["SR-05"])).content.decode()
    )
    rows = reader.get(reverse("rulebook:versions")).content.decode()
    assert "past" in rows
    assert rows.index("Calmer lines") < rows.index("Dianwei</td>")


@pytest.mark.parametrize("address", [reverse("rulebook:rule", args=["PN-04"]), reverse("rulebook:versions")])
def test_number_of_queries_does_not_grow_with_versions(
    reader: Client, address: str, django_assert_num_queries: Any
) -> None:
    reader.get(address)
    with CaptureQueriesContext(connection) as one:
        reader.get(address)
    for _ in range(3):
        publish_second()
    with django_assert_num_queries(len(one)):
        reader.get(address)


def test_parameters_come_as_a_file(reader: Client) -> None:
    answer = reader.get(reverse("rulebook:version_data", args=[1]))
    assert answer.json() == SHIPPED
    assert answer["Content-Disposition"] == 'attachment; filename="policy-1.json"'


@pytest.mark.parametrize(("year", "shown"), [("2026", "2026"), ("2027", "2027"), ("1800", "2016"), ("9999", "2050")])
def test_calendar_shows_a_year(reader: Client, year: str, shown: str) -> None:
    text = reader.get(reverse("rulebook:calendar") + f"?year={year}").content.decode()
    assert f"Working days of {shown}" in text
    assert ("not announced" in text) is (shown == "2027")


@pytest.mark.parametrize("year", ["", "soon", "²²²²", "-1", "20260"])
def test_calendar_takes_any_year_for_this_one(reader: Client, year: str) -> None:
    assert reader.get(reverse("rulebook:calendar"), {"year": year}).status_code == 200


def test_calendar_names_occasions_in_the_readers_language(reader: Client) -> None:
    reader.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    assert "春节" in reader.get(reverse("rulebook:calendar") + "?year=2026").content.decode()
