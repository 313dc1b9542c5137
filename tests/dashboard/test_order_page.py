"""One order: timeline, data issues, clocks, amounts, what is not shown of the buyer (TM-01, DM-21, RL-08, RL-14)."""

from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.events import record_event
from disputes.models import Dispute
from orders.models import Message, Order, OrderLine, Refund, ReplacedShipment, ReturnParcel, Review, Settlement
from stores.models import Carrier, Listing, Store
from tests.orders.build import DAY, HOUR, NOW, derive, make_order, scan
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture(autouse=True)
def frozen() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def page(store: Store, order: Order, role: str = "owner") -> Any:
    client = client_of(make_person(role, store.company, role))
    client.cookies["language"] = "en"
    response = client.get(reverse("dashboard:order", args=[store.store_no, order.order_no]))
    assert response.status_code == 200
    return response


def full_order(store: Store) -> Order:
    """An order to which everything happened."""
    start = NOW - 20 * DAY
    order = make_order(
        store,
        derived=False,
        created_at=start,
        paid_at=start + HOUR,
        dispatch_confirmed_at=start + 2 * HOUR,
        shipped_at=start + DAY,
        carrier="AE",
        tracking_no="LP2",
        estimated_delivery_at=start + 9 * DAY,
        confirmed_at=start + 11 * DAY,
        confirmed_by="buyer",
        closed_at=start + 19 * DAY,
        buyer_ref="abcdefghijkl",
        ship_address="Calle Secreta 1",
    )
    scan(order, start + DAY + HOUR, "pickup", place="Yiwu")
    scan(order, start + 5 * DAY, "customs")
    scan(order, start + 10 * DAY, "delivered")
    ReplacedShipment.objects.create(store=store, order=order, tracking_no="LP1", carrier="AE", replaced_at=start + DAY)
    Message.objects.create(
        store=store, order=order, message_no="M1", sent_at=start + 2 * DAY, sender="buyer", text="Where?"
    )
    Message.objects.create(
        store=store,
        order=order,
        message_no="M2",
        sent_at=start + 2 * DAY + HOUR,
        sender="seller",
        text="There.",
        automatic=True,
    )
    Review.objects.create(
        store=store, order=order, created_at=start + 12 * DAY, described=2, text="Late", revised_at=start + 13 * DAY
    )
    Dispute.objects.create(
        store=store,
        order=order,
        dispute_no="D1",
        kind="quality",
        opened_at=start + 14 * DAY,
        responded_at=start + 15 * DAY,
        closed_at=start + 16 * DAY,
        state="closed",
        liability="seller",
    )
    Refund.objects.create(
        store=store,
        order=order,
        refund_no="R1",
        requested_at=start + 14 * DAY,
        completed_at=start + 17 * DAY,
        amount_usd=Decimal("5"),
    )
    ReturnParcel.objects.create(
        store=store, order=order, return_no="B1", shipped_back_at=start + 15 * DAY, received_at=start + 17 * DAY
    )
    Settlement.objects.create(
        store=store, order=order, released_at=start + 18 * DAY, amount=Decimal("20"), currency="USD"
    )
    record_event(
        kind="deadline.lapsed",
        subject_kind="order",
        subject_key=order.order_no,
        store_no=store.store_no,
        actor="system",
        at=start + 19 * DAY,
        after={"deadline": "reply"},
    )
    derive(order)
    return order


@pytest.mark.rule("TM-01")
def test_the_timeline_holds_everything_in_order_of_time(store: Store) -> None:
    entries = page(store, full_order(store)).context["entries"]
    assert [entry.title for entry in entries] == [
        "Order created",
        "Paid",
        "Dispatch confirmed by the seller",
        "Shipped",
        "Tracking number replaced",
        "Scan: pickup",
        "Message from the buyer",
        "Message from the store",
        "Planned: shipped by",
        "Abnormal: the trace fell silent",
        "Scan: customs",
        "Abnormal: the trace fell silent",
        "Planned: delivered by",
        "Scan: delivered",
        "Receipt confirmed",
        "Reviewed by the buyer",
        "Review revised",
        "Refund asked for",
        "Dispute opened",
        "Return sent back",
        "Dispute answered",
        "Dispute closed",
        "Refund completed",
        "Return received",
        "Funds released",
        "Closed",
        "Deadline lapsed",
    ]
    assert not any(entry.future for entry in entries)
    texts = {entry.title: entry.text for entry in entries}
    assert texts["Planned: shipped by"] == "kept, 2\xa0d 1\xa0h before"
    assert texts["Planned: delivered by"] == "missed by 1\xa0d"
    assert texts["Reviewed by the buyer"] == "described 2★ — Late"
    assert texts["Deadline lapsed"] == "deadline: reply"


@pytest.mark.rule("TM-03")
def test_a_silence_over_48_hours_is_marked_with_how_long_it_lasted(store: Store) -> None:
    entries = page(store, full_order(store)).context["entries"]
    gaps = [(entry.at - (NOW - 20 * DAY), entry.text) for entry in entries if entry.title.startswith("Abnormal")]
    assert gaps == [
        (3 * DAY + HOUR, "No scan for 2\xa0d. There was no scan for another 1\xa0d 23\xa0h."),
        (7 * DAY, "No scan for 2\xa0d. There was no scan for another 3\xa0d."),
    ]


@pytest.mark.rule("TM-01")
def test_a_promise_that_was_kept_early_is_no_instant_to_come(store: Store) -> None:
    early = {"paid_at": NOW - HOUR, "created_at": NOW - HOUR, "shipped_at": NOW, "estimated_delivery_at": NOW + DAY}
    order = make_order(store, **early)
    planned = [entry for entry in page(store, order).context["entries"] if entry.title.startswith("Planned")]
    assert [(entry.title, entry.at, entry.future) for entry in planned] == [("Planned: delivered by", NOW + DAY, True)]


@pytest.mark.rule("DM-20", "TM-02")
def test_planned_instants_and_clocks_stand_until_they_are_met(store: Store) -> None:
    order = make_order(store, paid_at=NOW - HOUR, created_at=NOW - HOUR, estimated_delivery_at=NOW + 9 * DAY)
    response = page(store, order)
    planned = [(entry.title, entry.at, entry.future) for entry in response.context["entries"] if entry.future]
    assert planned == [
        ("Planned: shipped by", NOW + 71 * HOUR, True),
        ("Planned: delivered by", NOW + 9 * DAY, True),
    ]
    assert [(item.title, item.due) for item in response.context["todo"]] == [
        ("Confirm dispatch", NOW + 3 * HOUR),
        ("Ship the order", NOW + 71 * HOUR),
    ]


@pytest.mark.rule("DM-21")
def test_holds_stand_beside_the_state(store: Store) -> None:
    Store.objects.filter(pk=store.pk).update(kyc_verified=False)
    order = make_order(store, paid_at=NOW - 9 * DAY, shipped_at=NOW - 5 * DAY, is_presale=True)
    Dispute.objects.create(store=store, order=order, dispute_no="D1", kind="not_received", opened_at=NOW)
    response = page(store, order)
    assert [badge.word for badge in response.context["badges"]] == [
        "in dispute",
        "identity or payout account missing",
        "abnormal logistics",
        "data issue",
        "presale",
    ]
    assert [item.title for item in response.context["todo"]] == [
        "Answer dispute D1",
        "Check the parcel with the carrier",
    ]


@pytest.mark.rule("IX-05", "DM-21")
def test_data_issues_say_what_contradicts_and_what_to_check(store: Store) -> None:
    order = make_order(store, paid_at=NOW, shipped_at=NOW - HOUR)
    content = page(store, order).content.decode()
    assert "shipped before it was paid" in content
    assert "Check the dispatch time in the ERP" in content


@pytest.mark.rule("RL-14", "DM-16")
@pytest.mark.parametrize(("role", "sees"), [("owner", True), ("manager", True), ("analyst", False)])
def test_the_buyer_is_a_pseudonym_and_the_address_for_those_who_write(store: Store, role: str, sees: bool) -> None:
    content = page(store, full_order(store), role).content.decode()
    assert "abcdefgh…" in content
    assert "abcdefghi" not in content
    assert ("Calle Secreta 1" in content) == sees


@pytest.mark.rule("DM-16", "IX-05")
def test_amounts_are_in_both_currencies_with_the_rate(store: Store) -> None:
    order = make_order(
        store, total_amount=Decimal("10.5"), currency="EUR", usd_rate=Decimal("1.08"), total_usd=Decimal("11.34")
    )
    content = page(store, order).content.decode()
    for words in ("10.50\xa0EUR", "11.34\xa0USD", "at 1.080000 USD per EUR"):
        assert words in content, words


@pytest.mark.rule("DM-14", "IX-02")
def test_lines_name_their_listings(store: Store) -> None:
    Listing.objects.create(store=store, sku="K1", title="Lamp <b>")
    order = make_order(store)
    OrderLine.objects.create(store=store, order=order, line_no=1, sku="K1", quantity=2, amount=Decimal("9"))
    content = page(store, order).content.decode()
    assert "Lamp &lt;b&gt;" in content
    assert "9.00\xa0USD" in content


@pytest.mark.rule("TM-16", "MX-04")
def test_an_external_order_says_that_it_is_not_counted(store: Store) -> None:
    assert "not counted" in page(store, make_order(store, source="external")).content.decode()


@pytest.mark.rule("RL-08")
def test_unknown_numbers_are_as_missing_as_other_peoples_stores(store: Store) -> None:
    other = make_store("S2")
    theirs = make_order(other, order_no="X1")
    client = client_of(make_person("owner", store.company))
    answers = [
        client.get(reverse("dashboard:order", args=[store.store_no, "X1"])),
        client.get(reverse("dashboard:order", args=[store.store_no, "nothing"])),
        client.get(reverse("dashboard:order", args=[other.store_no, theirs.order_no])),
        client.get(reverse("dashboard:order", args=["nowhere", "X1"])),
        client.get(f"/stores/{store.store_no}/orders/%00/"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers[:2]}) == 1


def test_order_numbers_may_hold_slashes_and_spaces(store: Store) -> None:
    order = make_order(store, order_no="2026/11 A#1")
    assert "2026/11 A#1" in page(store, order).content.decode()


def test_the_timeline_names_the_carrier_and_the_way_of_payment(store: Store) -> None:
    Carrier.objects.get_or_create(code="FASTMAIL", defaults={"name": "Fast Mail"})
    given = {"paid_at": NOW - 9 * DAY, "shipped_at": NOW - 8 * DAY, "carrier": "FASTMAIL", "tracking_no": "F1"}
    order = make_order(store, payment_method="card", **given)
    entries = {entry.title: entry.text for entry in page(store, order).context["entries"]}
    assert (entries["Paid"], entries["Shipped"]) == ("by card", "Fast Mail F1")


def test_a_page_costs_the_same_queries_for_one_row_of_each_and_three(store: Store) -> None:
    client = client_of(make_person("owner", store.company))
    one, three = full_order(store), full_order_thrice(store)
    Order.objects.update(category="apparel", sku="K")

    def cost(order: Order) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("dashboard:order", args=[store.store_no, order.order_no]))
        return len(queries)

    cost(one)
    assert cost(one) == cost(three) <= 62


def full_order_thrice(store: Store) -> Order:
    order = make_order(
        store,
        paid_at=NOW - 9 * DAY,
        shipped_at=NOW - 8 * DAY,
        confirmed_at=NOW - DAY,
        closed_at=NOW,
        carrier="AE",
        tracking_no="LP3",
    )
    for number in range(3):
        at = NOW - (number + 1) * DAY
        scan(order, at)
        Message.objects.create(store=store, order=order, message_no=f"T{number}", sent_at=at, sender="buyer", text="?")
        Dispute.objects.create(store=store, order=order, dispute_no=f"T{number}", kind="quality", opened_at=at)
        Refund.objects.create(store=store, order=order, refund_no=f"T{number}", requested_at=at)
        Review.objects.create(store=store, order=order, created_at=at, described=5)
    Settlement.objects.create(store=store, order=order)
    derive(order)
    return order


@pytest.mark.rule("SR-10", "DP-08")
def test_negative_review_and_verdict_lead_to_their_appeals(store: Store) -> None:
    Store.objects.update(mode="governed")
    order = make_order(store)
    Review.objects.create(store=store, order=order, created_at=NOW, described=1)
    closed = {"opened_at": NOW - DAY, "state": "closed", "liability": "seller"}
    for number, hours in (("D1", 71), ("D2", 73)):
        Dispute.objects.create(
            store=store, order=order, dispute_no=number, kind="quality", closed_at=NOW - hours * HOUR, **closed
        )
    html = page(store, order).getvalue().decode()
    # The second verdict's time is over.
    assert reverse("appeals:start", args=[store.store_no, "review", order.order_no]) in html
    assert reverse("appeals:start", args=[store.store_no, "verdict", "D1"]) in html
    assert reverse("appeals:start", args=[store.store_no, "verdict", "D2"]) not in html
    assert "01:00:00" in html
    assert "Can be appealed" not in page(store, make_order(store), "manager").getvalue().decode()
