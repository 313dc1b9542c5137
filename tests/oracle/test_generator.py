"""The generators make valid bundles, and splitting, writing and merging keep what is computed."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .bundle import REQUIRED, Bundle, key_of, merge, read_bundle, split_bundle, write_bundle
from .catalogue import METRICS
from .corrections import make_corrections
from .facts import COUNTERS, compute_facts
from .generator import RandomChooser, random_bundle
from .instants import instant
from .judging import scorecard
from .paces import LAST, random_world
from .strategies import bundles, bundles_with_corrections, exclusions, splits
from .world import World


def assert_valid(bundle: Bundle) -> None:
    """Required cells filled, instants with offsets, no key twice (IX-02)."""
    for stem, rows in bundle.items():
        keys = Counter(key_of(stem, row) for row in rows)
        assert not [key for key, number in keys.items() if number > 1], stem
        for row in rows:
            assert all(row[name] for name in REQUIRED[stem]), (stem, row)
            for name, cell in row.items():
                if name.endswith("_at") or name in {"at", "ship_by"}:
                    instant(cell)
            if stem == "reviews" and row.get("kind") != "auto":
                assert row["described"] in set("12345")


@pytest.mark.slow
@given(bundles_with_corrections())
@settings(max_examples=30, deadline=None)
def test_generated_bundles_are_valid(pair: tuple[Bundle, Bundle]) -> None:
    first, later = pair
    assert_valid(first)
    assert_valid(later)
    if first.manifest and later.manifest:
        known, newer = (instant(bundle.manifest["exported_at"]) for bundle in (first, later) if bundle.manifest)
        assert known is not None
        assert newer is not None
        assert known < newer
    compute_facts(merge(first, later))


@pytest.mark.rule("DM-35")
@given(st.data())
@settings(max_examples=20, deadline=None)
def test_facts_do_not_depend_on_splits(data: st.DataObject) -> None:
    bundle = data.draw(bundles())
    parts = data.draw(splits(bundle))
    left_out = data.draw(exclusions(bundle))
    whole = merge(*parts)
    assert compute_facts(whole, exclusions=left_out) == compute_facts(bundle, exclusions=left_out)


def test_files_hold_what_was_written(tmp_path: Path) -> None:
    for seed in range(5):
        bundle = random_bundle(seed)
        folder = write_bundle(bundle, tmp_path / str(seed), shuffle=random.Random(seed))
        again = read_bundle(folder)
        assert compute_facts(again) == compute_facts(bundle)
        assert again.manifest == bundle.manifest
        assert set(again) == set(bundle)


def test_a_split_holds_every_row_once() -> None:
    bundle = random_bundle(7)
    parts = split_bundle(bundle, random.Random(7), 3)
    for stem, rows in bundle.items():
        found = [key_of(stem, row) for part in parts for row in part.get(stem, [])]
        assert sorted(found) == sorted(key_of(stem, row) for row in rows)


def test_seeds_reach_every_counter_and_corrections_change_facts() -> None:
    seen: set[str] = set()
    changed = 0
    for seed in range(40):
        bundle = random_bundle(seed)
        facts = compute_facts(bundle)
        for counters in facts.values():
            seen.update(counters)
        later = make_corrections(RandomChooser(seed), bundle)
        changed += compute_facts(merge(bundle, later)) != facts
    assert seen == set(COUNTERS)
    assert changed > 30


def test_a_later_row_replaces_its_columns_and_an_empty_cell_clears() -> None:
    key = {"store_no": "S", "order_no": "O"}
    first = Bundle({"orders": [{**key, "paid_at": "a", "shipped_at": "b"}]})
    later = Bundle({"orders": [{**key, "shipped_at": ""}]})
    assert merge(first, later)["orders"] == [{**key, "paid_at": "a", "shipped_at": ""}]


def test_scorecards_of_random_bundles_can_be_computed() -> None:
    for seed in range(4):
        bundle = random_bundle(seed, orders=8)
        world = World(bundle)
        days = sorted({day for _, day in world.facts})
        for store_no in world.stores:
            assert len(scorecard(world, store_no, days[-1] if days else date(2024, 3, 1))) == len(METRICS)


@pytest.mark.slow
def test_random_worlds_reach_every_level() -> None:
    levels: Counter[str] = Counter()
    for seed in range(12):
        bundle, facts = random_world(seed, stores=2)
        world = World(bundle, facts=facts)
        for store_no in world.stores:
            levels.update(row.level for row in scorecard(world, store_no, LAST).values())
    assert {"ok", "yellow", "red", "few", "stale", "silent", "no_data", "L1", "L2", "L3"} <= set(levels), levels
