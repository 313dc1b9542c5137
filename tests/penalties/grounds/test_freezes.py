"""The search bonus is suspended while the rating is frozen (SR-06)."""

from datetime import datetime, timedelta

import pytest

from metrics.models import Fact, RatingAnomalyCase, RatingFreeze
from metrics.services.freezing import end_freeze, end_groundless_freezes
from stores.models import Store
from stores.roles import REVIEWER
from tests.metrics.freezes import DAY, ONE_DAY, add_day, make_store, night
from tests.outbox import deliver
from tests.penalties.nights import history
from tests.stores.people import make_staff

pytestmark = [pytest.mark.rule("SR-06"), pytest.mark.django_db]


def frozen(store: Store) -> datetime:
    night(DAY - ONE_DAY)
    add_day(store, DAY, reviews=125, stars=375, negative=2)
    return night(DAY)


def test_the_bonus_is_back_when_a_reviewer_ends_the_freeze() -> None:
    store = make_store()
    begun = frozen(store)
    assert history(store, "search_bonus_suspended") == [(str(DAY), begun, None, "")]
    assert RatingAnomalyCase.objects.filter(store=store, state="open").count() == 1
    at = begun + timedelta(hours=30)
    end_freeze(
        freeze=RatingFreeze.objects.get(store=store),
        reason="A flash sale.",
        user=make_staff("reviewer", REVIEWER, factor=False),
        at=at,
    )
    deliver()
    assert history(store, "search_bonus_suspended") == [(str(DAY), begun, at, "met")]


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-03")
def test_a_freeze_without_ground_lifts_it() -> None:
    store = make_store()
    begun = frozen(store)
    Fact.objects.filter(store=store, day=DAY).update(u_negative=0)
    at = begun + timedelta(hours=30)
    end_groundless_freezes(store=store, reason="AP1", at=at)
    deliver()
    assert history(store, "search_bonus_suspended") == [(str(DAY), begun, at, "lifted")]
