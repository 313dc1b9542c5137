"""Freezes of the published rating over several nights (SR-06, MX-08, MX-09, DM-11a)."""

import threading
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from core.models import Event
from core.timebase import rating_day_end
from metrics.catalogue import Calendar
from metrics.models import Published, RatingAnomalyCase, RatingFreeze
from metrics.services import publish as publishing
from metrics.services.freezing import PredictedFreezeError, end_freeze, hold_ratings
from notifications.models import Notice
from stores.models import Company, Feed, Store, User
from tests.metrics.freezes import DAY, ONE_DAY, add_day, freezes, make_store, night, ratings
from tests.stores.people import make_staff

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
BURST = {"reviews": 125, "stars": 375, "negative": 2}


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def reviewer() -> User:
    return make_staff("reviewer", "reviewer")


def frozen_on_second_day(store: Store) -> RatingFreeze:
    night(DAY - ONE_DAY)
    add_day(store, DAY, **BURST)
    night(DAY)
    return RatingFreeze.objects.select_related("store").get(store=store)


@pytest.mark.rule("SR-06")
def test_published_rating_stays_while_the_computed_one_moves(store: Store) -> None:
    frozen_on_second_day(store)
    add_day(store, DAY + ONE_DAY, reviews=100, stars=500)
    night(DAY + ONE_DAY)
    assert ratings(store) == [
        ("03-09", "4.8000", "4.8000", False),
        ("03-10", "3.8000", "4.8000", True),
        ("03-11", "4.1692", "4.8000", True),
    ]
    assert freezes(store) == [("03-10", "", False, ["negative"])]


@pytest.mark.sqlite_only
@pytest.mark.rule("SR-06")
def test_freeze_keeps_its_numbers_and_opens_a_case_for_operations(store: Store) -> None:
    freeze = frozen_on_second_day(store)
    causes = [
        {"kind": "negative", "part": 2, "whole": 125, "line": "0.008", "first": "2026-03-10", "last": "2026-03-10"}
    ]
    assert (freeze.causes, freeze.opened_at, str(freeze.held)) == (causes, rating_day_end(DAY), "4.8000000000")
    case = RatingAnomalyCase.objects.get()
    assert (case.store, case.kind, case.state, case.freeze) == (store, "rating_anomaly", "open", freeze)
    assert case.details == {"day": "2026-03-10", "causes": causes, "policy_version": 1}
    event = Event.objects.get(kind="rating.frozen")
    assert (event.subject_key, event.actor, event.cause, event.store_no) == ("S1/2026-03-10", "system", "SR-06", "S1")


@pytest.mark.sqlite_only
@pytest.mark.rule("SR-06", "MX-08")
def test_scorecard_and_notices_use_the_computed_rating(store: Store) -> None:
    frozen_on_second_day(store)
    result = Published.objects.get(store=store, day=DAY).scorecard["dsr"]
    assert (result["value"], result["published"], result["level"]) == ("3.8000000000", "4.8000000000", "red")
    assert list(Notice.objects.values_list("metric", "level")) == [("dsr", "red")]


@pytest.mark.sqlite_only
@pytest.mark.rule("SR-06", "MX-05")
def test_day_exactly_at_the_line_freezes_nothing(store: Store) -> None:
    night(DAY - ONE_DAY)
    add_day(store, DAY, reviews=125, stars=500, negative=1, due=50, late=6)
    night(DAY)
    assert (freezes(store), RatingAnomalyCase.objects.count()) == ([], 0)


@pytest.mark.rule("SR-06")
def test_late_parcels_of_three_days_freeze(store: Store) -> None:
    night(DAY - ONE_DAY)
    for back, late in ((2, 3), (1, 2), (0, 2)):
        day = DAY + (2 - back) * ONE_DAY
        add_day(store, day, due=20, late=late)
        night(day)
    # 3 of 20 are sufficient by themselves: the first day froze it already.
    assert freezes(store) == [("03-10", "", False, ["delay"])]


@pytest.mark.rule("SR-06", "MX-03", "RL-03")
def test_night_run_again_changes_nothing(store: Store) -> None:
    frozen_on_second_day(store)
    before = (ratings(store), freezes(store), Event.objects.count())
    night(DAY, late_by=timedelta(hours=3))
    assert (ratings(store), freezes(store), Event.objects.count()) == before


@pytest.mark.sqlite_only
@pytest.mark.rule("SR-06", "MX-09")
def test_late_data_of_a_published_day_freezes_nothing(store: Store) -> None:
    night(DAY - ONE_DAY)
    night(DAY)
    add_day(store, DAY, **BURST)
    night(DAY, late_by=timedelta(hours=2))
    assert freezes(store) == []


@pytest.mark.rule("SR-06", "RL-03")
def test_night_killed_while_freezing_leaves_neither_day_nor_freeze(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    night(DAY - ONE_DAY)
    add_day(store, DAY, **BURST)

    def die(**given: Any) -> None:
        hold_ratings(**given)
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "hold_ratings", die)
        with pytest.raises(KilledError):
            night(DAY)
    assert (freezes(store), RatingAnomalyCase.objects.count(), len(ratings(store))) == ([], 0, 1)
    night(DAY, late_by=timedelta(minutes=20))
    assert freezes(store) == [("03-10", "", False, ["negative"])]
    assert ratings(store)[-1] == ("03-10", "3.8000", "4.8000", True)


@pytest.mark.rule("SR-06", "RL-04")
@pytest.mark.django_db(transaction=True)
def test_runs_at_once_freeze_once() -> None:
    company = Company.objects.create(company_no="C", name="C")
    stores = [make_store(f"S{place}", company=company) for place in range(6)]
    night(DAY - ONE_DAY)
    for store in stores:
        add_day(store, DAY, **BURST)
    start_line, added = threading.Barrier(3), []

    def work() -> None:
        start_line.wait()
        try:
            added.append(publishing.publish_day(day=DAY, calendar=Calendar.RATING, at=rating_day_end(DAY)))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert sum(added) == RatingFreeze.objects.count() == RatingAnomalyCase.objects.count() == 6
    assert all(ratings(store)[-1] == ("03-10", "3.8000", "4.8000", True) for store in stores)
    assert Event.objects.filter(kind="rating.frozen").count() == 6


@pytest.mark.rule("SR-06", "MX-09")
@pytest.mark.parametrize(("seconds", "found"), [(0, 1), (1, 0)])
def test_backfilled_day_freezes_nothing(store: Store, seconds: int, found: int) -> None:
    night(DAY - ONE_DAY)
    add_day(store, DAY, **BURST)
    night(DAY, late_by=timedelta(hours=24, seconds=seconds))
    assert len(freezes(store)) == found


@pytest.mark.sqlite_only
@pytest.mark.rule("SR-06", "MX-09")
def test_day_published_late_stays_in_a_freeze_that_goes_on(store: Store) -> None:
    frozen_on_second_day(store)
    night(DAY + ONE_DAY, late_by=timedelta(days=5))
    assert ratings(store)[-1] == ("03-11", "3.8000", "4.8000", True)


@pytest.mark.sqlite_only
@pytest.mark.rule("SR-06", "MX-07")
def test_day_that_is_not_known_to_its_end_freezes_nothing(store: Store) -> None:
    night(DAY - ONE_DAY)
    add_day(store, DAY, **BURST, due=50, late=7)
    Feed.objects.filter(store=store, kind="reviews").update(known_until=rating_day_end(DAY) - timedelta(seconds=1))
    night(DAY)
    assert freezes(store) == [("03-10", "", False, ["delay"])]


@pytest.mark.sqlite_only
@pytest.mark.rule("SR-15")
def test_store_of_a_type_without_rating_is_not_frozen() -> None:
    store = make_store(store_type="trial")
    add_day(store, DAY, **BURST)
    night(DAY)
    assert freezes(store) == []


@pytest.mark.sqlite_only
@pytest.mark.rule("SR-06")
def test_first_rating_of_all_is_published_and_stays(store: Store) -> None:
    add_day(store, DAY, **BURST)
    night(DAY)
    add_day(store, DAY + ONE_DAY, reviews=100, stars=500)
    night(DAY + ONE_DAY)
    assert [row[1:] for row in ratings(store)] == [("3.8000", "3.8000", True), ("4.1692", "3.8000", True)]


# ── the end ──


@pytest.mark.sqlite_only
@pytest.mark.rule("SR-06", "DM-33")
def test_reviewer_ends_it_and_the_next_day_follows_the_computed_rating(store: Store, reviewer: User) -> None:
    freeze = frozen_on_second_day(store)
    night(DAY + ONE_DAY)
    at = rating_day_end(DAY + ONE_DAY) + timedelta(hours=5)
    assert end_freeze(freeze=freeze, reason=" a competitor's campaign ", user=reviewer, at=at)
    assert not end_freeze(freeze=freeze, reason="again", user=reviewer, at=at)
    add_day(store, DAY + 2 * ONE_DAY, reviews=1, stars=5)
    night(DAY + 2 * ONE_DAY)
    assert [row[2:] for row in ratings(store)[1:]] == [("4.8000", True), ("4.8000", True), ("3.8053", False)]
    freeze.refresh_from_db()
    assert (freeze.end_day, freeze.ended_at, freeze.ended_by, freeze.reason) == (
        DAY + ONE_DAY, at, reviewer, "a competitor's campaign",
    )  # fmt: skip
    case = RatingAnomalyCase.objects.get()
    assert (case.state, case.closed_by, case.closed_at, case.reason) == (
        "closed", reviewer, at, "a competitor's campaign",
    )  # fmt: skip
    event = Event.objects.get(kind="rating.unfrozen")
    assert (event.actor, event.after, event.cause) == (f"person:{reviewer.pk}", {"end_day": "2026-03-11"}, "SR-06")


@pytest.mark.sqlite_only
@pytest.mark.rule("SR-06")
def test_days_that_a_reviewer_has_looked_at_freeze_no_more(store: Store, reviewer: User) -> None:
    night(DAY - ONE_DAY)
    add_day(store, DAY, due=50, late=20)
    at = night(DAY)
    end_freeze(freeze=RatingFreeze.objects.get(), reason="storm", user=reviewer, at=at)
    add_day(store, DAY + ONE_DAY, due=50, late=6)
    night(DAY + ONE_DAY)
    assert freezes(store) == [("03-10", "03-10", False, ["delay"])]
    add_day(store, DAY + 2 * ONE_DAY, due=50, late=7)
    night(DAY + 2 * ONE_DAY)
    assert freezes(store)[1:] == [("03-12", "", False, ["delay"])]


@pytest.mark.sqlite_only
def test_freeze_needs_a_reason_to_end(store: Store, reviewer: User) -> None:
    freeze = frozen_on_second_day(store)
    with pytest.raises(ValueError, match="reason"):
        end_freeze(freeze=freeze, reason="  ", user=reviewer, at=freeze.opened_at)


# ── mirrored stores ──


@pytest.mark.sqlite_only
@pytest.mark.rule("SR-06", "DM-11a")
def test_freeze_of_a_mirrored_store_is_predicted_and_holds_nothing_back(reviewer: User) -> None:
    store = make_store(mode="mirrored")
    freeze = frozen_on_second_day(store)
    assert freezes(store) == [("03-10", "", True, ["negative"])]
    assert ratings(store)[-1] == ("03-10", "3.8000", "3.8000", False)
    assert not RatingAnomalyCase.objects.exists()
    assert Event.objects.filter(kind="rating.freeze_predicted").count() == 1
    with pytest.raises(PredictedFreezeError):
        end_freeze(freeze=freeze, reason="no", user=reviewer, at=freeze.opened_at)


@pytest.mark.sqlite_only
@pytest.mark.rule("SR-06", "DM-11a")
def test_prediction_ends_by_itself_after_the_expected_recovery() -> None:
    store = make_store(mode="mirrored")
    frozen_on_second_day(store)
    for later in range(1, 10):
        night(DAY + later * ONE_DAY)
    # Expected until Thursday 19 March, 24:00 in Shanghai, which lies in the rating day of that date.
    assert freezes(store) == [("03-10", "03-18", True, ["negative"])]


# ── export ──


@pytest.mark.rule("SR-06", "IX-13", "SR-05")
def test_export_carries_both_ratings_and_the_tier_of_the_published_one(store: Store, tmp_path: Path) -> None:
    frozen_on_second_day(store)
    path = tmp_path / "ratings.csv"
    days = {"first": DAY - ONE_DAY, "last": DAY}
    call_command("export", "ratings", out=path, store=["S1"], **days, stdout=StringIO())
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    names, *rows = [line.split(",") for line in lines]
    wanted = [names.index(name) for name in ("day", "rating", "published_rating", "frozen", "tier")]
    assert [[row[place] for place in wanted] for row in rows] == [
        ["2026-03-09", "4.8000000000", "4.8000000000", "false", "outstanding"],
        ["2026-03-10", "3.8000000000", "4.8000000000", "true", "outstanding"],
    ]
