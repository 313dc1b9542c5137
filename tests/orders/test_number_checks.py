"""Tracking numbers: form and check digit, use by other orders, and dispatch of a list row by row (TM-14, PG-06)."""

import threading
from collections.abc import Sequence

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from core.models import Event
from orders.commands import DispatchRow, dispatch_orders, replace_number, ship_order
from orders.models import Order, ReplacedShipment, Shipment
from orders.queries.number_checks import NumberRow, check_numbers
from orders.rules.carrier_formats import CARRIER_NUMBERS, S10, s10_digit
from orders.rules.tracking_numbers import Code, Finding, Severity, check_number
from stores.models import Store
from stores.principals import Person
from stores.services import register_carrier
from tests.orders.build import DAY, HOUR, NOW, make_order
from tests.stores.people import make_person, make_store

LETTERS = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
# Items of the service U have no scans, which is another finding.
serials = st.tuples(LETTERS.filter("U".__ne__), LETTERS, st.integers(0, 10**8 - 1))


def s10(first: str, second: str, serial: int, country: str = "CN") -> str:
    bare = f"{first}{second}{serial:08d}"
    return f"{bare}{s10_digit(bare + '0' + country)}{country}"


@pytest.mark.sqlite_only
@pytest.mark.rule("TM-14")
@given(serials, st.integers(2, 10), st.integers(1, 9))
def test_every_slip_of_one_digit_is_found_but_where_two_remainders_share_a_digit(
    parts: tuple[str, str, int], place: int, shift: int
) -> None:
    number = s10(*parts)
    slipped = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert check_number(number, "CHINA_POST") == []
    found = [one for one in check_number(slipped, "CHINA_POST") if one.code is Code.CHECK_DIGIT]
    if s10_digit(slipped) == slipped[10]:
        # The sums 0 and 6 modulo 11 both have the digit 5: arithmetic can't tell these apart.
        assert (number[10], slipped[10], found) == ("5", "5", [])
    else:
        assert found == [Finding(Code.CHECK_DIGIT, Severity.BLOCKS, S10.mended(slipped), {"number": slipped})]


@pytest.mark.sqlite_only
@pytest.mark.rule("TM-14")
def test_public_examples_of_carriers_are_right_and_their_slips_found() -> None:
    right = {
        "UPS": ("1Z5R89390357567127", "1Z879E930346834440", "1Z410E7W0392751591", "1Z8V92A70367203024"),
        "FEDEX": ("986578788855", "477179081230", "799531274483", "974367662710", "041441760228964", "568283610012734"),
        "DHL": ("3318810025", "73891051146", "8487135506", "JJD0099999999", "GM2951173225174494"),
        "USPS": ("9405803699300124287899", "9361289878700317633795", "03071790000523483741", "71123456789123456787"),
        "CHINA_POST": ("RR123456785CN", "rr 123 456 785 cn"),
        "YunExpress": ("YT2100121072800001",),
        "SF Express": ("SF1234567890123",),
        "AE_STANDARD": ("LP00123456789012", "RR123456785CN", "ZX-99887766"),
    }
    wrong = {"UPS": "1Z1111111111111111", "FEDEX": "996578788855", "DHL": "3318810010", "USPS": "03071790000523483742"}
    assert {carrier: [check_number(one, carrier) for one in some] for carrier, some in right.items()} == {
        carrier: [[]] * len(some) for carrier, some in right.items()
    }
    assert {carrier: [one.code for one in check_number(some, carrier)] for carrier, some in wrong.items()} == {
        carrier: [Code.CHECK_DIGIT] for carrier in wrong
    }
    for numbers in CARRIER_NUMBERS.values():
        for form in numbers.formats:
            assert (form.fits(form.example), form.mended(form.example)) == (True, form.example)


@pytest.mark.sqlite_only
@pytest.mark.rule("TM-14")
@pytest.mark.parametrize(
    ("number", "carrier", "found"),
    [
        ("", "EMS", [(Code.MISSING, "blocks")]),
        ("see note", "", [(Code.NOT_A_NUMBER, "blocks")]),
        ("12345", "SOME", [(Code.NOT_A_NUMBER, "blocks")]),
        ("AB-4711-0815", "SOME", []),
        # A postal shape with a wrong digit is doubtful whoever carries it, but only posts are sure to use it.
        ("RR123456784CN", "SOME", [(Code.CHECK_DIGIT, "warns")]),
        ("1Z5R89390357567127", "CHINA_POST", [(Code.OTHER_CARRIER, "warns")]),
        ("QX4711081500", "UPS", [(Code.OTHER_FORM, "warns")]),
        ("RR123456785QQ", "CHINA_POST", [(Code.NO_COUNTRY, "warns")]),
        ("UA123456785CN", "CHINA_POST", [(Code.UNTRACKED, "warns")]),
    ],
)
def test_what_is_wrong_is_told_with_its_weight(number: str, carrier: str, found: list[tuple[Code, str]]) -> None:
    assert [(one.code, one.severity.value) for one in check_number(number, carrier)] == found


# ── Other orders ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def store(db: None) -> Store:
    store = make_store(mode="governed")
    register_carrier(store=store, carrier_code="4PX", actor="person:1", at=NOW - DAY)
    return store


@pytest.fixture
def seller(store: Store) -> Person:
    return Person(make_person("seller", store.company))


def paid(store: Store, number: str, **more: str) -> Order:
    return make_order(store, order_no=number, paid_at=NOW - HOUR, **more)


@pytest.mark.rule("TM-14", "RL-08")
def test_use_by_another_store_is_told_without_saying_whose(store: Store) -> None:
    theirs, split = make_store("S2"), {"shipped_at": NOW, "tracking_no": "T1000001"}
    order = make_order(theirs, order_no="SECRET", **split)
    Shipment.objects.create(store=theirs, order=order, tracking_no="T1000002")
    ReplacedShipment.objects.create(store=theirs, order=order, tracking_no="T1000003", replaced_at=NOW)
    make_order(store, order_no="O1", tracking_no="T1000004", buyer_ref="b1")
    paid(store, "O2", buyer_ref="b1")
    paid(store, "O3", buyer_ref="b2")
    rows = [NumberRow("4PX", f"t100000{number}", "O2") for number in (1, 2, 3, 4, 5)]
    rows += [NumberRow("4PX", "T1000004", "O3"), NumberRow("4PX", "T1000004", "O1")]
    found = [check_numbers(store, [row])[0] for row in rows]
    elsewhere = [Finding(Code.REUSED_ELSEWHERE, Severity.WARNS)]
    assert found == [
        elsewhere,
        elsewhere,
        elsewhere,
        # One parcel for two orders of one buyer.
        [Finding(Code.REUSED_HERE, Severity.WARNS, params={"order": "O1"})],
        [],
        [Finding(Code.REUSED_HERE, Severity.BLOCKS, params={"order": "O1"})],
        [],
    ]
    assert not [word for word in ("SECRET", "S2") if word in repr(found)]


@pytest.mark.rule("PG-06")
def test_a_list_costs_the_same_queries_for_one_row_and_many(store: Store, django_assert_max_num_queries) -> None:
    rows = [NumberRow("4PX", f"N{number:08d}", f"O{number}") for number in range(400)]
    with django_assert_max_num_queries(6):
        check_numbers(store, rows[:1])
    with django_assert_max_num_queries(6):
        check_numbers(store, rows)


# ── Dispatch of a list ─────────────────────────────────────────────────────────────────────────────────────────────


def lines(*texts: str) -> list[DispatchRow]:
    return [DispatchRow(*text.split(), place=place) for place, text in enumerate(texts, 1)]


def said(results: Sequence[object]) -> list[tuple[str, list[str]]]:
    return [
        (one.outcome.result.value if one.outcome else "", [finding.code.value for finding in one.findings])
        for one in results
    ]


@pytest.mark.rule("PG-06", "DM-17", "DM-22")
def test_good_rows_go_bad_rows_stay_and_twice_does_nothing(store: Store, seller: Person) -> None:
    for number in ("O1", "O2", "O3"):
        paid(store, number)
    make_order(store, order_no="O4", cancelled_at=NOW)
    rows = lines(
        "O1 4PX 4PX3000123456789CN",
        "O9 4PX T2000001",
        "O2 4PX RR123456785CN",
        "O2 4PX T2000002",
        "O3 CHINA_POST RR123456784CN",
        "O4 4PX T2000003",
    )
    first = dispatch_orders(store=store, rows=rows, principal=seller, at=NOW)
    assert said(first) == [
        ("done", []),
        ("", ["no_order"]),
        ("done", []),
        ("done", []),
        ("", ["check_digit", "carrier_unregistered"]),
        ("", ["not_shippable"]),
    ]
    events = Event.objects.count()
    assert dict(Order.objects.values_list("order_no", "state")) == {
        "O1": "shipped",
        "O2": "shipped",
        "O3": "paid",
        "O4": "cancelled",
    }
    assert Order.objects.get(order_no="O2").shipments.filter(parcel_no=2).get().tracking_no == "T2000002"
    again = dispatch_orders(store=store, rows=rows, principal=seller, at=NOW + HOUR)
    assert [one for one, _codes in said(again)] == ["repeated", "", "repeated", "repeated", "", ""]
    Order.objects.filter(order_no="O1").update(state="delivered", delivered_given=NOW)
    late = dispatch_orders(store=store, rows=rows[:1], principal=seller, at=NOW + DAY)
    other = dispatch_orders(store=store, rows=lines("O1 4PX T2000009"), principal=seller, at=NOW + DAY)
    assert (said(late), said(other)) == ([("repeated", [])], [("", ["shipped_otherwise"])])
    assert Event.objects.count() == events


@pytest.mark.rule("PG-06", "RL-08")
def test_who_may_not_ship_is_refused_whatever_the_rows(store: Store) -> None:
    analyst = Person(make_person("analyst", store.company, "analyst"))
    with pytest.raises(PermissionDenied):
        dispatch_orders(store=store, rows=[], principal=analyst, at=NOW)


@pytest.mark.rule("RL-06", "DM-22", "DM-17")
@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_ships_and_one_replaces() -> None:
    store = make_store(mode="governed")
    seller = Person(make_person("seller", store.company))
    order = paid(store, "O1")

    def at_once(work) -> list[str]:
        start, found = threading.Barrier(2), []

        def run(number: str) -> None:
            start.wait()
            try:
                found.append(work(Order.objects.select_related("store").get(pk=order.pk), number).result.value)
            finally:
                connection.close()

        workers = [threading.Thread(target=run, args=[number]) for number in ("T3000001", "T3000002")]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(30)
        return sorted(found)

    shipped = at_once(
        lambda row, number: ship_order(order=row, carrier="4PX", tracking_no=number, principal=seller, at=NOW)
    )
    order.refresh_from_db()
    old = order.tracking_no
    replaced = at_once(
        lambda row, number: replace_number(
            order=row, old=old, carrier="4PX", tracking_no=f"{number}9", principal=seller, at=NOW + HOUR
        )
    )
    assert (shipped, replaced) == (["done", "overtaken"], ["done", "overtaken"])
    kinds = list(Event.objects.order_by("pk").values_list("kind", flat=True))
    assert (kinds, ReplacedShipment.objects.count()) == (["order.shipped", "order.number_replaced"], 1)
