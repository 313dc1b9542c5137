"""The demo's data: the same bytes for the same seed, valid rows, every state, nothing after now (IX-15)."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.generator import generate
from demo.world import FIRST_LEVEL_CATEGORIES, SITES, SUBCATEGORIES
from rulebook.shipped import places
from tests.demo.bundles import (
    CHOICES,
    DAY,
    DECIMAL,
    DECIMALS,
    INSTANT,
    KEYS,
    PLANNED,
    REQUIRED,
    TRUTHS,
    Demo,
    digests,
    moment,
    read_bundle,
    state,
)

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only]

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    summary = generate(seed=1, today=TODAY, folder=tmp_path_factory.mktemp("demo"))
    return Demo(summary, {bundle.name: read_bundle(bundle) for bundle in summary.bundles})


@pytest.mark.rule("IX-15")
def test_same_seed_gives_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        generate(seed=7, today=TODAY, folder=tmp_path / name, scale=0.05)
    generate(seed=8, today=TODAY, folder=tmp_path / "three", scale=0.05)

    one, two, three = (digests(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    assert one["stores/orders.csv"] != three["stores/orders.csv"]


def test_now_must_lie_on_today(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be an aware instant"):
        generate(seed=1, today=TODAY, folder=tmp_path, now=NOW + timedelta(days=1))


@pytest.mark.rule("IX-15")
def test_demo_has_a_year_of_twelve_stores_in_three_companies(demo: Demo) -> None:
    orders = demo.rows("orders")
    created = [moment(row["created_at"]) for row in orders]

    assert len(demo.summary.stores) == 12
    assert len(demo.summary.companies) == 3
    assert {row["store_no"] for row in demo.rows("stores")} == {store.store_no for store in demo.summary.stores}
    assert Counter(row["store_no"] for row in orders) == {s.store_no: s.orders for s in demo.summary.stores}
    assert 20_000 <= len(orders) <= 30_000
    assert timedelta(days=363) < max(created) - min(created) < timedelta(days=365)
    assert demo.summary.rows == {file: len(demo.rows(file)) for file in REQUIRED}
    assert demo.summary.now == NOW


@pytest.mark.rule("IX-02")
@pytest.mark.parametrize("file", sorted(REQUIRED))
def test_rows_are_valid(demo: Demo, file: str) -> None:
    rows = demo.rows(file)
    required, choices = REQUIRED[file].split(), CHOICES.get(file, {})

    assert rows
    for row in rows:
        assert all(row[column] for column in required), row
        for column, text in row.items():
            if text:
                check_cell(column, text, choices)
    keys = [tuple(row[column] for column in KEYS[file].split()) for row in rows]
    # The company of the second bundle's store is told in both.
    assert len(set(keys)) == len(keys) - (file == "companies")


def check_cell(column: str, text: str, choices: dict[str, set[str]]) -> None:
    if column == "at" or column.endswith("_at") or column == "ship_by":
        assert INSTANT.fullmatch(text), (column, text)
        assert column in PLANNED or moment(text) <= NOW, (column, text)
    elif column in DECIMALS:
        assert DECIMAL.fullmatch(text), (column, text)
    elif column in TRUTHS:
        assert text in {"true", "false"}, (column, text)
    elif column == "day":
        assert DAY.fullmatch(text), text
    elif column in choices:
        assert text in choices[column], (column, text)
    assert text == text.strip()
    assert "\x00" not in text


@pytest.mark.rule("IX-05")
def test_foreign_amounts_have_a_rate(demo: Demo) -> None:
    dated = {(row["currency"], row["day"]) for row in demo.rows("fx_rates")}
    foreign = [row for row in demo.rows("orders") if row["currency"] != "USD"]
    undated = [row for row in foreign if not row["usd_rate"]]

    assert len({row["currency"] for row in foreign}) >= 6
    assert undated
    for row in undated:
        assert (row["currency"], row["created_at"][:10]) in dated


def test_references_are_kept(demo: Demo) -> None:
    stores = {row["store_no"]: row for row in demo.rows("stores")}
    companies = {row["company_no"] for row in demo.rows("companies")}
    categories = {row["code"] for row in demo.rows("categories")} | set(FIRST_LEVEL_CATEGORIES)
    carriers = {row["code"] for row in demo.rows("carriers")}
    skus = {(row["store_no"], row["sku"]) for row in demo.rows("listings")}
    orders = {(row["store_no"], row["order_no"]): row for row in demo.rows("orders")}
    lines = {(row["store_no"], row["order_no"]) for row in demo.rows("order_lines")}

    assert all(row["company_no"] in companies for row in stores.values())
    assert {row["primary_category"] for row in stores.values()} <= set(FIRST_LEVEL_CATEGORIES)
    for key, row in orders.items():
        assert row["store_no"] in stores
        assert row["category"] in categories
        assert row["carrier"] in carriers | {""}
        assert (row["store_no"], row["sku"]) in skus if row["sku"] else key in lines
    children = (
        "order_lines",
        "tracking_events",
        "reviews",
        "disputes",
        "refunds",
        "returns",
        "settlements",
        "messages",
    )
    for file in children:
        assert {(row["store_no"], row["order_no"]) for row in demo.rows(file)} <= orders.keys(), file
    assert {(row["store_no"], row["sku"]) for row in demo.rows("copyright_complaints")} <= skus


@pytest.mark.rule("DM-12", "DM-13")
def test_codes_are_those_of_the_rulebook() -> None:
    assert set(FIRST_LEVEL_CATEGORIES) == {code for code, *_ in places.CATEGORIES}
    assert set(SITES) <= {code for code, *_ in places.SITES}
    assert {parent for _code, _name, parent, _flags in SUBCATEGORIES} <= set(FIRST_LEVEL_CATEGORIES)


@pytest.mark.rule("DM-10", "DM-11")
def test_stores_differ_as_the_rules_need(demo: Demo) -> None:
    stores = demo.rows("stores")
    controllers = Counter({row["company_no"]: row["controller_id"] for row in demo.rows("companies")}.values())
    ages = [(TODAY - store.opened_on).days for store in demo.summary.stores]

    assert {row["level"] for row in stores} == {"basic", "gold", "platinum"}
    assert {row["mode"] for row in stores} == {"governed", "mirrored"}
    assert max(controllers.values()) == 2
    assert Counter(row["primary_category"] for row in stores)["home_garden"] >= 5
    assert sum(age < 30 for age in ages) == 1
    assert sum(30 <= age < 90 for age in ages) == 1
    assert sum(store.closed_at is not None for store in demo.summary.stores) == 1


@pytest.mark.rule("MX-07")
def test_one_store_has_no_tracking_and_no_messages(demo: Demo) -> None:
    narrow = demo.bundles["orders-only"]

    assert {row["store_no"] for row in narrow["stores"]} == {"130004"}
    assert not {"tracking_events", "messages", "copyright_complaints", "settlements"} & narrow.keys()
    assert "dispatch_confirmed_at" not in narrow["orders"][0]
    assert "130004" not in {row["store_no"] for row in demo.bundles["stores"]["stores"]}


@pytest.mark.rule("DM-20", "DM-21")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_states_occur(demo: Demo, seed: int, tmp_path: Path) -> None:
    if seed != 1:
        small = generate(seed=seed, today=TODAY, folder=tmp_path, scale=0.3)
        demo = Demo(small, {bundle.name: read_bundle(bundle) for bundle in small.bundles})
    seen: dict[str, set[Any]] = {
        "state": {state(row) for row in demo.rows("orders")},
        "cancelled_by": {row["cancelled_by"] for row in demo.rows("orders")},
        "source": {row["source"] for row in demo.rows("orders")},
        "fulfilled_by": {row["fulfilled_by"] for row in demo.rows("orders")},
        "event": {row["kind"] for row in demo.rows("tracking_events")},
        "review": {(row["kind"], row["described"]) for row in demo.rows("reviews")},
        "dispute kind": {row["kind"] for row in demo.rows("disputes")},
        "dispute state": {row["state"] for row in demo.rows("disputes")},
        "liability": {row["liability"] for row in demo.rows("disputes")},
        "refund": {(row["state"], row["full"]) for row in demo.rows("refunds")} & {("completed", "true")},
        "partial refund": {row["full"] for row in demo.rows("refunds")},
        "released": {bool(row["released_at"]) for row in demo.rows("settlements")},
        "held": {row["held_reason"] for row in demo.rows("settlements")},
        "complaint": {row["upheld"] for row in demo.rows("copyright_complaints")},
        "automatic": {row["automatic"] for row in demo.rows("messages")},
    }
    assert seen == {
        "state": {"created", "paid", "shipped", "delivered", "success", "closed", "cancelled", "refunded"},
        "cancelled_by": {"", "buyer", "seller", "platform"},
        "source": CHOICES["orders"]["source"],
        "fulfilled_by": CHOICES["orders"]["fulfilled_by"],
        "event": CHOICES["tracking_events"]["kind"],
        "review": {("auto", ""), *(("buyer", star) for star in "12345")},
        "dispute kind": CHOICES["disputes"]["kind"],
        "dispute state": CHOICES["disputes"]["state"],
        "liability": CHOICES["disputes"]["liability"] | {""},
        "refund": {("completed", "true")},
        "partial refund": {"true", "false"},
        "released": {True, False},
        "held": {"", "in_dispute", "abnormal_logistics", "risk_review", "kyc_blocked"},
        "complaint": {"true", "false", ""},
        "automatic": {"true", "false"},
    }


@pytest.mark.rule("AF-07", "IX-05", "PN-23")
def test_odd_rows_occur(demo: Demo) -> None:
    orders = {row["order_no"]: row for row in demo.rows("orders")}
    kinds: dict[str, list[str]] = {}
    for row in demo.rows("reviews"):
        kinds.setdefault(row["order_no"], []).append(row["kind"])
    replies = [row for row in demo.rows("messages") if row["sender"] == "seller"]

    assert any(sorted(of_order) == ["auto", "buyer"] for of_order in kinds.values())
    assert any(of_order.count("buyer") > 1 for of_order in kinds.values())
    assert any(row["revised_at"] for row in demo.rows("reviews"))
    assert any(row["language"] == "zh" for row in replies)
    assert any(not row["language"] for row in replies)
    assert any(row["is_presale"] == "true" for row in orders.values())
    assert any(row["shipped_at"] and row["shipped_at"] < row["paid_at"] for row in orders.values())
    assert any(row["delivered_at"] and row["delivered_at"] < row["shipped_at"] for row in orders.values())
    assert any(row["created_at"] < orders[row["order_no"]]["created_at"] for row in demo.rows("reviews"))
    numbers = Counter(row["tracking_no"] for row in orders.values() if row["tracking_no"])
    assert max(numbers.values()) > 1


def test_deadlines_lie_within_hours(demo: Demo) -> None:
    open_due = [moment(row["ship_by"]) - NOW for row in demo.rows("orders") if state(row) == "paid" and row["ship_by"]]
    assert any(timedelta(0) < left < timedelta(hours=4) for left in open_due)
    assert any(timedelta(hours=12) < left < timedelta(hours=24) for left in open_due)
    assert any(left < timedelta(0) for left in open_due)


@pytest.mark.rule("MX-15")
def test_late_dispatch_is_the_failing_carriers(demo: Demo) -> None:
    due = [
        row
        for row in demo.rows("orders")
        if row["store_no"] == "110002"
        and row["ship_by"]
        and NOW - timedelta(days=30) < moment(row["ship_by"]) <= NOW
        and not row["cancelled_at"]
    ]
    late = [row for row in due if not row["shipped_at"] or row["shipped_at"] > row["ship_by"]]
    of_prefix = [row for row in late if row["tracking_no"].startswith("SZ12")]

    assert len(late) / len(due) > 0.05
    assert len(of_prefix) / len(late) > 0.6


@pytest.mark.rule("IX-08")
def test_platform_figures_cover_sixty_days_of_the_mirrored_store(demo: Demo) -> None:
    figures = demo.rows("platform_figures")
    days = {row["day"] for row in figures if row["metric"] == "late_dispatch"}

    assert {row["store_no"] for row in figures} == {"130001"}
    assert len(days) == 60
    assert max(days) == (TODAY - timedelta(days=1)).isoformat()
    assert len(demo.rows("platform_notices")) == 3
