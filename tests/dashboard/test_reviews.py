"""The reviews desk: negative ones first, what became of reviews, replies, appeals and figures (PG-09)."""

import re
from fractions import Fraction
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from metrics.models import Published
from orders.models import Review
from orders.queries.feedback_figures import ReplyTimes, ReviewDelay, reply_times, review_delays
from stores.models import Store
from tests.orders.build import DAY, HOUR, NOW, make_order, scan
from tests.orders.test_manipulation import reviewed
from tests.orders.test_messages import say, thread_of
from tests.stores.people import client_of, make_person, make_store


@pytest.fixture
def store(db: None) -> Store:
    return make_store(mode="governed")


@pytest.fixture
def seller(store: Store) -> Client:
    client = client_of(make_person("seller", store.company, "manager"))
    client.cookies["language"] = "en"
    return client


def page(client: Client, query: str = "") -> str:
    with time_machine.travel(NOW, tick=False):
        answer = client.get(f"/stores/S1/reviews/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def numbers(html: str) -> list[str]:
    return re.findall(r'/orders/(R-\w+)/">', html)


def by_system(review: Review, **more: Any) -> Review:
    values = {"kind": "auto", "created_at": review.created_at - DAY, **more}
    return Review.objects.create(store=review.store, order=review.order, **values)


@pytest.mark.sqlite_only
@pytest.mark.rule("PG-09", "AF-03", "AF-07")
def test_negative_reviews_come_first_and_say_what_became_of_them(store: Store, seller: Client) -> None:
    bad = reviewed(store, NOW - HOUR, 1, order_no="R-1", sku_given="LAMP")
    store.listings.create(sku="LAMP", title="Desk lamp")
    Review.objects.filter(pk=bad.pk).update(shipping=1, communication=4, text="Broken")
    by_system(bad)
    reviewed(store, NOW - 2 * HOUR, 3, order_no="R-2")
    revoked = reviewed(store, NOW - 3 * HOUR, 1, order_no="R-3")
    Review.objects.filter(pk=revoked.pk).update(revoked_at=NOW)
    lonely = make_order(store, order_no="R-4")
    Review.objects.create(store=store, order=lonely, kind="auto", created_at=NOW)
    html = page(seller)
    assert numbers(html) == ["R-1"]
    assert 'Negative <span class="count">1</span>' in html
    for text in ("Desk lamp", "Broken", "stands in place of the review by the system", "Appeal against it"):
        assert text in html
    assert "messages/thread/R-1/?template=shipped%3Adescribed" in html
    assert reverse("appeals:start", args=["S1", "review", "R-1"]) in html
    assert numbers(page(seller, "?part=buyers")) == ["R-1", "R-2", "R-3"]
    system = page(seller, "?part=system")
    assert numbers(system) == ["R-4", "R-1"]
    assert "counts in no rating" in system
    assert "Appeal against it" not in system
    assert "It can't be edited, deleted or appealed." in unescape(system)


@pytest.mark.sqlite_only
@pytest.mark.rule("PG-09")
def test_filters_are_in_the_address(store: Store, seller: Client) -> None:
    for number, (stars, sku, days) in enumerate(((1, "A", 0), (2, "A", 3), (1, "B", 9))):
        review = reviewed(store, NOW - days * DAY, stars, order_no=f"R-{number}", sku_given=sku)
        Review.objects.filter(pk=review.pk).update(shipping=5 - number)
    assert numbers(page(seller, "?stars=1&dimension=described")) == ["R-0", "R-2"]
    assert numbers(page(seller, "?stars=4")) == ["R-1"]
    assert numbers(page(seller, "?sku=A")) == ["R-0", "R-1"]
    assert numbers(page(seller, "?first=2026-11-12&last=2026-11-17")) == ["R-1"]
    assert numbers(page(seller, "?stars=9&first=never")) == ["R-0", "R-1", "R-2"]
    assert "No negative reviews" in page(seller, "?sku=C")


@pytest.mark.rule("AF-13", "AF-15")
def test_figures_are_means_of_the_latest_rows(store: Store) -> None:
    for number, (carrier, days) in enumerate((("slow", 11), ("slow", 12), ("fast", 1))):
        delivered = NOW - 20 * DAY
        order = make_order(store, order_no=f"R-{number}", carrier=carrier, delivered_given=delivered)
        Review.objects.create(store=store, order=order, kind="auto", created_at=delivered + days * DAY)
    assert review_delays(store.pk) == {"slow": ReviewDelay(2, Fraction(23, 2)), "fast": ReviewDelay(1, Fraction(1))}
    for hours, language in ((2, "ru"), (3, "ru"), (1, "zh")):
        order = make_order(store, site="RU")
        say(order, NOW - 9 * HOUR)
        say(order, NOW - (9 - hours) * HOUR, sender="seller", language=language)
        thread_of(order)
    assert reply_times(store.pk, 2) == ReplyTimes(2, 1)


@pytest.mark.sqlite_only
@pytest.mark.rule("AF-13", "AF-15", "PG-09")
def test_targets_stand_beside_present_values(store: Store, seller: Client) -> None:
    scorecard = {code: {"value": "0.5"} for code in ("auto_review_share", "text_review_rate")}
    scorecard["trace_complete"] = {"value": "0.9903"}
    day = (NOW - DAY).date()
    Published.objects.create(
        store=store, day=day, calendar="performance", policy_version=1, computed_at=NOW, scorecard=scorecard
    )
    for _ in range(10):
        order = make_order(store, carrier="snail", shipped_at=NOW - 9 * DAY)
        for hours in range(0, 200, 40):
            scan(order, NOW - (205 - hours) * HOUR)
    html = " ".join(re.sub(r"<[^>]+>", " ", page(seller)).split())
    for text in ("50.00 %", "99.03 %", "target at least 99.2 %", "snail", "40.0", "scans too seldom"):
        assert text in html
