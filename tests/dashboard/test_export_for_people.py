"""``export --for people``: the same rows in a person's language and zone; without it the bytes stay (IX-13, DM-28)."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from python_calamine import CalamineWorkbook

from dashboard.export_sheets import PEOPLE
from dashboard.management.commands.export import EXPORTS
from orders.models import Order
from stores.models import Store
from tests.metrics.making import DAY, make_orders, make_store

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("IX-13", "DM-28")]


@pytest.fixture(scope="module")
def closed_night(kept_rows: None) -> None:
    """20 orders of 20 late, never shipped: one of a long number, one whose carrier looks like a formula."""
    store = make_store()
    make_orders(store, 20)
    Order.objects.filter(order_no="S1-0").update(order_no="8123456789012345", carrier="=HYPERLINK(1)")
    call_command("nightly", day=DAY, stdout=StringIO())


@pytest.fixture
def store(closed_night: None, db: None) -> Store:
    return Store.objects.get(store_no="S1")


def exported(out: Path, kind: str, **options: str) -> str:
    given = {"metric": "late_dispatch"} if kind == "problem_orders" else {}
    call_command("export", kind, out=out, stdout=StringIO(), **given, **options)
    return out.read_bytes().decode(errors="replace")


def test_every_kind_of_export_has_a_form_for_people() -> None:
    assert set(PEOPLE) == set(EXPORTS)


@pytest.mark.parametrize("kind", ["facts", "scorecards", "ratings", "problem_orders", "notices"])
@pytest.mark.parametrize(("language", "first"), [("en", "Store"), ("zh-hans", "店铺编号")])
def test_every_kind_has_as_many_rows_for_people_as_for_programs(
    store: Store, tmp_path: Path, kind: str, language: str, first: str
) -> None:
    plain = exported(tmp_path / "a.csv", kind)
    people = exported(tmp_path / "b.csv", kind, audience="people", language=language)
    assert plain.splitlines()[0].split(",")[0] in ("\ufeffstore_no", "\ufeffnumber")
    assert people.startswith(f"\ufeff{first},")
    assert plain.count("\r\n") == people.count("\r\n")
    exported(tmp_path / "b.xlsx", kind, audience="people", language=language)
    rows = CalamineWorkbook.from_path(tmp_path / "b.xlsx").get_sheet_by_index(0).to_python()
    assert rows[0][0] == first
    assert len(rows) == people.count("\r\n")


def test_problem_orders_are_told_in_a_language_and_a_zone(store: Store, tmp_path: Path) -> None:
    people = exported(tmp_path / "a.csv", "problem_orders", audience="people", language="en", zone="Europe/Madrid")
    headings, *rows = people.split("\r\n")
    assert headings.startswith(
        "\ufeffStore,Order or complaint,Counted on,Reason,Other reasons,Ship by (Europe/Madrid),Shipped (Europe/Madrid)"
    )
    row = next(row for row in rows if "8123456789012345" in row)
    assert row.startswith("S1,'8123456789012345,2026-03-10,\"not shipped, ")
    assert ",2026-03-10 03:00:00,,'=HYPERLINK(1),," in row
    chinese = exported(tmp_path / "b.csv", "problem_orders", audience="people", language="zh-hans")
    row = next(row for row in chinese.split("\r\n") if "8123456789012345" in row)
    assert row.startswith("S1,'8123456789012345,2026-03-10,未发货，已超时 ")
    assert ",2026-03-10 10:00:00,," in row


def test_scorecards_have_figures_in_their_units(store: Store, tmp_path: Path) -> None:
    exported(tmp_path / "a.xlsx", "scorecards", audience="people", language="en")
    rows = CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_index(0).to_python()
    late = next(row for row in rows if row[2] == "Late dispatch")
    assert late == ["S1", DAY, "Late dispatch", 20.0, 20.0, 1.0, 0.04, 0.05, "red", 1.0, "", 1.0]
    text = exported(tmp_path / "a.csv", "scorecards", audience="people", language="en")
    sold = next(row for row in text.split("\r\n") if ",Gross merchandise value," in row)
    assert sold.split(",")[5] == "200.00"


def test_without_people_the_bytes_are_those_of_before(store: Store, tmp_path: Path) -> None:
    plain = exported(tmp_path / "a.csv", "problem_orders")
    assert plain == exported(tmp_path / "b.csv", "problem_orders", audience="programs")
    first = next(row for row in plain.split("\r\n") if "8123456789012345" in row)
    assert first == (
        "S1,late_dispatch,dispatch_late,2026-03-10,8123456789012345,,,'=HYPERLINK(1),,paid,"
        "2026-03-07T10:00:00+08:00,2026-03-10T10:00:00+08:00,,,,"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"language": "en"}, "go with --for people"),
        ({"zone": "Asia/Tokyo"}, "go with --for people"),
        ({"audience": "people", "zone": "Mars/Olympus"}, "no zone is called Mars/Olympus"),
        ({"audience": "people", "zone": "../x"}, "no zone is called"),
        ({"audience": "people", "out": "x.parquet"}, "Parquet is for programs"),
    ],
)
def test_what_makes_no_sense_is_rejected(options: dict[str, str], message: str, tmp_path: Path) -> None:
    out = tmp_path / options.pop("out", "x.csv")
    with pytest.raises(CommandError, match=message):
        call_command("export", "facts", out=out, stdout=StringIO(), **options)
    assert list(tmp_path.iterdir()) == []
