"""``nightly``, ``export`` and ``explain`` as their users call them (IX-11, IX-12, IX-13)."""

import csv
import json
from datetime import date
from io import StringIO
from pathlib import Path

import pyarrow.parquet
import pytest
from django.core.management import CommandError, call_command
from python_calamine import CalamineWorkbook

from metrics.catalogue import METRICS
from metrics.models import Fact
from orders.models import Order
from stores.models import Store
from tests.metrics.making import make_orders, make_store

pytestmark = pytest.mark.django_db
DAY = "2026-03-10"


@pytest.fixture(scope="module")
def closed_night(kept_rows: None) -> None:
    store = make_store()
    make_orders(store, 12)
    make_orders(store, 8, first=12, shipped_after=None)
    Order.objects.filter(order_no="S1-0").update(carrier="=HYPERLINK(1)")
    call_command("nightly", day=date.fromisoformat(DAY), stdout=StringIO())


@pytest.fixture
def store(closed_night: None, db: None) -> Store:
    return Store.objects.get(store_no="S1")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.rule("IX-13", "MX-06")
def test_scorecards_have_one_row_per_store_day_and_metric(store, tmp_path):
    out = tmp_path / "cards.csv"
    call_command("export", "scorecards", out=out, stdout=StringIO())
    rows = read(out)
    assert [row["metric"] for row in rows] == list(METRICS)
    late = next(row for row in rows if row["metric"] == "late_dispatch")
    assert late == {
        "store_no": "S1",
        "day": DAY,
        "metric": "late_dispatch",
        "numerator": "20",
        "denominator": "20",
        "value": "1.0000000000",
        "threshold_yellow": "0.0400000000",
        "threshold_red": "0.0500000000",
        "level": "red",
        "benchmark": "1.0000000000",
        "deviation": "",
        "policy_version": "1",
    }
    disputes = next(row for row in rows if row["metric"] == "dispute_rate")
    assert (disputes["value"], disputes["level"]) == ("", "no_data")


@pytest.mark.rule("IX-13", "RL-12")
def test_problem_orders_are_exported_with_formulas_neutralised(store, tmp_path):
    out = tmp_path / "problems.csv"
    call_command("export", "problem_orders", metric="late_dispatch", out=out, stdout=StringIO())
    rows = read(out)
    assert len(rows) == 20
    assert rows[0]["carrier"] == "'=HYPERLINK(1)"
    assert rows[0]["ship_by"] == "2026-03-10T10:00:00+08:00"
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.rule("IX-13")
def test_facts_are_the_same_in_every_format(store, tmp_path):
    for name in ("facts.csv", "facts.xlsx", "facts.parquet"):
        call_command("export", "facts", out=tmp_path / name, stdout=StringIO())
    rows = read(tmp_path / "facts.csv")
    assert len(rows) == Fact.objects.count()
    due = [(row["day"], int(row["dispatch_due"])) for row in rows]
    table = pyarrow.parquet.read_table(tmp_path / "facts.parquet").to_pylist()
    assert [(row["day"].isoformat(), row["dispatch_due"]) for row in table] == due
    head, *sheet = CalamineWorkbook.from_path(tmp_path / "facts.xlsx").get_sheet_by_index(0).to_python()
    place = head.index("dispatch_due")
    assert [(row[1], int(row[place])) for row in sheet] == due


@pytest.mark.rule("IX-12", "DM-32")
def test_explanation_names_formula_lines_and_orders(store):
    out = StringIO()
    call_command("explain", store="S1", metric="late_dispatch", day=date.fromisoformat(DAY), stdout=out)
    text = out.getvalue()
    assert "arithmetic: 20 ÷ 20 = 1" in text
    assert "red threshold: 5 %" in text
    assert "S1-19" in text
    out = StringIO()
    call_command("explain", store="S1", metric="dsr", day=date.fromisoformat(DAY), json=True, stdout=out)
    assert json.loads(out.getvalue())["level"] == "few"


def test_every_metric_can_be_explained(store):
    for code, metric in METRICS.items():
        out = StringIO()
        call_command("explain", store="S1", metric=code, day=date.fromisoformat(DAY), stdout=out)
        assert f"({code}, {metric.rule})" in out.getvalue()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["export", "facts", "--out", "/nowhere/facts.csv"], "make it first"),
        (["export", "problem_orders", "--out", "x.csv"], "--metric goes with problem_orders"),
        (["export", "facts", "--out", "x.csv", "--from", "2026-13-01"], "write YYYY-MM-DD"),
        (["export", "facts", "--out", "x.csv", "--store", "NOPE"], "NOPE"),
        (["explain", "--store", "NOPE", "--metric", "odr"], "NOPE"),
        (["nightly", "--from", "2026-01-02", "--to", "2026-01-01"], "--from is after --to"),
        (["nightly", "--day", "2026-01-02", "--from", "2026-01-01"], "either --day or"),
    ],
)
def test_bad_arguments_name_the_thing(arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command(*arguments, stdout=StringIO())
