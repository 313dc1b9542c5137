"""Composite scores and data that are not known to the end of the day (MX-07, DP-06)."""

import pytest

from tests.metrics.edges import DAY, Edges

pytestmark = pytest.mark.sqlite_only


@pytest.mark.django_db
@pytest.mark.rule("MX-07", "DP-06")
def test_composite_score_is_stale_only_where_data_of_a_part_in_it_are_late():
    """Disputes end a day early. They are in the score of one store; the other closed too few for the liability rate."""
    edges = Edges()
    edges.known["disputes"] = "2024-03-13T00:00:00Z"
    for name, closed in (("in", 10), ("out", 9)):
        edges.add(
            edges.store(name), DAY, orders_paid=100, refunded_orders=1, reviews_positive=50, disputes_closed=closed
        )
    judged = edges.judged(codes=["shs", "liability_rate"])
    levels = {
        name: [str(scorecards[code].level) for code in ("shs", "liability_rate")] for name, scorecards in judged.items()
    }
    assert levels == {"in": ["stale", "stale"], "out": ["ok", "stale"]}
