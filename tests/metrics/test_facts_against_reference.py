"""Facts against the slow computation, however the data arrived (MX-01, MX-02, IX-03, DM-35)."""

import random
import tempfile
from collections.abc import Sequence
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from metrics.counters import COUNTERS
from metrics.facts.updating import apply_dirty, rebuild_facts
from metrics.models import Fact, ListingFirstReview, Problem, SiteFact
from tests.examples import costly
from tests.oracle.bundle import Bundle, merge, write_bundle
from tests.oracle.facts import COUNTERS as REFERENCE_COUNTERS
from tests.oracle.facts import compute_facts
from tests.oracle.instants import instant
from tests.oracle.strategies import bundles, bundles_with_corrections, splits

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
NAMES = tuple(counter.name for counter in COUNTERS)
Facts = dict[tuple[str, date], dict[str, int]]


def import_bundle(bundle: Bundle, *, shuffle: random.Random | None = None) -> None:
    if not bundle:
        return
    with tempfile.TemporaryDirectory() as folder:
        write_bundle(bundle, Path(folder), shuffle=shuffle)
        call_command("import_bundle", folder, stdout=StringIO(), stderr=StringIO())


def stored_facts(names: Sequence[str] = NAMES) -> Facts:
    rows = Fact.objects.values_list("store__store_no", "day", *names)
    return {
        (number, day): {name: count for name, count in zip(names, counts, strict=True) if count}
        for number, day, *counts in rows
    }


def everything() -> tuple[object, ...]:
    """All that is computed, with numbers instead of ids."""
    return (
        stored_facts(),
        sorted(SiteFact.objects.values_list("store__store_no", "day", "site", "shipped")),
        sorted(Problem.objects.values_list("store__store_no", "counter", "day", "order_id", "subject_id")),
        sorted(ListingFirstReview.objects.values_list("store_id", "sku", "reviewed_at")),
    )


def reference_facts(bundle: Bundle) -> Facts:
    facts = {}
    for key, counts in compute_facts(bundle).items():
        kept = {name: count for name, count in counts.items() if count and name in NAMES}
        if kept:
            facts[key] = kept
    return facts


def common(facts: Facts) -> Facts:
    """Only the counters that the reference knows, days without any left out."""
    names = set(REFERENCE_COUNTERS)
    kept = {key: {name: n for name, n in counts.items() if name in names} for key, counts in facts.items()}
    return {key: counts for key, counts in kept.items() if counts}


@pytest.mark.rule(
    *(
        "MX-01",
        "MX-02",
        "MX-03",
        "MX-04",
        "TM-02",
        "TM-03",
        "SR-02",
        "SR-03",
        "SR-08",
        "SR-14",
        "AF-07",
        "PN-19",
        "PN-23",
    ),
    *("DM-18", "DM-20", "DM-25"),
)
@given(bundle=bundles())
@costly(25)
def test_facts_equal_the_reference(bundle):
    with transaction.atomic():
        import_bundle(bundle)
        apply_dirty()
        assert common(stored_facts()) == reference_facts(bundle)
        transaction.set_rollback(True)


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-35", "IX-03")
@given(pair=bundles_with_corrections(), data=st.data())
@costly(12)
def test_facts_are_the_same_however_the_data_arrived(pair, data):
    first, later = pair
    with transaction.atomic():
        parts = data.draw(splits(first))
        shuffle = random.Random(data.draw(st.integers(0, 1000)))
        for part in parts:
            import_bundle(part, shuffle=shuffle)
            if data.draw(st.booleans()):
                apply_dirty()
        import_bundle(first)
        import_bundle(later, shuffle=shuffle)
        apply_dirty(batch=3)
        incremental = everything()
        rebuild_facts()
        assert everything() == incremental
        assert common(stored_facts()) == reference_facts(merge(first, later))
        transaction.set_rollback(True)


PLANNED = {"ship_by", "estimated_delivery_at"}
BEGINS = {"created_at", "at", "sent_at", "opened_at", "requested_at"}


def known_at(bundle: Bundle, cut: int, number: int) -> Bundle:
    """What a source could have said at an instant: rows that have begun, without what came later."""
    files = {}
    for stem, rows in bundle.items():
        kept = [row for row in rows if all(not row.get(name) or instant(row[name]) <= cut for name in BEGINS)]
        files[stem] = [{name: cell_at(name, cell, cut) for name, cell in row.items()} for row in kept]
    return Bundle(files, {**(bundle.manifest or {}), "exported_at": f"2001-01-{number:02}T00:00:00Z"})


def cell_at(name: str, cell: str, cut: int) -> str:
    happened = name.endswith("_at") and name not in PLANNED
    return "" if happened and cell and instant(cell) > cut else cell


@pytest.mark.rule("DM-35", "MX-02")
@given(bundle=bundles(stores=2))
@costly(8)
def test_replay_day_by_day_ends_where_a_rebuild_does(bundle):
    begun = sorted(
        instant(cell)
        for rows in bundle.values()
        for row in rows
        for name, cell in row.items()
        if name.endswith("_at") and name not in PLANNED and cell
    )
    with transaction.atomic():
        days = sorted({at // 86_400 for at in begun})
        step = max(1, len(days) // 6)
        for number, day in enumerate(days[::step], start=1):
            import_bundle(known_at(bundle, day * 86_400 + 86_399, number))
            apply_dirty()
        import_bundle(bundle)
        apply_dirty()
        replayed = everything()
        rebuild_facts()
        assert everything() == replayed
        assert common(stored_facts()) == reference_facts(bundle)
        transaction.set_rollback(True)
