"""A low health score, and the hard thresholds over 90 days (DP-06, TM-10)."""

from typing import Any

import pytest

from metrics.catalogue import Calendar
from orders.models import RiskCase
from stores.models import Store
from tests.outbox import deliver
from tests.penalties.nights import DAY, ONE_DAY, close, history, night, publish
from tests.stores.people import make_store

pytestmark = pytest.mark.django_db


def scored(store: Store, scores: list[str]) -> None:
    """One rating day after another with these health scores, with a level instead of one that says nothing."""
    for place, score in enumerate(scores):
        day = DAY + place * ONE_DAY
        shs: dict[str, Any] = {"level": score} if score.isalpha() else {"level": "ok", "value": score}
        publish(store, day, {"shs": shs})
        close(day, calendar=Calendar.RATING)


@pytest.mark.rule("DP-06")
def test_promotions_are_blocked_while_the_score_is_below_75() -> None:
    store = make_store(mode="governed")
    scored(store, ["75.0000000000", "74.9999999999", "stale", "62.0000000000"])
    first = DAY + ONE_DAY
    assert history(store, "promotion_block") == [(f"shs {first}", night(first, Calendar.RATING), None, "")]
    publish(store, DAY + 4 * ONE_DAY, {"shs": {"level": "ok", "value": "75.0000000000"}})
    close(DAY + 4 * ONE_DAY, calendar=Calendar.RATING)
    assert [row[2:] for row in history(store, "promotion_block")] == [
        (night(DAY + 4 * ONE_DAY, Calendar.RATING), "met")
    ]


@pytest.mark.rule("DP-06")
def test_a_score_below_60_opens_one_case_per_spell() -> None:
    store, mirrored = make_store(mode="governed"), make_store("M1", mode="mirrored")
    for one in (store, mirrored):
        scored(one, ["59.9900000000", "50.0000000000", "60.0000000000", "59.0000000000"])
    deliver()
    cases = RiskCase.objects.order_by("opened_at").values_list("store__store_no", "kind", "dedupe", "opened_at")
    days = (DAY, DAY + 3 * ONE_DAY)
    assert list(cases) == [(store.store_no, "shs_review", str(day), night(day, Calendar.RATING)) for day in days]


@pytest.mark.sqlite_only
@pytest.mark.rule("TM-10")
@pytest.mark.parametrize("code", ["slow_fulfilment", "sla_dispute_rate", "positive_rate"])
def test_each_hard_threshold_warns_until_the_metric_is_back(code: str) -> None:
    store = make_store(mode="governed")
    for place, level in enumerate(["yellow", "red", "few", "red", "yellow"]):
        publish(store, DAY + place * ONE_DAY, {code: level})
        close(DAY + place * ONE_DAY)
    first, last = DAY + ONE_DAY, DAY + 4 * ONE_DAY
    assert history(store, "warning") == [(f"{code} {first}", night(first), night(last), "met")]
