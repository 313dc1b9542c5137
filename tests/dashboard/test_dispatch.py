"""Dispatch of many parcels: pasted, from a file, scanned; good lines go, bad ones stay (PG-06, DM-22, TM-18)."""

from io import BytesIO
from typing import Any

import pytest
import time_machine
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from orders.models import Order, Shipment
from stores.models import Carrier, RegisteredCarrier, Store
from tests.orders.build import DAY, NOW, make_order
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only, pytest.mark.rule("PG-06")]
GOOD, TYPO, MENDED = "EA087230279CN", "EA087231353CN", "EA087231359CN"


@pytest.fixture(autouse=True)
def frozen() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def store() -> Store:
    made = make_store("S1")
    Store.objects.update(mode=Store.Mode.GOVERNED)
    Carrier.objects.update_or_create(code="EMS", defaults={"name": "EMS", "approved": True})
    RegisteredCarrier.objects.create(store=made, carrier_code="EMS", registered_at=NOW)
    return made


@pytest.fixture
def seller(store: Store) -> Client:
    client = client_of(make_person("owner", store.company))
    client.cookies["language"] = "en"
    return client


def waiting(store: Store, *numbers: str) -> list[Order]:
    return [make_order(store, order_no=number, paid_at=NOW - DAY) for number in numbers]


def post(client: Client, store: Store, lines: str, do: str = "check", **more: Any) -> HttpResponse:
    response = client.post(reverse("dashboard:dispatch", args=[store.store_no]), {"lines": lines, "do": do, **more})
    assert response.status_code == 200
    return response


def told(response: Any) -> list[tuple[str, str, list[str]]]:
    """Number, level and faults of each line."""
    return [(line.order_no, line.level, [fault.word for fault in line.faults]) for line in response.context["lines"]]


def shipped(store: Store) -> dict[str, str]:
    return dict(Order.objects.filter(store=store, state="shipped").values_list("order_no", "tracking_no"))


def test_each_line_is_checked_and_its_mend_stands_beside_it(store: Store, seller: Client) -> None:
    waiting(store, "800011", "800012")
    lines = f"800011\tEMS\t{GOOD}\n800012\tEMS\t{TYPO}\n\n800019\tEMS\tEA087230282CN"
    response = post(seller, store, lines)
    assert told(response) == [
        ("800011", "ok", []),
        ("800012", "red", ["Check digit wrong"]),
        ("", "", []),
        ("800019", "red", ["No such order"]),
    ]
    mends = [fault.mend.value for line in response.context["lines"] for fault in line.faults if fault.mend]
    assert mends[0] == f"2\t{TYPO}\t{MENDED}"
    assert mends[1].startswith("4\t800019\t80001")
    again = post(seller, store, lines, mend=mends[0])
    assert told(again)[1] == ("800012", "ok", [])
    assert again.context["given"].text.split("\n")[1] == f"800012\tEMS\t{MENDED}"


def test_good_lines_go_and_bad_lines_stay_as_they_were_written(store: Store, seller: Client) -> None:
    waiting(store, "800011", "800012", "800013")
    lines = f"800011\tEMS\t{GOOD}\n800012 \tems\t{TYPO}\n800013\tEMS\t{MENDED}"
    response = post(seller, store, f"订单号\t物流商\t运单号\n{lines}", "send")
    assert shipped(store) == {"800011": GOOD, "800013": MENDED}
    assert [row.order_no for row in response.context["sent"]] == ["800011", "800013"]
    assert response.context["given"].text == f"订单号\t物流商\t运单号\n800012 \tems\t{TYPO}"
    assert post(seller, store, f"800011\tEMS\t{GOOD}", "send").context["counts"].shipped == 0


def test_lines_of_one_order_are_its_parcels(store: Store, seller: Client) -> None:
    (order,) = waiting(store, "800011")
    post(seller, store, f"800011\tEMS\t{GOOD}\n800011\tEMS\t{MENDED}", "send")
    assert shipped(store) == {"800011": GOOD}
    further = Shipment.objects.filter(order=order, parcel_no__gt=1)
    assert list(further.values_list("tracking_no", flat=True)) == [MENDED]


def test_an_order_waits_until_all_of_its_lines_are_good(store: Store, seller: Client) -> None:
    waiting(store, "800011")
    lines = f"800011\tEMS\t{GOOD}\n800011\tEMS\t{TYPO}"
    response = post(seller, store, lines, "send")
    assert [line.level for line in response.context["lines"]] == ["few", "red"]
    assert (shipped(store), response.context["given"].text) == ({}, lines)


@pytest.mark.rule("TM-18")
def test_lines_at_risk_go_only_when_asked_for(store: Store, seller: Client) -> None:
    waiting(store, "800011", "800012")
    Carrier.objects.update_or_create(code="YUNTU", defaults={"name": "云途", "approved": True})
    lines = f"800011\tEMS\t{GOOD}\n800012\t云途\tYT2633400981277000"
    response = post(seller, store, lines, "send_safe")
    assert shipped(store) == {"800011": GOOD}
    assert told(response) == [("800012", "yellow", ["Carrier not registered"])]
    register = reverse("dashboard:carrier_register", args=[store.store_no])
    assert f'<a href="{register}">Registered carriers</a>' in response.content.decode().partition('class="how"')[2]
    post(seller, store, response.context["given"].text, "send")
    assert shipped(store) == {"800011": GOOD, "800012": "YT2633400981277000"}


def workbook(*rows: list[str]) -> SimpleUploadedFile:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return SimpleUploadedFile("发货.xlsx", stream.getvalue())


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_file_fills_the_box_with_its_own_columns(store: Store, seller: Client, kind: str) -> None:
    waiting(store, "800011")
    rows = [["备注", "运单号", "订单编号", "物流公司"], ["急", GOOD, "800011", "EMS"]]
    text = "\n".join(",".join(row) for row in rows).encode("gb18030")
    file = workbook(*rows) if kind == "xlsx" else SimpleUploadedFile("d.csv", text)
    response = post(seller, store, "", "file", file=file)
    assert response.context["given"].text == f"订单编号\t物流公司\t运单号\n800011\tEMS\t{GOOD}"
    assert told(response)[1] == ("800011", "ok", [])


def test_a_file_that_is_none_is_refused_and_the_box_stays(store: Store, seller: Client) -> None:
    address = reverse("dashboard:dispatch", args=[store.store_no])
    file = SimpleUploadedFile("d.xlsx", b"%PDF-1.7")
    response = seller.post(address, {"do": "file", "file": file, "lines": "800011"})
    assert response.status_code == 422
    assert "is a PDF file" in response.content.decode()
    assert response.context["given"].text == "800011"


def test_scanning_goes_on_without_javascript(store: Store, seller: Client) -> None:
    waiting(store, "800011")
    first = post(seller, store, "", "scan", by="scan", order="800011", number="", carrier="EMS")
    assert (first.context["given"].scanned, first.context["given"].text) == ("800011", "")
    second = post(seller, store, "", "scan", by="scan", order="800011", number=GOOD, carrier="EMS")
    assert second.context["given"].text == f"800011\t{GOOD}"
    assert told(second) == [("800011", "ok", [])]


@pytest.mark.rule("DM-11a")
def test_a_mirrored_store_prepares_what_is_entered_on_its_platform(store: Store, seller: Client) -> None:
    waiting(store, "800011")
    Store.objects.update(mode=Store.Mode.MIRRORED)
    response = post(seller, store, f"800011\tEMS\t{GOOD}", "send")
    assert response.context["copy"] == f"800011\tEMS\t{GOOD}"
    assert shipped(store) == {}


@pytest.mark.rule("RL-08")
def test_orders_of_another_store_are_unknown(store: Store, seller: Client) -> None:
    waiting(make_store("S2"), "800011")
    assert told(post(seller, store, f"800011\tEMS\t{GOOD}", "send")) == [("800011", "red", ["No such order"])]
