"""Suspected review manipulation: bursts of linked buyers, reviews right after delivery (PN-35); news of bad ones."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.models import Event
from orders.models import Review, RiskCase
from orders.rules.manipulation import FiveStars, Link, bursts, quick_reviews
from orders.services.manipulation import examine_reviews
from stores.models import Store
from tests.orders.build import DAY, HOUR, NOW, make_order
from tests.stores.people import make_store

SECOND = timedelta(seconds=1)


def five(number: int, at: datetime, **more: Any) -> FiveStars:
    values = {"delivered_at": None, "buyer": "", "network": "", "address": "", **more}
    return FiveStars(f"N{number}", at, **values)


def found(reviews: list[FiveStars]) -> list[tuple[Link, list[str]]]:
    return [
        (burst.link, [one.order_no for one in burst.reviews]) for burst in bursts(reviews, least=3, within=24 * HOUR)
    ]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-35")
def test_a_burst_needs_enough_linked_reviews_within_the_hours() -> None:
    close = [five(number, NOW + number * 12 * HOUR, network="n") for number in range(3)]
    assert found(close) == [(Link.NETWORK, ["N0", "N1", "N2"])]
    assert found([*close[:2], five(2, NOW + 24 * HOUR + SECOND, network="n")]) == []
    assert found([*close[:2], five(2, NOW, network="m")]) == []
    assert found([five(number, NOW) for number in range(3)]) == []
    spelt = [five(number, NOW, address=text) for number, text in enumerate(("Main  St 1", "MAIN ST 1", "main st 1"))]
    assert found(spelt) == [(Link.ADDRESS, ["N0", "N1", "N2"])]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-35")
def test_a_review_is_quick_up_to_the_last_second() -> None:
    within = timedelta(minutes=10)
    reviews = [five(number, NOW + after, delivered_at=NOW) for number, after in enumerate((within, within + SECOND))]
    reviews += [five(2, NOW - SECOND, delivered_at=NOW), five(3, NOW)]
    assert [one.order_no for one in quick_reviews(reviews, within=within)] == ["N0"]


@pytest.fixture
def store(db: None) -> Store:
    return make_store(mode="governed")


def reviewed(store: Store, at: datetime, stars: int = 5, **more: Any) -> Review:
    order = make_order(store, created_at=at - 9 * DAY, **more)
    return Review.objects.create(store=store, order=order, created_at=at, described=stars)


@pytest.mark.rule("PN-35")
def test_linked_buyers_open_one_case_however_their_reviews_arrive(store: Store) -> None:
    first = [reviewed(store, NOW - number * HOUR, buyer_ip_hash="same") for number in range(4)]
    reviewed(store, NOW, buyer_ip_hash="other")
    assert examine_reviews(at=NOW) == 5
    assert not RiskCase.objects.exists()
    reviewed(store, NOW - 9 * HOUR, buyer_ip_hash="same")
    assert (examine_reviews(at=NOW), examine_reviews(at=NOW)) == (1, 0)
    case = RiskCase.objects.get()
    assert (case.kind, case.store, case.opened_at, case.state) == ("review_manipulation", store, NOW, "open")
    assert (case.facts["cause"], case.facts["link"], case.facts["count"]) == ("burst", "network", 5)
    assert "same" not in str(case.facts)
    # The rating's rows stay as they are, and looking again opens nothing new.
    Review.objects.update(examined=False)
    assert (examine_reviews(at=NOW), examine_reviews(at=NOW)) == (6, 0)
    assert RiskCase.objects.count() == 1
    assert Review.objects.get(pk=first[0].pk).described == 5


@pytest.mark.rule("PN-35")
def test_a_review_minutes_after_delivery_opens_a_case_of_its_order(store: Store) -> None:
    quick = reviewed(store, NOW, delivered_given=NOW - timedelta(minutes=10))
    reviewed(store, NOW, delivered_given=NOW - timedelta(minutes=11))
    reviewed(store, NOW, 4, delivered_given=NOW)
    old = NOW - 91 * DAY
    reviewed(store, old, delivered_given=old)
    examine_reviews(at=NOW)
    case = RiskCase.objects.get()
    assert (case.facts["cause"], case.subject_key) == ("quick", quick.order.order_no)


@pytest.mark.rule("PN-35")
def test_stores_are_judged_apart(store: Store) -> None:
    other = make_store("S2")
    for number in range(4):
        reviewed(store, NOW - number * HOUR, buyer_ref="B1")
    reviewed(other, NOW, buyer_ref="B1")
    while examine_reviews(at=NOW):
        pass
    assert not RiskCase.objects.exists()


@pytest.mark.rule("AF-07")
def test_fresh_negative_reviews_are_news_once_and_old_ones_none(store: Store) -> None:
    auto = reviewed(store, NOW - HOUR, 2)
    Review.objects.create(store=store, order=auto.order, kind="auto", created_at=NOW - DAY)
    for stars, at in ((1, NOW - 72 * HOUR), (3, NOW), (1, NOW - 72 * HOUR - SECOND)):
        reviewed(store, at, stars)
    examine_reviews(at=NOW)
    examine_reviews(at=NOW)
    event = Event.objects.get(kind="review.negative")
    assert (event.after["count"], event.after["replaced"], len(event.after["orders"])) == (2, 1, 2)
    assert event.company_no == store.company.company_no
