"""Values of many days at once are those of each day (MX-05, MX-10)."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given

from metrics.catalogue import METRICS
from metrics.figures import load_figures
from stores.reference import resolve_categories
from tests.examples import costly
from tests.metrics.worlds import load_world
from tests.oracle.paces import LAST
from tests.oracle.strategies import worlds
from tests.oracle.world import World

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.mark.rule("MX-05", "MX-10")
@given(data=worlds(stores=2))
@costly(3)
def test_values_of_a_span_are_those_of_its_days(data):
    bundle, facts = data
    first = LAST - timedelta(days=20)
    days = [first + timedelta(days=number) for number in range(21)]
    with transaction.atomic():
        stores = load_world(World(bundle, facts=facts))
        resolve_categories()
        for figures in load_figures(list(stores.values()), first, LAST).values():
            for code in METRICS:
                assert figures.values(code, first, LAST) == [figures.value(code, day) for day in days], code
        transaction.set_rollback(True)
