"""Stores with a very low health score are reviewed by people (DP-06)."""

from collections.abc import Sequence

from metrics.rules.days import run_begins
from orders.services.cases import open_risk_case
from penalties.figures import HEALTH
from penalties.models import LevelDay
from stores.models import Store

CASE = "shs_review"


def open_health_reviews(*, days: Sequence[LevelDay]) -> None:
    """Open a case for each day that begins a spell below the threshold, in governed stores (DP-06, DM-11a)."""
    governed = Store.objects.filter(mode=Store.Mode.GOVERNED).select_related("company")
    stores = governed.in_bulk([one.store_id for one in days])
    for one in days:
        if one.store_id in stores:
            store = stores[one.store_id]
            open_risk_case(
                store=store,
                kind=CASE,
                subject_kind="store",
                subject_key=store.store_no,
                facts={"day": one.day.isoformat(), "value": one.facts["value"]},
                at=run_begins(one.day, HEALTH.calendar),
                dedupe=one.day.isoformat(),
            )
