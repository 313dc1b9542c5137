"""What a connection pulls, by file and by API: the same rows, facts, metric results and notices (IX-21, DM-35)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.api.equality import by_api, by_file, outcome
from tests.intake.connectors.aliexpress_platform import Platform, pacific
from tests.intake.connectors.pulled import bundle_of_what_was_pulled
from tests.intake.connectors.shop import NOW, connected_shop, ended, money, order, run, shipped, shop, stock
from tests.intake.helpers import undone
from tests.oracle.bundle import Bundle

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.rule("IX-21", "IX-25", "DM-35", "MX-07")]
NIGHT = date(2026, 7, 9)
DAYS = (NIGHT - timedelta(days=25), NIGHT)


@pytest.mark.sqlite_only
def test_connection_file_and_api_leave_the_same(settings: Any) -> None:
    with connected_shop(settings) as (platform, _connection):
        fill(platform)
        with undone():
            run()
            bundle = bundle_of_what_was_pulled(NOW)
        assert {name: len(rows) for name, rows in bundle.items()} == {
            "orders": 48,
            "order_lines": 48,
            "shipments": 1,
            "tracking_events": 35,
            "reviews": 3,
            "disputes": 2,
            "refunds": 1,
            "settlements": 2,
        }
        pulled, file, api = (
            outcome(bring, bundle, at=NOW, days=DAYS, night=NIGHT) for bring in (by_connection, by_file, by_api)
        )
    for name in file:
        assert comparable(pulled[name]) == comparable(file[name]), name
        assert api[name] == file[name], name
    assert [notice[:4] for notice in file["notices"]] == [("S1", "late_dispatch", "red", NIGHT)]
    assert len(file["facts exported"]) > 20


def comparable(rows: list[Any]) -> list[str]:
    """Rows without the instant of their source: a pull takes some seconds, an export has one instant."""
    return sorted(repr([value for value in row if not is_of_the_pull(value)]) for row in rows)


def is_of_the_pull(value: Any) -> bool:
    return isinstance(value, datetime) and NOW <= value <= NOW + timedelta(minutes=5)


def by_connection(_bundle: Bundle, _at: datetime) -> None:
    assert run().turns == {"done": 1}


def fill(platform: Platform) -> None:
    """The usual shop, thirty orders too late, a buyer who orders again and again, and ends of all kinds."""
    shop(platform)
    parcels = [{"logistics_no": number, "logistics_type_code": "YANWEN", "gmt_send": pacific(NOW - timedelta(days=8))}
               for number in ("LP1", "LP2")]  # fmt: skip
    refund = {
        "refund_status": "refund_ok",
        "refund_time": pacific(NOW - timedelta(days=1)),
        "refund_cash_amt": money("21.50"),
    }
    loan = {"loan_amount": money("20.00"), "loan_time": pacific(NOW - timedelta(days=2))}
    begun, late = NOW - timedelta(days=23), NOW - timedelta(days=8)
    stock(
        platform,
        *(order(place, late - timedelta(hours=place), buyer_login_id=f"ru{place % 3}") for place in range(20, 50)),
        shipped(60, NOW - timedelta(days=9), logistic_info_list={"aeop_tp_logistic_info_dto": parcels}),
        ended(61, begun, loan_info=loan),
        ended(62, begun, loan_info=loan, refund_info=refund),
        ended(63, begun, "cancel_order_close_trade", cancel_request_reason="buyer changed mind"),
        ended(64, begun, "se_send_goods_timeout"),
        ended(65, begun, "taken_by_aliens"),
    )
