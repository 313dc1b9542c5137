"""The guard against misjudgement: numbers, silences, absolute claims (DP-14)."""

from datetime import timedelta

import pytest

from disputes.queries.guard import guard_of
from disputes.rules.guard import Silence, absolute_claims, lasts_longer, longest_silence
from orders.models import Order, OrderLine
from rulebook.queries import policy_at
from stores.models import Listing, Store
from tests.orders.build import DAY, HOUR, NOW, make_order, scan
from tests.stores.people import make_store

pytestmark = pytest.mark.rule("DP-14")
LIMIT, SECOND = timedelta(hours=72), timedelta(seconds=1)


@pytest.mark.parametrize(("span", "expected"), [(LIMIT - SECOND, False), (LIMIT, False), (LIMIT + SECOND, True)])
def test_a_trace_is_silent_after_the_whole_time(span: timedelta, expected: bool) -> None:
    assert lasts_longer(longest_silence(NOW - span, [], None, NOW), LIMIT, NOW) is expected
    assert lasts_longer(longest_silence(NOW - 9 * DAY, [NOW - 9 * DAY, NOW - span], NOW, NOW), LIMIT, NOW) is True


def test_the_longest_silence_lies_between_dispatch_and_the_end() -> None:
    scans = [NOW - 9 * DAY, NOW - 5 * DAY, NOW - 4 * DAY]
    assert longest_silence(NOW - 10 * DAY, scans, NOW - 3 * DAY, NOW) == Silence(NOW - 9 * DAY, NOW - 5 * DAY)
    assert longest_silence(NOW - 10 * DAY, [NOW - 9 * DAY], None, NOW) == Silence(NOW - 9 * DAY, None)
    assert longest_silence(None, [], None, NOW) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Dress that NEVER  fades, with a lifetime warranty", ["never fades", "lifetime warranty"]),
        ("永不褪色的连衣裙", ["永不褪色"]),
        ("Forever fades; a nevertheless fine dress", []),
    ],
)
def test_absolute_claims_of_any_language_are_found_as_whole_words(text: str, found: list[str]) -> None:
    words = {"en": ("never fades", "lifetime warranty", "never"), "zh": ("永不褪色",)}
    assert [claim for claim in absolute_claims(text, words) if claim != "never"] == found


def test_the_shipped_list_has_the_claims_of_the_rule(db: None) -> None:
    text = "Never fades, lifetime warranty, 永不褪色, 终身保修"
    assert len(absolute_claims(text, policy_at(NOW).words.absolute_claims)) >= 4


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


def risks(order: Order) -> list[tuple[str, str]]:
    return [(finding.risk, finding.subject) for finding in guard_of(order, NOW)]


def shipped(store: Store, number: str, buyer: str) -> Order:
    order = make_order(store, paid_at=NOW - 6 * DAY, shipped_at=NOW - 5 * DAY, tracking_no=number, buyer_ref=buyer)
    OrderLine.objects.create(store=store, order=order, line_no=1, sku="A1")
    scan(order, NOW - HOUR)
    return order


def test_an_order_is_warned_of_numbers_silences_and_claims(store: Store) -> None:
    Listing.objects.create(store=store, sku="A1", title="Never fades", description="")
    order, other = shipped(store, "RB123456786CN", "B1"), shipped(store, "RB123456786CN", "B2")
    order.refresh_from_db()
    found = guard_of(order, NOW)
    assert [(one.risk, one.subject) for one in found] == [
        ("number_reused", "RB123456786CN"),
        ("number_malformed", "RB123456786CN"),
        ("trace_silent", "RB123456786CN"),
        ("absolute_claim", "A1"),
    ]
    assert found[0].params == {"order": other.order_no}


def test_a_sound_order_has_no_findings(store: Store) -> None:
    order = shipped(store, "RB123456785CN", "B1")
    for days in range(1, 5):
        scan(order, NOW - days * DAY)
    order.refresh_from_db()
    assert risks(order) == []
    assert risks(make_order(store)) == []
