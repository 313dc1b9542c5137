"""Protected events: what they meet, applied and withdrawn (BX-01)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appeals.models import CorrectionReport, EventShard, ProtectedEvent
from appeals.queries.protected_orders import preview_event
from appeals.services.protecting import apply_event, draft_event, look_again, restart_event, withdraw_event, work_events
from metrics.facts.updating import apply_dirty
from orders.models import Exclusion, Order, Protection
from stores.models import Category, Listing, User
from stores.reference import resolve_categories
from tests.appeals.corrected import DECIDED, difference, dying_at_report, exported, judged, late_orders, make_store
from tests.metrics.making import DAY, PAID, facts_of, make_orders

pytestmark = pytest.mark.django_db
FIRST, LAST = DAY - timedelta(days=10), DAY + timedelta(days=125)
NEXT_DAY = DAY + timedelta(days=1)


def draft(**columns: Any) -> ProtectedEvent:
    """An event of 8 March, on which every order of `make_store` waited."""
    given = {
        "kind": "carrier",
        "title": "Strike",
        "reason": "The carrier collected nothing.",
        "starts_at": datetime(2026, 3, 8, tzinfo=UTC),
        "ends_at": datetime(2026, 3, 9, tzinfo=UTC),
        **columns,
    }
    user, _made = User.objects.get_or_create(email="ops@example.com", defaults={"is_staff": True})
    return draft_event(columns=given, user=user, at=DECIDED)


def applied(event: ProtectedEvent) -> int:
    assert apply_event(event=event, actor="person:1", at=DECIDED)
    return work_events(at=DECIDED)


def test_events_are_numbered_by_cell_and_day(settings: Any) -> None:
    assert [draft().number, draft().number] == ["EV20260312-0001", "EV20260312-0002"]
    settings.CELL_MARK = "B"
    assert [draft().number, draft().number] == ["EV20260312-B0001", "EV20260312-B0002"]


@pytest.mark.rule("BX-01")
def test_event_takes_orders_out_of_the_metrics_it_names_until_it_is_withdrawn():
    store = make_store()
    notice = judged(store)
    before = exported(store, FIRST, LAST)
    event = draft(metrics=["late_dispatch"])
    assert applied(event) == 1
    assert facts_of(store)[DAY] == {"dispatch_due": 60}
    corrected = exported(store, FIRST, LAST)
    report = CorrectionReport.objects.get()
    assert (report.cause_no, report.orders) == ("EV20260312-0001", 4)
    assert report.results == difference(before, corrected)
    notice.refresh_from_db()
    assert notice.state == "accepted"
    assert withdraw_event(event=event, reason="It was no strike.", actor="person:1", at=DECIDED)
    assert work_events(at=DECIDED) == 1
    assert exported(store, FIRST, LAST) == before
    assert CorrectionReport.objects.get(place=2).results == difference(corrected, before)
    assert not Exclusion.objects.exists()


@pytest.mark.rule("BX-01", "MX-02")
def test_event_extends_deadlines_until_it_is_withdrawn():
    store = make_store()
    apply_dirty()
    before, late = exported(store, FIRST, LAST), facts_of(store)
    event = draft(extend_hours=24)
    assert applied(event) == 1
    assert facts_of(store)[DAY] == {"dispatch_due": 56}
    assert facts_of(store)[NEXT_DAY] == {"dispatch_due": 4, "dispatch_late": 4}
    assert CorrectionReport.objects.get().results == difference(before, exported(store, FIRST, LAST))
    assert set(Protection.objects.values_list("order__shipped_at", "extend_hours")) == {(None, 24)}
    withdraw_event(event=event, reason="", actor="person:1", at=DECIDED)
    work_events(at=DECIDED)
    assert facts_of(store) == late
    assert not Protection.objects.exists()


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-01", "MX-02")
def test_orders_that_come_in_later_are_protected_within_the_hour():
    store = make_store()
    applied(draft(metrics=["late_dispatch"]))
    make_orders(store, 2, first=100)
    assert (look_again(at=DECIDED + timedelta(minutes=59)), work_events(at=DECIDED + timedelta(minutes=59))) == (0, 0)
    hour = DECIDED + timedelta(hours=1)
    assert (look_again(at=hour), work_events(at=hour)) == (1, 1)
    assert facts_of(store)[DAY] == {"dispatch_due": 62}
    assert [report.orders for report in CorrectionReport.objects.order_by("place")] == [4, 2]


@pytest.mark.rule("BX-01")
@pytest.mark.parametrize(
    ("columns", "met"),
    [
        ({}, 4),
        ({"carriers": ["SF"]}, 0),
        ({"carriers": ["SF", ""]}, 4),
        ({"sites": ["ES"]}, 1),
        ({"categories": ["root"]}, 2),
        ({"sites": ["ES"], "categories": ["root"]}, 0),
        # The last second of the last deadline, and the first of the first payment.
        ({"starts_at": PAID + timedelta(hours=72), "ends_at": PAID + timedelta(hours=80)}, 4),
        ({"starts_at": PAID + timedelta(hours=72, seconds=1), "ends_at": PAID + timedelta(hours=80)}, 0),
        ({"starts_at": PAID - timedelta(hours=9), "ends_at": PAID}, 4),
        ({"starts_at": PAID - timedelta(hours=9), "ends_at": PAID - timedelta(seconds=1)}, 0),
    ],
)
def test_preview_counts_what_an_event_would_meet(columns, met):
    store = make_store(on_time=0)
    apply_dirty()
    Category.objects.create(code="root", name="Root")
    Category.objects.create(code="leaf", name="Leaf", parent_code="root")
    resolve_categories()
    first, second, third, _fourth = late_orders(store)
    Listing.objects.create(store=store, sku="L", category="leaf")
    Order.objects.filter(pk=first.pk).update(site="ES")
    Order.objects.filter(pk=second.pk).update(category="root")
    Order.objects.filter(pk=third.pk).update(sku="L")
    preview = preview_event(draft(metrics=["late_dispatch"], **columns))
    assert (preview.orders, preview.stores, preview.capped) == (met, int(met > 0), False)
    assert preview.failures.get("late_dispatch", 0) == met
    assert len(preview.sample) == met


@pytest.mark.rule("BX-01", "RL-06")
def test_event_is_applied_and_withdrawn_once():
    event = draft(metrics=["odr"])
    assert not withdraw_event(event=event, reason="", actor="person:1", at=DECIDED)
    assert apply_event(event=event, actor="person:1", at=DECIDED)
    assert not apply_event(event=event, actor="person:2", at=DECIDED)
    assert withdraw_event(event=event, reason="", actor="person:1", at=DECIDED)
    assert not withdraw_event(event=event, reason="", actor="person:2", at=DECIDED)
    assert not apply_event(event=event, actor="person:2", at=DECIDED)


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-01")
def test_draft_has_no_work_to_begin_anew():
    store = make_store()
    apply_dirty()
    event = draft(metrics=["late_dispatch"])
    assert not restart_event(event=event, actor="person:1", at=DECIDED)
    assert work_events(at=DECIDED) == 0
    assert not Exclusion.objects.exists()
    applied(event)
    assert restart_event(event=event, actor="person:1", at=DECIDED)
    assert facts_of(store)[DAY] == {"dispatch_due": 60}


@pytest.mark.rule("BX-01", "RL-03")
def test_work_that_died_between_two_stores_goes_on_with_the_next():
    stores = [make_store(f"S{number}") for number in range(4)]
    apply_dirty()
    event = draft(metrics=["late_dispatch"])
    apply_event(event=event, actor="person:1", at=DECIDED)
    with dying_at_report(3):
        work_events(at=DECIDED)
    assert CorrectionReport.objects.count() == EventShard.objects.get().stores == 2
    # Its lease is over after a while.
    assert work_events(at=DECIDED + timedelta(minutes=16)) == 2
    assert [facts_of(store)[DAY] for store in stores] == [{"dispatch_due": 60}] * 4
    shard = EventShard.objects.get()
    assert (shard.state, shard.stores, shard.orders, shard.attempts) == ("done", 4, 16, 2)


@pytest.mark.rule("BX-01", "RL-03")
def test_event_withdrawn_while_it_is_applied_leaves_nothing():
    stores = [make_store(f"S{number}") for number in range(3)]
    apply_dirty()
    event = draft(metrics=["late_dispatch"], extend_hours=24)
    apply_event(event=event, actor="person:1", at=DECIDED)
    with dying_at_report(2):
        work_events(at=DECIDED)
    assert Exclusion.objects.exists()
    withdraw_event(event=event, reason="", actor="person:1", at=DECIDED)
    work_events(at=DECIDED)
    assert not Exclusion.objects.exists()
    assert not Protection.objects.exists()
    assert [facts_of(store)[DAY]["dispatch_late"] for store in stores] == [4, 4, 4]
