"""Corrections after accepted appeals (BX-03, AP-05, DM-34, SR-10)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.utils import translation

from appeals.models import CorrectionReport
from appeals.services.correcting import correct_accepted, excluded_by, withdraw_correction
from core.dirty import mark_orders_dirty
from core.outbox.delivering import run_outbox
from disputes.models import Dispute
from metrics.catalogue import Calendar
from metrics.facts.updating import apply_dirty
from metrics.models import Fact, RatingFreeze
from metrics.services.night import run_night
from metrics.services.publish import publish_day
from notifications.kinds import message_kind
from notifications.models import InboxMessage, Notice, NoticeOrder
from notifications.rules import State
from orders.models import Exclusion, Order, Review
from rulebook.queries import policies
from stores.models import Store
from tests.appeals.corrected import (
    DECIDED,
    accept,
    difference,
    dying_at_report,
    exported,
    judged,
    late_orders,
    make_notice,
    make_store,
)
from tests.metrics.making import DAY, NOW, facts_of
from tests.outbox import deliver

pytestmark = pytest.mark.django_db
LINES = {"yellow": "0.0400000000", "red": "0.0500000000"}
FIRST, LAST = DAY - timedelta(days=10), DAY + timedelta(days=125)


@pytest.mark.rule("AP-05", "BX-03", "DM-34")
def test_accepted_appeal_corrects_figures_and_ends_the_notice_at_once():
    store = make_store()
    notice = judged(store)
    accept(store, late_orders(store)[:3], notice=notice)
    before = exported(store, FIRST, LAST)
    deliver()
    assert facts_of(store)[DAY] == {"dispatch_due": 60, "dispatch_late": 1}
    notice.refresh_from_db()
    assert notice.state == State.ACCEPTED
    report = CorrectionReport.objects.get()
    assert (report.cause_no, report.orders, report.at) == ("AP20260312-000001", 3, DECIDED)
    assert report.results == difference(before, exported(store, FIRST, LAST))
    assert report.results[0] == {
        "day": "2026-03-10",
        "metric": "late_dispatch",
        "before": {"numerator": 4, "denominator": 60, "value": "0.0666666667", **LINES, "level": "red"},
        "after": {"numerator": 1, "denominator": 60, "value": "0.0166666667", **LINES, "level": "ok"},
    }
    told = [outcome for outcome in report.outcomes if outcome["kind"] == "notice"]
    assert told == [{"kind": "notice", "key": notice.number, "before": "appealing", "after": "accepted"}]
    assert set(Exclusion.objects.values_list("metric", "cause_no")) == {("late_dispatch", "AP20260312-000001")}


@pytest.mark.sqlite_only
@pytest.mark.rule("AP-05", "PN-10")
def test_notice_that_still_stands_after_a_partial_acceptance_gets_a_plan():
    store = make_store(late=6)
    notice = judged(store)
    late = late_orders(store)
    accept(store, late[:1], notice=notice, rejected=tuple(late[1:]))
    deliver()
    notice.refresh_from_db()
    assert notice.state == State.PLAN
    assert facts_of(store)[DAY] == {"dispatch_due": 62, "dispatch_late": 5}
    assert CorrectionReport.objects.get().outcomes == [
        {"kind": "notice", "key": notice.number, "before": "appealing", "after": "plan"}
    ]


@pytest.mark.rule("DM-34", "DM-35")
def test_withdrawn_correction_takes_every_value_back():
    store = make_store()
    appeal = accept(store, late_orders(store)[:3], notice=judged(store))
    before = exported(store, FIRST, LAST)
    deliver()
    corrected = exported(store, FIRST, LAST)
    back = withdraw_correction(appeal=appeal, at=DECIDED + timedelta(days=1), actor="person:1")
    assert back is not None
    assert exported(store, FIRST, LAST) == before
    assert (back.place, back.withdrawn, back.results) == (2, True, difference(corrected, before))
    assert not Exclusion.objects.exists()
    assert withdraw_correction(appeal=appeal, at=DECIDED + timedelta(days=2), actor="person:1") is None


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-33", "BX-03")
@pytest.mark.parametrize(
    ("state", "after"),
    [
        ("issued", "accepted"),
        ("opened", "accepted"),
        ("appealing", "accepted"),
        ("plan", "accepted"),
        ("waived", "waived"),
        ("failed", "failed"),
    ],
)
def test_notice_left_without_ground_ends_from_every_state_that_can_be_appealed(state, after):
    store = make_store()
    notice = judged(store, state=State(state))
    accept(store, late_orders(store)[:3], notice=notice)
    deliver()
    notice.refresh_from_db()
    assert notice.state == after


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-03", "PG-19")
def test_company_is_told_of_a_correction_once_and_of_its_withdrawal():
    store = make_store()
    notice = judged(store)
    appeal = accept(store, late_orders(store)[:3], notice=notice)
    deliver()
    withdraw_correction(appeal=appeal, at=DECIDED, actor="person:1")
    deliver()
    messages = InboxMessage.objects.filter(kind__startswith="correction.").order_by("id")
    with translation.override("en"):
        told = [message_kind(message.kind).words(message, policies()) for message in messages]
    days = CorrectionReport.objects.values_list("results", flat=True)
    changed = len(days[0])
    assert told == [
        (
            "Figures corrected: appeal AP20260312-000001",
            f"3 orders concerned, {changed} values changed. Closed notices: {notice.number}.",
        ),
        ("Correction taken back: appeal AP20260312-000001", "3 orders count as before."),
    ]
    assert message_kind(messages[0].kind).url(messages[0]) == "/stores/S1/corrections/AP20260312-000001/?place=1"


@pytest.mark.rule("BX-03", "RL-03")
def test_process_that_dies_while_correcting_leaves_nothing_and_the_next_corrects_once():
    store = make_store()
    notice = judged(store)
    accept(store, late_orders(store)[:3], notice=notice)
    facts = facts_of(store)
    with dying_at_report(1):
        run_outbox(at=DECIDED)
    notice.refresh_from_db()
    assert (facts_of(store), notice.state) == (facts, State.APPEALING)
    assert not Exclusion.objects.exists()
    # The lease of the dead worker is over after a while.
    run_outbox(at=DECIDED + timedelta(minutes=16))
    deliver()
    notice.refresh_from_db()
    assert (facts_of(store)[DAY]["dispatch_late"], notice.state) == (1, State.ACCEPTED)
    assert CorrectionReport.objects.count() == 1


@pytest.mark.rule("BX-03", "RL-03")
def test_appeal_that_is_delivered_twice_is_corrected_once():
    store = make_store()
    appeal = accept(store, late_orders(store)[:3], notice=judged(store))
    deliver()
    assert correct_accepted(numbers=[appeal.number]) == []
    assert CorrectionReport.objects.count() == 1


@pytest.mark.rule("SR-10")
def test_accepted_review_leaves_every_counter():
    store = make_store()
    order = late_orders(store)[0]
    Review.objects.create(store=store, order=order, created_at=DECIDED, described=1)
    mark_orders_dirty(order_ids=[order.pk], store_id=store.pk)
    apply_dirty()
    counters = ("reviews_negative", "u_negative", "defect_orders")
    assert negative_of(store, counters) == (1, 1, 1)
    accept(store, [order])
    deliver()
    assert negative_of(store, counters) == (0, 0, 0)


@pytest.mark.sqlite_only
@pytest.mark.rule("DP-08", "DM-34", "PN-19")
def test_verdict_that_falls_leaves_liability_and_stays_a_dispute():
    store = make_store()
    order = late_orders(store)[0]
    dispute = Dispute.objects.create(
        store=store,
        order=order,
        dispute_no="D1",
        kind="quality",
        opened_at=NOW,
        state="closed",
        closed_at=NOW,
        liability="seller",
    )
    mark_orders_dirty(order_ids=[order.pk], store_id=store.pk)
    apply_dirty()
    counters = ("disputes_seller_liable", "disputes_closed", "disputes_opened_orders", "defect_orders")
    assert negative_of(store, counters) == (1, 1, 1, 1)
    accept(store, [order], dispute=dispute)
    deliver()
    assert negative_of(store, counters) == (0, 0, 1, 1)


def negative_of(store: Store, counters: tuple[str, ...]) -> tuple[int, ...]:
    sums = Fact.objects.filter(store=store).aggregate(**{name: Sum(name) for name in counters})
    return tuple(sums[name] for name in counters)


@pytest.mark.sqlite_only
@pytest.mark.rule("AP-05", "SR-10")
def test_order_that_a_rating_notice_names_for_its_stars_is_left_out_with_its_review():
    store = make_store()
    low, late = late_orders(store)[:2]
    notice = make_notice(store, "dsr")
    for place, (order, counter) in enumerate(((low, "described_low"), (late, "r_dispatch_late"))):
        NoticeOrder.objects.create(notice=notice, place=place, order_no=order.order_no, counter=counter, day=DAY)
    subjects = excluded_by(accept(store, [low, late], notice=notice))
    assert [(one.order_id, one.metric, str(one.kind)) for one in subjects] == [
        (low.pk, "dsr", "order"),
        (late.pk, "dsr", "order"),
        (low.pk, "dsr", "review"),
    ]


@pytest.mark.sqlite_only
@pytest.mark.rule("SR-06", "BX-03")
def test_freeze_without_anomaly_ends_with_the_correction_as_its_reason():
    store = make_store(late=140, on_time=0)
    orders = late_orders(store)
    Review.objects.bulk_create(
        Review(store=store, order=order, created_at=NOW - timedelta(hours=3), described=1 if place < 2 else 5)
        for place, order in enumerate(orders)
    )
    mark_orders_dirty(order_ids=[order.pk for order in orders], store_id=store.pk)
    run_night(day=DAY, at=NOW, calendars=[Calendar.RATING])
    freeze = RatingFreeze.objects.get()
    accept(store, orders[:1])
    deliver()
    freeze.refresh_from_db()
    report = CorrectionReport.objects.get()
    # Of 139 reviews one is left, which is 0.72 %.
    assert (freeze.end_day, freeze.reason, freeze.case.state) == (DAY, report.cause_no, "closed")
    assert {"kind": "freeze", "key": DAY.isoformat(), "before": "open", "after": "ended"} in report.outcomes


@pytest.mark.sqlite_only
@pytest.mark.rule("SR-06")
def test_freeze_of_which_a_later_day_is_anomalous_goes_on():
    store = make_store(late=140, on_time=0)
    orders = late_orders(store)
    for place, order in enumerate(orders):
        at = NOW - timedelta(hours=3)
        Review.objects.create(store=store, order=order, created_at=at, described=1 if place < 2 else 5)
    mark_orders_dirty(order_ids=[order.pk for order in orders], store_id=store.pk)
    run_night(day=DAY, at=NOW, calendars=[Calendar.RATING])
    next_day = Fact.objects.filter(store=store, day=DAY + timedelta(days=1))
    assert next_day.update(u_reviews=200, u_negative=9) == 1
    run_night(day=DAY + timedelta(days=1), at=NOW + timedelta(days=1), calendars=[Calendar.RATING])
    accept(store, orders[:2])
    deliver()
    assert RatingFreeze.objects.get().is_open


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-03", "MX-09")
def test_notice_that_a_night_issues_from_figures_published_before_a_correction_ends_with_the_night():
    store = make_store()
    apply_dirty()
    publish_day(day=DAY, at=NOW, calendar=Calendar.PERFORMANCE)
    earlier = make_notice(store, "late_dispatch", DAY - timedelta(days=9))
    accept(store, late_orders(store)[:3], at=NOW, notice=earlier)
    deliver()
    run_night(day=DAY, at=NOW, calendars=[Calendar.PERFORMANCE])
    issued = Notice.objects.get(day=DAY, state="accepted")
    assert (issued.value, issued.numerator) == (Decimal("0.0666666667"), 4)


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-03", "MX-08")
def test_notice_that_late_data_left_without_ground_is_not_ended_by_a_correction_of_something_else():
    store = make_store()
    notice = judged(store)
    late = late_orders(store)
    Order.objects.filter(pk__in=[order.pk for order in late]).update(shipped_at=late[0].paid_at)
    mark_orders_dirty(order_ids=[order.pk for order in late], store_id=store.pk)
    accept(store, late[:1], notice=make_notice(store, "odr"))
    deliver()
    notice.refresh_from_db()
    assert (facts_of(store)[DAY], notice.state) == ({"dispatch_due": 60}, State.APPEALING)
