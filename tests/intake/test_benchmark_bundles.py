"""The large bundles of the benchmarks: repeatable, consistent, and a later one that only moves orders on."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.generate import TOO_FEW_OPEN, main

pytestmark = pytest.mark.sqlite_only

NOW = "2026-11-22T01:00:00Z"
LATER = "2026-11-23T01:00:00Z"
ARGUMENTS = ["--orders", "6000", "--stores", "20", "--seed", "3", "--today", "2026-11-22", "--out"]
PLANNED = {"ship_by", "estimated_delivery_at"}


def read(folder: Path, file: str) -> list[dict[str, str]]:
    with (folder / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("year")
    assert main([*ARGUMENTS, str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("later")
    assert main([*ARGUMENTS, str(folder), "--changes", "100"]) == 0
    return folder


def test_same_arguments_give_same_bytes(year: Path, tmp_path: Path) -> None:
    assert main([*ARGUMENTS, str(tmp_path)]) == 0

    files = sorted(path.name for path in year.iterdir())
    assert files == sorted(path.name for path in tmp_path.iterdir())
    assert all((year / name).read_bytes() == (tmp_path / name).read_bytes() for name in files)


def test_year_has_its_orders_and_one_large_store(year: Path) -> None:
    orders = read(year, "orders")
    by_store = Counter(row["store_no"] for row in orders)

    assert len({row["order_no"] for row in orders}) == 6000
    assert 0.08 < by_store["S000001"] / 6000 < 0.12
    assert by_store.keys() <= {row["store_no"] for row in read(year, "stores")}
    assert min(row["created_at"] for row in orders)[:10] in {"2025-11-22", "2025-11-23"}


@pytest.mark.parametrize("file", ["tracking_events", "reviews", "disputes", "refunds", "messages"])
def test_children_belong_to_orders_and_have_happened(year: Path, file: str) -> None:
    orders = {(row["store_no"], row["order_no"]) for row in read(year, "orders")}
    rows = read(year, file)

    assert rows
    assert {(row["store_no"], row["order_no"]) for row in rows} <= orders
    for row in [*rows, *read(year, "orders")]:
        for column, text in row.items():
            if (column == "at" or column.endswith("_at")) and column not in PLANNED and text:
                assert text <= NOW, (column, text)


def test_later_bundle_moves_open_orders_on(year: Path, later: Path) -> None:
    before = {row["order_no"]: row for row in read(year, "orders")}
    changed = read(later, "orders")
    steps = Counter(
        column
        for row in changed
        for column in ("shipped_at", "delivered_at", "confirmed_at")
        if row[column] and not before[row["order_no"]][column]
    )

    assert len({row["order_no"] for row in changed}) == 100
    assert steps.total() == 100
    assert set(steps) == {"shipped_at", "delivered_at", "confirmed_at"}
    assert not any(before[row["order_no"]]["confirmed_at"] for row in changed)
    assert all(NOW < row["created_at"] <= LATER for row in read(later, "reviews"))
    assert read(later, "reviews")
    assert json.loads((later / "manifest.json").read_text())["exported_at"] == LATER


def test_more_changes_than_open_orders_are_rejected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGUMENTS, str(tmp_path), "--changes", "5999"]) == TOO_FEW_OPEN
    assert "orders are open" in capsys.readouterr().err
