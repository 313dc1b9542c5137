"""The same data by API and by file leave the same rows, facts and scorecards (IX-21, DM-35)."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from tests.api.equality import by_api, by_file, outcome
from tests.oracle.generator import random_bundle

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.rule("IX-21", "DM-35")]
# The generator's worlds begin on this day.
FIRST, LAST = date(2024, 2, 20), date(2024, 4, 20)
AT = datetime(2024, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize("seed", [pytest.param(3, marks=pytest.mark.sqlite_only), 8])
def test_rows_by_api_and_by_file_are_the_same(seed):
    bundle = random_bundle(seed, stores=2, orders=10)
    with time_machine.travel(AT, tick=False):
        api, file = (outcome(bring, bundle, at=AT, days=(FIRST, LAST)) for bring in (by_api, by_file))
    assert api.keys() == file.keys()
    for name in file:
        assert api[name] == file[name], name
    assert len(file["orders"]) > 5
    assert len(file["facts exported"]) > 5
