"""Fake dispatch: what a trace says against itself, as a rule, as a flag and as a case (TM-07)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.models import Order, RiskCase
from orders.queries.flags import Scope
from orders.queries.flags.fakes import suspected
from orders.rules.fake_dispatch import Cause, DispatchedParcel, RoutedScan, fake_dispatch
from orders.rules.places import country_of
from orders.services.fakes import open_fake_dispatch_cases
from stores.models import Store
from tests.orders.build import DAY, HOUR, NOW, derive, make_order, make_traced_store, scan

pytestmark = pytest.mark.rule("TM-07")
WAIT, SECOND = 5 * DAY, timedelta(seconds=1)
SHIPPED = NOW - 6 * DAY


def causes(*scans: RoutedScan, at: datetime = NOW, **more: Any) -> list[Cause]:
    parcel = DispatchedParcel(SHIPPED, scans, "BR", **more)
    return [one.cause for one in fake_dispatch(parcel, wait=WAIT, at=at)]


def test_missing_pickup_is_suspicious_only_after_the_last_second() -> None:
    label = RoutedScan(SHIPPED, "label")
    assert causes(label, at=SHIPPED + WAIT - SECOND) == causes(label, at=SHIPPED + WAIT) == []
    assert causes(label, at=SHIPPED + WAIT + SECOND) == [Cause.NO_PICKUP]
    assert causes(RoutedScan(NOW - HOUR, "transit")) == []


def test_trace_that_contradicts_itself() -> None:
    pickup, delivered = RoutedScan(NOW - 2 * HOUR, "pickup"), RoutedScan(NOW - 3 * HOUR, "delivered", "BR")
    assert causes(pickup, delivered) == [Cause.DELIVERED_BEFORE_PICKUP]
    assert causes(pickup, RoutedScan(NOW - HOUR, "delivered", "FR")) == [Cause.OFF_ROUTE]
    assert causes(pickup, RoutedScan(NOW - HOUR, "transit", "NL")) == []
    assert causes(pickup, RoutedScan(NOW - HOUR, "delivered")) == []


def test_number_that_was_delivered_before_the_dispatch() -> None:
    pickup = RoutedScan(SHIPPED + HOUR, "pickup")
    assert causes(pickup, delivered_elsewhere=[("S2/1", SHIPPED)]) == []
    assert causes(pickup, delivered_elsewhere=[("S2/1", SHIPPED - SECOND)]) == [Cause.NUMBER_USED]


KINDS = st.sampled_from(["label", "pickup", "transit", "customs", "out_for_delivery", "delivered", "returned"])
SCANS = st.lists(
    st.builds(
        RoutedScan,
        st.integers(0, 400).map(lambda hours: SHIPPED + hours * HOUR),
        KINDS,
        st.sampled_from(["", "BR", "CN", "FR"]),
    ),
    max_size=8,
)


@given(SCANS, st.randoms(use_true_random=False), st.integers(0, 400))
def test_rule_depends_on_no_order_and_on_nothing_later(scans: list[RoutedScan], random: Any, hours: int) -> None:
    at = SHIPPED + hours * HOUR
    known = [one for one in scans if one.at <= at]
    mixed = random.sample(scans, len(scans))
    assert causes(*scans, at=at) == causes(*mixed, at=at) == causes(*known, at=at)


@given(SCANS)
def test_in_order_scans_at_home_are_never_suspicious(scans: list[RoutedScan]) -> None:
    honest = [RoutedScan(SHIPPED, "pickup"), *(RoutedScan(one.at + HOUR, one.kind, "BR") for one in scans)]
    assert [one for one in causes(*honest) if one is not Cause.DELIVERED_BEFORE_PICKUP] == []
    assert causes(*(one for one in honest if one.kind != "pickup" or one.at == SHIPPED)) == []


@pytest.mark.parametrize(
    ("place", "country"),
    [("BR", "BR"), ("uk", "GB"), ("Brazil", "BR"), ("巴西", "BR"), ("Belém, PA", ""), ("SZX", ""), ("", "")],
)
def test_only_a_country_alone_is_one(place: str, country: str) -> None:
    assert country_of(place) == country


def shipped(store: Store, **more: Any) -> Order:
    given = {"created_at": SHIPPED, "paid_at": SHIPPED, "shipped_at": SHIPPED, "site": "BR", "tracking_no": "UB1"}
    return make_order(store, **{**given, **more})


@pytest.mark.django_db
def test_each_cause_of_an_order_opens_one_case_and_raises_the_flag() -> None:
    store, mirrored = make_traced_store(mode="governed"), make_traced_store("S2", mode="mirrored")
    silent, reverse, honest = shipped(store), shipped(store, tracking_no="UB2"), shipped(store, tracking_no="UB3")
    for order, kinds in ((reverse, ("delivered", "pickup")), (honest, ("pickup", "transit"))):
        for place, kind in enumerate(kinds):
            scan(order, SHIPPED + (1 + place) * HOUR, kind, tracking_no=order.tracking_no, place="BR")
    used = shipped(store, tracking_no="UB3", shipped_at=SHIPPED, created_at=SHIPPED)
    scan(used, SHIPPED + HOUR, "pickup", tracking_no="UB3")
    Order.objects.filter(pk=honest.pk).update(delivered_at=SHIPPED - HOUR, state="success")
    abroad = shipped(mirrored, tracking_no="UB9")
    derive(silent, reverse, used, abroad)
    assert [open_fake_dispatch_cases(at=NOW), open_fake_dispatch_cases(at=NOW + DAY)] == [3, 0]
    found = {(case.subject_key, case.facts["cause"], case.facts["detail"]) for case in RiskCase.objects.all()}
    assert found == {
        (silent.order_no, "no_pickup", ""),
        (reverse.order_no, "delivered_before_pickup", ""),
        (used.order_no, "number_used", f"S1/{honest.order_no}"),
    }
    flagged = {one.order_id: one.since for one in suspected(Scope((store.pk, mirrored.pk)), NOW)}
    assert flagged == {
        silent.pk: SHIPPED + WAIT,
        reverse.pk: SHIPPED + HOUR,
        used.pk: SHIPPED - HOUR,
        abroad.pk: SHIPPED + WAIT,
    }
