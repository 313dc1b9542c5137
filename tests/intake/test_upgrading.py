"""What earlier imports stored in spreadsheet dress is the same row for imports of now (IX-05b)."""

from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db.migrations.loader import MigrationLoader

from core.models import Deadline, DirtySubject
from disputes.models import Dispute
from orders.models import Order, OrderLine
from stores.models import Company, Listing, Store
from tests.intake.helpers import HEADER_OF_ORDERS, counts, take, write

pytestmark = [pytest.mark.django_db, pytest.mark.rule("IX-05b", "IX-03")]
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
upgrade = import_module("intake.migrations.0008_canonical_values")


@pytest.fixture(scope="module")
def apps() -> Apps:
    """The models as they were when the migration was written."""
    loader = MigrationLoader(None)
    return loader.project_state(("intake", "0007_turns")).apps


@pytest.fixture
def store() -> Store:
    return Store.objects.create(company=Company.objects.create(company_no="C1", name="C"), store_no="S1", name="S")


def make_order(store: Store, number: str, **more: Any) -> Order:
    return Order.objects.create(
        store=store, order_no=number, created_at=NOON, total_amount=1, total_usd=1, currency="USD", **more
    )


DRESSED = ('="8001"', "'8002", "8003.0", "#8004", "80\u200b05", "80 06", "\uff18007")
PLAIN = {f"800{last}" for last in range(1, 8)}


def test_stored_orders_go_on_being_the_same_orders(store: Store, apps: Apps, tmp_path: Path) -> None:
    for number in DRESSED:
        make_order(store, number)
    upgrade.put_in_form(apps)
    rows = "".join(f"S1,{number},2024-05-01T12:00:00Z,1,USD\n" for number in sorted(PLAIN))
    _job, report = take(write(tmp_path, orders=f"{HEADER_OF_ORDERS}\n{rows}"))
    assert counts(report, "orders") == {"changed": 7} or counts(report, "orders") == {"same": 7}
    assert set(Order.objects.values_list("order_no", flat=True)) == PLAIN


def test_what_stands_there_already_or_is_damaged_stays(store: Store, apps: Apps) -> None:
    for number in ("8001", "'8001", "8.2E+15", "AB-1/2", "'"):
        make_order(store, number)
    upgrade.put_in_form(apps)
    assert set(Order.objects.values_list("order_no", flat=True)) == {"8001", "'8001", "8.2E+15", "AB-1/2", "'"}


def test_words_for_nothing_sites_and_what_counts_by_them(store: Store, apps: Apps) -> None:
    odd = make_order(store, "1", carrier="N/A", tracking_no="--", site="BRAZIL", sku_given="A B", sku="A B")
    unknown = make_order(store, "2", carrier="China  Post", tracking_no="LP 1", site="EU", sku="x")
    make_order(store, "3", carrier="YANWEN", tracking_no="LP1", site="ES", sku="A/B")
    upgrade.put_in_form(apps)
    columns = ("carrier", "tracking_no", "site", "sku_given", "sku")
    assert list(Order.objects.order_by("order_no").values_list(*columns)) == [
        ("", "", "BR", "AB", "AB"),
        ("China Post", "LP1", "EU", "", "x"),
        ("YANWEN", "LP1", "ES", "", "A/B"),
    ]
    dirty = set(DirtySubject.objects.filter(kind="order").values_list("subject_id", flat=True))
    assert dirty == {odd.pk, unknown.pk}


def test_numbers_of_what_hangs_on_orders_and_of_stores(store: Store, apps: Apps) -> None:
    order = make_order(store, "#1")
    OrderLine.objects.create(store=store, order=order, line_no=1, sku="'7")
    Listing.objects.create(store=store, sku="'7")
    Dispute.objects.create(store=store, order=order, dispute_no="D 1", kind="quality", opened_at=NOON)
    Deadline.objects.create(
        store_id=store.pk, kind="dispute_answer", subject_kind="dispute", subject_key="D 1", due_at=NOON, opened_at=NOON
    )
    Store.objects.create(company=store.company, store_no="'S2", name="x")
    Store.objects.create(company=store.company, store_no="A/B", name="x")
    upgrade.put_in_form(apps)
    assert (Order.objects.get().order_no, OrderLine.objects.get().sku, Listing.objects.get().sku) == ("1", "7", "7")
    assert Dispute.objects.get().dispute_no == Deadline.objects.get().subject_key == "D1"
    assert set(Store.objects.values_list("store_no", flat=True)) == {"S1", "S2", "A/B"}
