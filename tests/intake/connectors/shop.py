"""What a seller has at the fake platform, and a store that is connected to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine

from intake.connectors.connecting import authorise, set_up_connection
from intake.connectors.running import RunResult, run_connections
from intake.models import ConnectionFeed, ConnectionRun, StoreConnection
from stores.models import Company, Store
from tests.httpserver import allow_loopback
from tests.intake.connectors.aliexpress_platform import APP_KEY, APP_SECRET, Platform, aliexpress_platform, pacific

NOW = datetime(2026, 7, 10, 12, tzinfo=UTC)
CODE = "0_12345678_code"
FIRST = 3031000000000001


@contextmanager
def connected_shop(settings: Any, number: str = "S1") -> Iterator[tuple[Platform, StoreConnection]]:
    """A platform and a store that was connected to it a moment ago; the time stands at `NOW`."""
    with time_machine.travel(NOW, tick=False), aliexpress_platform() as platform:
        point_at(settings, platform)
        yield platform, connect(number)


def point_at(settings: Any, platform: Platform) -> None:
    allow_loopback(settings, platform.port)
    settings.ALIEXPRESS_GATEWAYS = {"sg": platform.url}
    settings.CONNECTIONS_AT_ONCE = 2


def connect(number: str, company: Company | None = None) -> StoreConnection:
    company = company or Company.objects.create(company_no=f"C-{number}", name="Company")
    store = Store.objects.create(company=company, store_no=number, name=f"Store {number}")
    application = {"kind": "aliexpress", "region": "sg", "app_key": APP_KEY, "app_secret": APP_SECRET}
    connection = set_up_connection(store=store, actor="person:1", at=NOW, **application)
    authorise(connection=connection, code=CODE, actor="person:1", at=NOW)
    skip_the_past(connection)
    connection.refresh_from_db()
    return connection


def skip_the_past(connection: StoreConnection) -> None:
    """As if the walk over the creation days of finished orders had come to the last ones, and that over funds."""
    day = (NOW - timedelta(days=32)).date().isoformat()
    connection.feeds.filter(name="finished").update(cursor={"day": day})
    connection.feeds.filter(name="funds").update(cursor={"from": (NOW - timedelta(days=5)).isoformat()})
    connection.feeds.filter(name="orders").update(complete_until=NOW - timedelta(days=25))


def begin_from_the_past(connection: StoreConnection) -> None:
    """As a store begins that was never pulled."""
    connection.feeds.update(cursor={}, complete_until=None)


def run(at: datetime = NOW, **options: Any) -> RunResult:
    with time_machine.travel(at, tick=False):
        return run_connections(at=at, **options)


def feeds_of(connection: StoreConnection) -> dict[str, str]:
    return dict(ConnectionFeed.objects.filter(connection=connection).values_list("name", "state"))


def last_run(connection: StoreConnection) -> ConnectionRun:
    return connection.runs.latest("pk")


def without_instants(found: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[str]]:
    """Tables without when the platform was asked, which a death puts off."""
    return {
        name: sorted(repr([value for value in row if not _is_recent(value)]) for row in rows)
        for name, rows in found.items()
    }


def _is_recent(value: Any) -> bool:
    return isinstance(value, datetime) and value >= NOW


# ── Orders ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def money(amount: str, currency: str = "USD") -> dict[str, Any]:
    """As published examples have it: the amount says 0, the cents are right."""
    cents = round(float(amount) * 100)
    return {"amount": "0.00", "cent": cents, "cent_factor": 100, "currency": {"currency_code": currency}}


def order(place: int, created: datetime, **more: Any) -> dict[str, Any]:
    """An order that is paid and waits for its dispatch."""
    number = FIRST + place
    product = {
        "child_id": number,
        "product_id": 1005000000000000 + place,
        "product_name": "Lamp",
        "sku_code": f"LAMP-{place % 7}",
        "product_count": 2,
        "total_product_amount": money("19.00"),
        "send_goods_operator": "SELLER_SEND_GOODS",
    }
    return {
        "order_id": number,
        "order_status": "WAIT_SELLER_SEND_GOODS",
        "biz_type": "AE_COMMON",
        "buyer_login_id": f"ru{place}",
        "buyer_info": {"country": "RU", "first_name": "Ivan", "last_name": "Petrov"},
        "receipt_address": {"contact_person": "Iv***ov", "detail_address": "Le***", "mobile_no": "7***"},
        "oaid": "1A2B3C4D",
        "gmt_create": pacific(created),
        "gmt_pay_success": pacific(created + timedelta(minutes=5)),
        "gmt_pay_time": pacific(created + timedelta(minutes=5)),
        "gmt_update": pacific(created + timedelta(minutes=6)),
        "order_amount": money("21.50"),
        "pay_amount": money("21.50"),
        "fund_status": "PAY_SUCCESS",
        "issue_status": "NO_ISSUE",
        "a_field_nobody_knows": {"deep": [1, {"x": True}]},
        "child_order_list": {"aeop_tp_child_order_dto": [product]},
        **more,
    }


def shipped(place: int, created: datetime, **more: Any) -> dict[str, Any]:
    sent = created + timedelta(hours=30)
    parcel = {
        "logistics_no": f"LP{place:09d}CN",
        "logistics_type_code": "CAINIAO_STANDARD",
        "logistics_service_name": "AliExpress Standard Shipping",
        "gmt_send": pacific(sent),
        "have_tracking_info": True,
    }
    said = {
        "order_status": "WAIT_BUYER_ACCEPT_GOODS",
        "gmt_update": pacific(sent),
        "logistic_info_list": {"aeop_tp_logistic_info_dto": [parcel]},
    }
    return order(place, created, **{**said, **more})


def ended(place: int, created: datetime, reason: str = "buyer_confirm_goods", **more: Any) -> dict[str, Any]:
    over = created + timedelta(days=20)
    said = {
        "order_status": "FINISH",
        "order_end_reason": reason,
        "gmt_trade_end": pacific(over),
        "gmt_update": pacific(over),
    }
    return shipped(place, created, **{**said, **more})


def stock(platform: Platform, *orders: dict[str, Any]) -> None:
    for one in orders:
        platform.orders[str(one["order_id"])] = one


def trace(sent: datetime) -> list[dict[str, Any]]:
    """From the seller's word to the delivery."""
    steps = (("CONSIGN", 0), ("PU_PICKUP_SUCCESS", 1), ("LH_DEPART", 3), ("CC_IM_SUCCESS", 6), ("GTMS_SIGNED", 9))
    return [
        {
            "event_date": pacific(sent + timedelta(days=days)),
            "event_desc": code.title(),
            "address": "Moscow",
            "signed_name": "Petrov",
            "action_code": code,
        }
        for code, days in steps
    ]


def dispute(platform: Platform, number: int, order_no: int, status: str = "processing", **detail: Any) -> None:
    opened = NOW - timedelta(days=5)
    listed = {
        "issue_id": number,
        "order_id": order_no,
        "parent_order_id": order_no,
        "buyer_login_id": "ru1",
        "issue_status": status,
        "reason_chinese": "货物与描述不符",
        "reason_english": "Not as described",
        "gmt_create": pacific(opened),
        "gmt_modified": pacific(opened + timedelta(hours=len(status))),
    }
    said = {
        "id": number,
        "issue_reason": "Not as described",
        "issue_reason_id": 17,
        "refund_money_max": "10.00",
        "refund_money_max_currency": "USD",
        **detail,
    }
    platform.disputes[str(number)] = {"listed": listed, "detail": said}


def shop(platform: Platform) -> None:
    """Twelve orders of the last month, in all kinds of states, with all that goes with them."""
    stock(
        platform,
        *(order(place, NOW - timedelta(days=1 + place)) for place in range(3)),
        *(shipped(place, NOW - timedelta(days=10 + place)) for place in range(3, 7)),
        *(ended(place, NOW - timedelta(days=22 + place - 7)) for place in range(7, 12)),
    )
    sent = NOW - timedelta(days=20)
    platform.traces = {f"LP{place:09d}CN": trace(sent) for place in range(5, 12)}
    dispute(platform, 91, FIRST + 4)
    dispute(platform, 92, FIRST + 8, "canceled_issue")
    platform.evaluations = [
        {
            "parent_order_id": FIRST + place,
            "order_id": FIRST + place,
            "buyer_login_id": f"ru{place}",
            "buyer_evaluation": str(place % 5 + 1),
            "buyer_feedback": "ok",
            "buyer_fb_date": pacific(NOW - timedelta(days=1, hours=place)),
        }
        for place in range(7, 10)
    ]
