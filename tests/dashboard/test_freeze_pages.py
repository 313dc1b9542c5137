"""Freezes, silent metrics and baselines on the pages (SR-06, PN-21, PN-22, PG-03 … PG-05)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from core.timebase import rating_day_end
from metrics.models import Fact, RatingFreeze
from metrics.services.freezing import end_freeze
from metrics.services.night import run_night
from stores.models import Store
from tests.dashboard.test_pages import page_of, words_of
from tests.metrics.freezes import DAY, ONE_DAY, add_day, make_store, night
from tests.stores.people import client_of, make_person, make_staff

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(rating_day_end(DAY) + timedelta(hours=4), tick=False):
        yield


def freeze(store: Store) -> RatingFreeze:
    night(DAY - ONE_DAY)
    add_day(store, DAY, reviews=125, stars=375, negative=2, due=50, late=7)
    night(DAY)
    return RatingFreeze.objects.select_related("store").get(store=store)


def browser_of(store: Store) -> Client:
    client = client_of(make_person(f"owner-{store.store_no}", store.company))
    client.cookies["language"] = "en"
    return client


@pytest.mark.rule("SR-06", "PG-03", "PG-05")
@pytest.mark.parametrize("page", ["panel", "rating"])
def test_banner_says_since_when_why_what_holds_and_until_when(page: str) -> None:
    store = make_store()
    freeze(store)
    text = words_of(page_of(browser_of(store), f"dashboard:{page}", "S1"))
    assert "Rating frozen since 2026-03-10" in text
    assert "Negative reviews on 2026-03-10: 2 of 125, that is 1.60 %; 0.8 % is allowed." in text
    assert "Late deliveries 2026-03-08 … 2026-03-10: 7 of 50, that is 14.00 %; 12 % is allowed." in text
    assert "the published rating stays at 4.80, with its tier and badge" in text
    assert "the bonus in search is suspended" in text
    assert "This takes 5.3 working days on average: expected until 2026-03-19." in text


@pytest.mark.rule("SR-05", "SR-06")
def test_scale_and_badge_go_by_the_published_rating_beside_the_computed_one() -> None:
    store = make_store()
    freeze(store)
    text = words_of(page_of(browser_of(store), "dashboard:rating", "S1"))
    assert "4.80 outstanding" in text
    assert "0.10 above the loss of outstanding" in text
    assert "Top Rated Seller" in text
    assert "computed: 3.80. Tier and badge go by the published rating" in text


@pytest.mark.rule("SR-06", "PG-02")
def test_list_of_stores_shows_the_held_rating() -> None:
    store = make_store()
    freeze(store)
    run_night(day=DAY, at=rating_day_end(DAY))
    text = words_of(page_of(browser_of(store), "dashboard:stores"))
    assert "4.80 outstanding frozen" in text
    assert "red Store rating 3.80" in text


@pytest.mark.rule("SR-06", "DM-11a")
def test_prediction_is_marked_and_holds_nothing_back() -> None:
    store = make_store(mode="mirrored")
    freeze(store)
    text = words_of(page_of(browser_of(store), "dashboard:panel", "S1"))
    assert "Rating freeze predicted since 2026-03-10" in text
    assert "Expect the platform to freeze the rating" in text
    assert "3.80 warning" in text
    assert "computed: 3.80" not in text


@pytest.mark.rule("SR-06")
def test_page_of_a_day_in_an_ended_freeze_says_why_it_ended() -> None:
    store = make_store()
    found = freeze(store)
    at = rating_day_end(DAY) + timedelta(hours=3)
    end_freeze(freeze=found, reason="Reviews of one buyer", user=make_staff("reviewer", "reviewer"), at=at)
    client = browser_of(store)
    text = words_of(page_of(client, "dashboard:rating", "S1"))
    assert "Rating frozen from 2026-03-10 to 2026-03-10" in text
    assert "Ended by a reviewer: Reviews of one buyer" in text
    night(DAY + ONE_DAY)
    with time_machine.travel(rating_day_end(DAY + ONE_DAY) + timedelta(hours=4), tick=False):
        later = words_of(page_of(client, "dashboard:rating", "S1"))
    assert "Rating frozen from" not in later
    assert "3.80 warning" in later


@pytest.mark.rule("SR-06", "PG-05")
@pytest.mark.parametrize("page", [("dashboard:rating", "S1"), ("dashboard:metric", "S1", "dsr")])
def test_pages_list_past_freezes_with_figures_and_who_ended_them_why(page: tuple[str, ...]) -> None:
    store = make_store()
    at = rating_day_end(DAY) + timedelta(hours=3)
    found, browser = freeze(store), browser_of(store)
    assert "Freezes so far 2026-03-10 …" in freezes_of(browser, page)
    reviewer = make_staff("reviewer", "reviewer")
    end_freeze(freeze=found, reason="Reviews of one buyer", user=reviewer, at=at)
    text = freezes_of(browser, page)
    assert "2026-03-10 … 2026-03-10" in text
    assert "Negative reviews on 2026-03-10: 2 of 125, that is 1.60 %; 0.8 % is allowed." in text
    assert "Late deliveries 2026-03-08 … 2026-03-10: 7 of 50, that is 14.00 %; 12 % is allowed. 4.80" in text
    assert "2026-03-11 11:00 (GMT+8) by a reviewer Reviews of one buyer" in text
    assert reviewer.email not in text
    reviewer.name = "Reviewer Lin"
    reviewer.save()
    assert "by Reviewer Lin" in freezes_of(browser, page)


@pytest.mark.rule("SR-06", "DM-11a")
def test_list_of_freezes_marks_predicted_ones_and_leaves_out_later_ones() -> None:
    store = make_store(mode="mirrored")
    freeze(store)
    browser = browser_of(store)
    assert "2026-03-10 … predicted" in freezes_of(browser, ("dashboard:rating", "S1"))
    night(DAY + ONE_DAY)
    earlier = words_of(page_of(browser, "dashboard:rating", "S1", day="2026-03-09"))
    assert "Freezes so far" not in earlier


def freezes_of(browser: Client, page: tuple[str, ...]) -> str:
    """The words of a page from its list of freezes on."""
    text = words_of(page_of(browser, *page))
    return (
        text[text.index("Freezes so far") :]
        .replace("Freeze after an anomaly Freezes of the published rating, newest first ", "")
        .replace("Period Why Held at Ended Reason for ending it ", "")
    )


def test_page_without_freeze_has_no_banner() -> None:
    store = make_store()
    night(DAY - ONE_DAY)
    assert "frozen" not in words_of(page_of(browser_of(store), "dashboard:panel", "S1"))


# ── new stores ──


def young(age: int, *, late: int) -> Client:
    store = make_store(opened_at=rating_day_end(DAY) - timedelta(days=age, hours=12))
    Fact.objects.create(store=store, day=DAY, dispatch_due=100, dispatch_late=late)
    return browser_of(store)


@pytest.mark.rule("PN-21")
@pytest.mark.parametrize(
    ("late", "would"),
    [
        (6, "Late dispatch is 6.00 %: it would give a red notice."),
        (5, "Late dispatch is 5.00 %: it would give a yellow notice."),
        (2, "Late dispatch is 2.00 %: it would trigger nothing."),
    ],
)
def test_silent_metric_shows_what_would_count_and_counts_down(late: int, would: str) -> None:
    client = young(11, late=late)
    for name, args in (("dashboard:panel", ["S1"]), ("dashboard:metric", ["S1", "late_dispatch"])):
        text = words_of(page_of(client, name, *args))
        assert would in text
        assert "New store: day 12 of 30 silent days" in text
        assert "It counts from 2026-03-29, day 31: in 19 days." in text


@pytest.mark.rule("PN-21")
def test_last_silent_day_and_the_first_that_counts() -> None:
    client = young(29, late=6)
    text = words_of(page_of(client, "dashboard:metric", "S1", "late_dispatch"))
    assert "It counts from 2026-03-11, day 31: in 1 day." in text
    Store.objects.update(opened_at=rating_day_end(DAY) - timedelta(days=30, hours=12))
    later = words_of(page_of(client, "dashboard:metric", "S1", "late_dispatch"))
    assert "New store" not in later
    assert "6.00 % red" in later


@pytest.mark.rule("PN-22", "MX-10")
def test_baseline_of_a_new_store_is_named_where_it_acts() -> None:
    client = young(40, late=3)
    company = Store.objects.get().company
    for place in range(2, 7):
        other = make_store(f"S{place}", company=company)
        Fact.objects.create(store=other, day=DAY, dispatch_due=100, dispatch_late=1)
    night(DAY)
    text = words_of(page_of(client, "dashboard:metric", "S1", "late_dispatch"))
    assert "without days in a row: 1.3333 % instead of 4 %." in text
    assert "First ninety days" in text


# ── late runs ──


@pytest.mark.rule("SR-11")
@pytest.mark.parametrize(("hours", "late"), [(2, False), (3, True)])
def test_rating_page_says_when_a_run_is_late(hours: int, late: bool) -> None:
    store = make_store()
    client = browser_of(store)
    with time_machine.travel(rating_day_end(DAY) + timedelta(hours=hours), tick=False):
        text = words_of(page_of(client, "dashboard:rating", "S1"))
        assert ("Not published yet" in text) == late
        night(DAY)
        assert "Not published yet" not in words_of(page_of(client, "dashboard:rating", "S1"))
