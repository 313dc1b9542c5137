"""The exceptions that the data of orders suggest, with their evidence (PN-29, PN-28a, BX-13)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appeals.models import Appeal, AppealFile, AppealOrder
from appeals.phrases import ADDRESS_CHANGED, FLIGHT_DISRUPTED, mentions
from appeals.queries.suggestions import suggest_exceptions
from appeals.rules import (
    BUYER_ACCOUNTS,
    EXCEPTION_RULES,
    HANDED_OVER,
    HELD_AT_CUSTOMS,
    ExceptionType,
    suggested_exception,
)
from disputes.models import Dispute
from evidence.models import EvidenceFile
from insights.rules.fault import CRITERIA
from metrics.models import Problem
from orders.models import Message, Order, TrackingEvent
from stores.models import Store
from tests.metrics.making import make_store

NOW = datetime.fromisoformat("2026-06-20T06:00:00+00:00")
PAID = NOW - timedelta(days=20)
DUE = PAID + timedelta(days=3)
HOUR = timedelta(hours=1)


@pytest.mark.rule("PN-29")
@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("counter", "signals", "exception"),
    [
        ("dispatch_late", "dispatched_late shipped", None),
        ("dispatch_late", "dispatched_late sync_failure shipped scanned", ExceptionType.PLATFORM_ERROR),
        ("dispatch_late", f"dispatched_late sync_failure scanned {HANDED_OVER}", ExceptionType.PLATFORM_ERROR),
        ("dispatch_late", f"dispatched_late shipped scanned {HANDED_OVER}", ExceptionType.CARRIER_FAULT),
        ("dispatch_late", f"dispatched_late shipped scanned {HELD_AT_CUSTOMS}", None),
        ("delivery_late", "shipped scanned", ExceptionType.CARRIER_FAULT),
        ("delivery_late", f"shipped scanned {HELD_AT_CUSTOMS}", ExceptionType.CUSTOMS_HOLD),
        ("delivery_late", "shipped", None),
        ("undelivered", "cancelled_by_buyer", None),
        ("disputes_opened_orders", "verdict_buyer", ExceptionType.MALICIOUS_BUYER),
        ("disputes_opened_orders", "withdrawn", None),
        ("disputes_opened_orders", BUYER_ACCOUNTS, ExceptionType.MALICIOUS_BUYER),
        ("messages_missed", HELD_AT_CUSTOMS, None),
    ],
)
def test_pn29_data_suggest_the_exception(counter: str, signals: str, exception: ExceptionType | None) -> None:
    found = suggested_exception([counter], frozenset(signals.split()))
    assert (found[0] if found else None) == exception
    assert found is None or str(found[1])


@pytest.mark.sqlite_only
def test_rules_speak_of_counters_that_have_criteria() -> None:
    assert {name for rule in EXCEPTION_RULES for name in rule.counters} <= set(CRITERIA)


@pytest.mark.sqlite_only
def test_phrases_are_found_in_whatever_case() -> None:
    assert mentions(FLIGHT_DISRUPTED, "Flight cancelled, next departure tomorrow")
    assert mentions(ADDRESS_CHANGED, "亲，麻烦改地址，谢谢")
    assert not mentions(ADDRESS_CHANGED, "Which address do you ship from?")


@pytest.fixture
def store(db: None) -> Store:
    return make_store("S1")


def late_order(store: Store, number: str, **given: Any) -> Order:
    values = {"paid_at": PAID, "ship_by": DUE, "shipped_at": DUE + 9 * HOUR, "state": "shipped", **given}
    order = Order.objects.create(
        store=store, order_no=number, created_at=PAID, total_amount=10, total_usd=10, currency="USD", **values
    )
    Problem.objects.create(store=store, counter="dispatch_late", day=DUE.date(), order_id=order.pk, subject_id=order.pk)
    return order


def scan(order: Order, at: datetime, kind: str, text: str = "") -> None:
    TrackingEvent.objects.create(store=order.store, order=order, at=at, kind=kind, text=text)


def suggested(store: Store, metric: str = "late_dispatch") -> dict[str, tuple[str, tuple[str, ...]]]:
    """Order → exception and what is missing."""
    numbers = dict(Order.objects.values_list("pk", "order_no"))
    found = suggest_exceptions(store=store, metric=metric, order_ids=list(numbers), at=NOW)
    return {numbers[pk]: (one.exception, one.missing) for pk, one in found.items()}


@pytest.mark.rule("PN-29", "BX-13")
def test_late_dispatches_are_told_apart_by_their_records(store: Store) -> None:
    late_order(store, "PACKED")
    late_order(store, "SYNC", first_scan_at=DUE - HOUR)
    handed = late_order(store, "HANDED", first_scan_at=DUE + 5 * HOUR, dispatch_confirmed_at=DUE - HOUR)
    scan(handed, DUE + 5 * HOUR, "pickup")
    moved = late_order(store, "MOVED")
    Message.objects.create(
        store=store, order=moved, message_no="M1", sent_at=PAID + HOUR, sender="buyer", text="Please change my address"
    )
    early = late_order(store, "BEFORE")
    Message.objects.create(
        store=store, order=early, message_no="M2", sent_at=PAID - HOUR, sender="buyer", text="change my address?"
    )
    assert suggested(store) == {
        "SYNC": ("platform_error", ()),
        "HANDED": ("carrier_fault", ("third_party_document",)),
        "MOVED": ("wrong_address", ()),
    }


@pytest.mark.rule("PN-28a")
def test_trace_that_stands_at_customs_needs_a_document_that_a_draft_may_hold(store: Store) -> None:
    order = late_order(store, "C1", shipped_at=DUE - HOUR)
    Problem.objects.update(counter="logistics_abnormal")
    scan(order, DUE, "pickup")
    scan(order, DUE + 10 * HOUR, "customs")
    scan(order, DUE + 90 * HOUR, "transit")
    assert suggested(store, "logistics_abnormal") == {"C1": ("customs_hold", ("third_party_document",))}
    file = EvidenceFile.objects.create(
        company=store.company, sha256="0" * 64, kind="pdf", name="letter.pdf", size=9, uploaded_at=NOW
    )
    appeal = Appeal.objects.create(store=store, number="A1", kind="notice", subject_key="PN1", created_at=NOW)
    AppealOrder.objects.create(appeal=appeal, order=order, place=0)
    AppealFile.objects.create(
        appeal=appeal, file=file, place=0, kind="third_party_document", name="letter.pdf", added_at=NOW
    )
    assert suggested(store, "logistics_abnormal") == {"C1": ("customs_hold", ())}


@pytest.mark.rule("PN-28a")
def test_several_accounts_from_one_address_are_abuse(store: Store) -> None:
    for number, buyer in (("B1", "x"), ("B2", "y"), ("B3", "z")):
        order = late_order(store, number, buyer_ref=buyer, buyer_ip_hash="" if number == "B3" else "hash")
        Dispute.objects.create(
            store=store, order=order, dispute_no=f"D{number}", kind="quality", opened_at=DUE, state="open"
        )
    Problem.objects.update(counter="disputes_opened_orders")
    assert suggested(store, "dispute_rate") == {
        "B1": ("malicious_buyer", ("platform_messages",)),
        "B2": ("malicious_buyer", ("platform_messages",)),
    }


def test_orders_of_other_stores_and_none_at_all_suggest_nothing(store: Store) -> None:
    other = late_order(make_store("S2"), "SYNC", first_scan_at=DUE - HOUR)
    assert suggest_exceptions(store=store, metric="late_dispatch", order_ids=[other.pk], at=NOW) == {}
    assert suggest_exceptions(store=store, metric="late_dispatch", order_ids=[], at=NOW) == {}


def test_number_of_queries_does_not_grow_with_orders(store: Store) -> None:
    def queries() -> int:
        ids = list(Order.objects.values_list("pk", flat=True))
        with CaptureQueriesContext(
            connection,
        ) as caught:
            suggest_exceptions(store=store, metric="late_dispatch", order_ids=ids, at=NOW)
        return len(caught)

    late_order(store, "A")
    few = queries()
    for place in range(5):
        late_order(store, f"B{place}", first_scan_at=DUE - HOUR)
    assert queries() == few
