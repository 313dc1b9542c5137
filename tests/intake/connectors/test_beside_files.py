"""A store with files and a connection: a buyer's login counts, wherever it came from, not the name (IX-06)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from intake.personal.buyers import erase_buyer
from intake.profiles.aliexpress.orders import buyer_ref
from intake.reading import AnswerBook, Answers
from orders.models import Order
from orders.rules.buyers import NAME_ONLY
from tests.intake.connectors.shop import FIRST, NOW, connected_shop, order, run, stock
from tests.intake.exports import write_export
from tests.intake.helpers import take, undone

pytestmark = [pytest.mark.django_db, pytest.mark.rule("IX-06", "IX-25", "IX-03")]
SAID = AnswerBook(Answers(store="S1", zone="America/Los_Angeles", currency="USD"))
CREATED = datetime(2026, 7, 8, 12, tzinfo=UTC)
LOGIN, NAME = buyer_ref("S1", "ru1"), buyer_ref("S1", "Ivan Petrov")


@pytest.fixture
def shop(settings: Any) -> Any:
    with connected_shop(settings) as (platform, connection):
        stock(platform, order(1, CREATED))
        yield connection


def import_export(folder: Path, at: datetime, name: str = "Ivan Petrov") -> None:
    """The seller back end's export of the same order."""
    said = {
        "订单号": str(FIRST + 1),
        "订单状态": "等待您发货",
        "买家名称": name,
        "下单时间": "2026-07-08 05:00:00",
        "付款时间": "2026-07-08 05:05:00",
        "产品总金额": "US $19.00",
        "物流费用": "US $2.50",
        "订单金额": "US $21.50",
        "商品编码": "LAMP-1",
        "收货国家": "Russia",
        "订单业务模式": "非半托管订单",
    }
    _job, report = take(write_export(folder / f"{at:%H%M}.xlsx", orders=[said]), answers=SAID, as_of=at)
    assert report.rejected_files == {}


def seen() -> tuple[Any, ...]:
    return Order.objects.values_list("buyer_ref", "site", "sku", "created_at", "paid_at", "total_amount").get()


def test_the_login_counts_in_whatever_sequence_file_and_connection_come(shop, tmp_path):
    with undone():
        run()
        pulled = seen()
        import_export(tmp_path, NOW + timedelta(minutes=1))
        assert seen() == pulled
        assert Order.objects.get().shipping_amount == 2.5
    import_export(tmp_path, NOW - timedelta(hours=1))
    assert seen() == (NAME + NAME_ONLY, *pulled[1:])
    run()
    assert seen() == pulled
    assert pulled[0] == LOGIN


@pytest.mark.sqlite_only
def test_of_two_names_the_later_counts_and_former_pseudonyms_of_names_are_marked(shop, tmp_path):
    import_export(tmp_path, NOW - timedelta(hours=3))
    import_export(tmp_path, NOW - timedelta(hours=2), "Petr Ivanov")
    assert seen()[0] == buyer_ref("S1", "Petr Ivanov") + NAME_ONLY
    # As they were stored before they were told apart from logins.
    Order.objects.update(buyer_ref=NAME)
    import_export(tmp_path, NOW - timedelta(hours=1))
    assert seen()[0] == NAME + NAME_ONLY


@pytest.mark.rule("RL-14")
def test_a_file_that_has_the_name_brings_no_erased_buyer_back(shop, tmp_path):
    run()
    token = erase_buyer(company=shop.store.company, reference=LOGIN, actor="person:1", at=NOW).token
    import_export(tmp_path, NOW + timedelta(minutes=1))
    assert seen()[0] == token
    # Erased before pseudonyms of names were marked.
    Order.objects.all().delete()
    erased = erase_buyer(company=shop.store.company, reference=NAME, actor="person:1", at=NOW)
    import_export(tmp_path, NOW + timedelta(minutes=2))
    assert seen()[0] == erased.token
