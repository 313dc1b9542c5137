"""However a bundle is spread, ordered and repeated, the tables come out the same (IX-03)."""

import random
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import costly
from tests.intake.helpers import AS_OF, tables, take, undone
from tests.oracle.bundle import Bundle, split_bundle, write_bundle
from tests.oracle.strategies import bundles, bundles_with_corrections

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.rule("IX-03", "DM-35")]


def taken(parts: list[Bundle], rng: random.Random | None, later: Bundle | None = None) -> dict[str, Any]:
    """The tables after the parts; without a manifest ``later`` counts as a day younger than the others."""
    with undone(), tempfile.TemporaryDirectory() as folder:
        for number, part in enumerate(parts):
            path = write_bundle(part, Path(folder) / str(number), shuffle=rng)
            take(path, as_of=AS_OF + timedelta(days=1) if part is later else AS_OF)
        return tables()


@costly(10)
@given(bundle=bundles(), seed=st.integers(0, 2**16), parts=st.integers(2, 4))
def test_splits_orders_of_rows_and_repeats_give_the_same_tables(bundle: Bundle, seed: int, parts: int) -> None:
    rng = random.Random(seed)
    whole = taken([bundle], None)
    assert taken([bundle, bundle], rng) == whole
    pieces = split_bundle(bundle, rng, parts, everywhere=("fx_rates",))
    rng.shuffle(pieces)
    assert taken([*pieces, pieces[0]], rng) == whole


@costly(10)
@given(pair=bundles_with_corrections(), seed=st.integers(0, 2**16))
def test_an_older_export_repeated_after_a_newer_one_changes_nothing(pair: tuple[Bundle, Bundle], seed: int) -> None:
    first, second = pair
    assert taken([first, second, first], random.Random(seed), second) == taken([first, second], None, second)
