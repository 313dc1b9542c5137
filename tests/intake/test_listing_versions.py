"""What exports said of listings is kept, in whatever sequence they arrive (BX-09)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.pipeline.context import IntakeContext
from intake.pipeline.rows import take_rows
from stores.models import Listing, ListingSighting, ListingVersion, Store
from stores.purging import remove_company
from stores.queries import listing_histories
from stores.rules import ListingAsOf
from tests.examples import costly
from tests.intake.helpers import AS_OF, take, undone, write
from tests.stores.people import make_store

pytestmark = [pytest.mark.django_db, pytest.mark.rule("BX-09")]
Export = tuple[int, Sequence[Mapping[str, str]]]
NOW = datetime(2024, 7, 1, tzinfo=UTC)
FIELDS = ("title", "description", "category", "price_usd", "image_file")


def day(number: int) -> datetime:
    return AS_OF + timedelta(days=number)


def bring(*exports: Export) -> None:
    """Exports of days after the first, in the sequence in which they arrive."""
    for number, rows in exports:
        take_rows(IntakeContext(at=day(number), now=NOW), "listings", rows)


def lamp(title: str, **columns: str) -> Mapping[str, str]:
    return {"store_no": "S1", "sku": "A", "title": title, **columns}


def history(store: Store, sku: str = "A") -> list[ListingAsOf]:
    return listing_histories(store=store, skus=[sku]).get(sku, [])


@pytest.fixture
def store(db: None) -> Store:
    return make_store(mode="mirrored")


def test_every_change_is_an_entry_and_repetitions_are_none(store: Store) -> None:
    bring((1, [lamp("Lamp", price_usd="9.5")]), (2, [lamp("Lamp", price_usd="9.5")]), (3, [lamp("LED", price_usd="")]))
    assert history(store) == [
        ListingAsOf(day(1), "Lamp", price_usd=Decimal("9.5")),
        ListingAsOf(day(3), "LED"),
    ]
    assert ListingVersion.objects.count() == 2


def test_a_column_that_a_row_of_a_batch_leaves_out_stays(store: Store) -> None:
    other = {"store_no": "S1", "sku": "B", "title": ""}
    bring((1, [lamp("Lamp")]), (2, [{"store_no": "S1", "sku": "A"}, other]))
    assert history(store) == [ListingAsOf(day(1), "Lamp")]
    assert Listing.objects.get(sku="A").title == "Lamp"


def test_an_older_export_takes_its_place_and_the_next_one_tells_when_it_was_as_before(store: Store) -> None:
    bring((1, [lamp("Lamp")]), (3, [lamp("Lamp")]), (4, [lamp("Lamp")]), (2, [lamp("LED")]))
    assert history(store) == [
        ListingAsOf(day(number), title) for number, title in ((1, "Lamp"), (2, "LED"), (3, "Lamp"))
    ]
    assert Listing.objects.get().title == "Lamp"


def test_another_file_of_the_same_instant_corrects_what_it_said(store: Store) -> None:
    bring((1, [lamp("Lamp")]), (2, [lamp("LED")]), (2, [lamp("Bulb")]))
    assert history(store) == [ListingAsOf(day(1), "Lamp"), ListingAsOf(day(2), "Bulb")]


def test_history_outlives_a_listing_that_a_complete_export_leaves_out(store: Store, tmp_path: Path) -> None:
    bring((1, [lamp("Lamp")]))
    manifest = '{"format": "dianwei-bundle", "version": 1, "exported_at": "2024-06-05T00:00:00Z", "complete": true}'
    take(write(tmp_path / "b", manifest=manifest, listings="store_no,sku,title\nS1,B,Cup\n"), as_of=None)
    assert list(Listing.objects.values_list("sku", flat=True)) == ["B"]
    assert history(store) == [ListingAsOf(day(1), "Lamp")]


def test_a_dry_run_keeps_nothing(store: Store, tmp_path: Path) -> None:
    take(write(tmp_path / "b", listings="store_no,sku,title\nS1,A,Lamp\n"), dry_run=True)
    assert not ListingVersion.objects.exists()


def test_purge_removes_versions(store: Store) -> None:
    bring((1, [lamp("Lamp")]), (2, [lamp("LED")]))
    counts = remove_company(company=store.company, actor="test", at=NOW)
    assert (counts["stores_listingsighting"], counts["stores_listingversion"]) == (2, 2)
    assert not ListingVersion.objects.exists()


# ── Any sequence ───────────────────────────────────────────────────────────────────────────────────────────────────

CELLS = {"title": ("", "Lamp", "LED"), "category": ("", "lamps", "home"), "price_usd": ("", "1", "2.5")}
ROWS = st.fixed_dictionaries({"sku": st.sampled_from("AB")}, optional={
    name: st.sampled_from(cells) for name, cells in CELLS.items()
})  # fmt: skip
EXPORTS = st.lists(st.lists(ROWS, min_size=1, max_size=2, unique_by=lambda row: row["sku"]), min_size=1, max_size=5)


EMPTY = {"title": "", "category": "", "price_usd": None}


def expected(exports: Sequence[Export], sku: str, is_governed: bool) -> list[ListingAsOf]:
    """The same, export by export in order of time."""
    found: list[ListingAsOf] = []
    said: dict[str, Any] = {}
    for number, rows in sorted(exports, key=lambda one: one[0]):
        for row in (row for row in rows if row["sku"] == sku):
            cells = {name: row[name] for name in FIELDS if name in row and not (is_governed and row[name] == "")}
            if "price_usd" in cells:
                cells["price_usd"] = Decimal(cells["price_usd"]) if cells["price_usd"] else None
            before, said = said, {**said, **cells}
            if not found or {**EMPTY, **before} != {**EMPTY, **said}:
                found.append(ListingAsOf(day(number), **said))
    return found


@costly(30)
@given(exports=EXPORTS, data=st.data(), mode=st.sampled_from(("governed", "mirrored")))
def test_any_sequence_of_exports_gives_the_same_history(exports: Any, data: st.DataObject, mode: str) -> None:
    dated = [(number, [{"store_no": "S1", **row} for row in rows]) for number, rows in enumerate(exports, 1)]
    arriving = data.draw(st.permutations(dated))
    with undone():
        store = make_store(mode=mode)
        bring(*arriving, arriving[0])
        found = {sku: history(store, sku) for sku in "AB"}
        sightings = ListingSighting.objects.count()
    assert found == {sku: expected(dated, sku, mode == "governed") for sku in "AB"}
    assert sightings == sum(len(rows) for _number, rows in dated)
