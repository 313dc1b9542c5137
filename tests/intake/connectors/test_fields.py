"""Fields that the platform sends and the map does not know (IX-25, RL-14)."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from core.models import Event
from intake.connectors.aliexpress.known import unknown_fields
from intake.connectors.aliexpress.wire import ORDER, ORDER_LIST
from intake.connectors.fields import shape_of
from intake.models import ConnectionField
from tests.intake.connectors.aliexpress_platform import DETAIL, pacific
from tests.intake.connectors.shop import NOW, connected_shop, last_run, order, run, shipped, shop, stock
from tests.stores.people import client_of, make_person

pytestmark = pytest.mark.rule("IX-25")


@pytest.fixture
def connected(settings: Any) -> Any:
    with translation.override("en"), connected_shop(settings) as both:
        yield both


def test_fields_are_known_however_lists_are_wrapped_and_persons_are_not_looked_into() -> None:
    detail = shipped(1, NOW, buyer_info={"country": "RU", "nickname": "Ivan"}, loan_info={"loan_rate": "0.1"})
    detail["logistic_info_list"]["aeop_tp_logistic_info_dto"][0]["lp_no"] = "LP1"
    assert unknown_fields(detail, ORDER.name) == {
        "a_field_nobody_knows": {"deep": [1, {"x": True}]},
        "loan_info.loan_rate": "0.1",
        "logistic_info_list[].lp_no": "LP1",
    }
    rows = [{"order_id": 1, "new": ""}, {"order_id": 2, "new": 7}, {"order_id": 3, "new": 8}]
    assert unknown_fields({"target_list": {"dto": rows}}, ORDER_LIST.name) == {"target_list[].new": 7}
    assert unknown_fields({"target_list": {}}, ORDER_LIST.name) == {}


@pytest.mark.rule("RL-14")
@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("Ivan Petrov", ("text", "")),
        ("PETROV", ("text", "")),
        ("WAREHOUSE_SEND_GOODS", ("code", "WAREHOUSE_SEND_GOODS")),
        ("79161234567", ("number", "")),
        (3031000000000001, ("number", "")),
        ("2026-07-10 05:00:00", ("time", "")),
        (True, ("boolean", "")),
        ("false", ("boolean", "")),
        ([{"phone": "7916"}], ("list", "phone")),
        ({"city": "Perm", "zip": "614000"}, ("object", "city, zip")),
    ],
)
def test_what_stands_in_a_field_is_kept_only_where_it_can_be_of_nobody(value: object, shape: tuple[str, str]) -> None:
    assert shape_of(value) == shape


def noted() -> set[tuple[Any, ...]]:
    rows = ConnectionField.objects.exclude(path="")
    return set(rows.values_list("call", "path", "shape", "example", "added"))


@pytest.mark.django_db
def test_fields_are_noted_once_and_those_that_come_later_are_changes(connected: Any) -> None:
    platform, connection = connected
    shop(platform)
    run()
    first = (DETAIL, "a_field_nobody_knows", "object", "deep", False)
    assert noted() == {first}
    assert last_run(connection).doubts == []
    # An optional field of the first days, then one that was never sent before.
    stock(platform, order(20, NOW + timedelta(days=1), gift={"card_text": "Dear Anna"}))
    run(NOW + timedelta(days=2))
    later = NOW + timedelta(days=8)
    stock(platform, order(21, later - timedelta(hours=2), ship_mode="WAREHOUSE_ROUTE", gmt_update=pacific(later)))
    run(later)
    run(later + timedelta(hours=1))
    assert noted() == {
        first,
        (DETAIL, "gift", "object", "card_text", False),
        (DETAIL, "ship_mode", "code", "WAREHOUSE_ROUTE", True),
    }
    doubts = [doubt for found in connection.runs.all() for doubt in found.doubts]
    assert doubts == [{"what": "field_added", "value": "ship_mode", "where": DETAIL[:64]}]
    assert [event.after["fields"] for event in Event.objects.filter(kind="connector.field_added")] == ["ship_mode"]


@pytest.mark.django_db
@pytest.mark.sqlite_only
@pytest.mark.rule("PG-16", "PN-20")
def test_pages_show_the_fields_and_count_those_that_were_added(connected: Any) -> None:
    platform, connection = connected
    shop(platform)
    run()
    store = connection.store
    client = client_of(make_person("owner", store.company, "owner"))
    client.cookies["language"] = "en"
    page, health = f"/data/connections/of/{store.store_no}/", f"/stores/{store.store_no}/sync/"
    body = client.get(page).content.decode()
    assert "a_field_nobody_knows" in body
    assert "The platform sends new fields" not in client.get(health).content.decode()
    connection.fields.update(added=True, seen_at=NOW)
    body = client.get(health).content.decode()
    assert "The platform sends new fields" in body
    assert f'href="{page}#fields"' in body
