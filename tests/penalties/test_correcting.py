"""Penalties that end with a correction (BX-03)."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from appeals.models import CorrectionReport
from appeals.presenters.corrections import correction_part_of
from core.dirty import mark_orders_dirty
from disputes.models import Dispute
from metrics.catalogue import Calendar
from metrics.facts.updating import apply_dirty
from metrics.models import Published
from metrics.services.publish import publish_day
from orders.models import Order
from penalties.models import LevelDay, Penalty
from penalties.services.levels import record_day
from rulebook.queries import policy_at
from stores.models import Feed
from tests.appeals.corrected import DECIDED, accept, judged, late_orders, make_store
from tests.metrics.making import DAY, NOW
from tests.outbox import deliver
from tests.penalties.build import in_force, penalties

pytestmark = pytest.mark.django_db


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-03", "PN-14")
def test_accepted_appeal_lifts_penalties_and_reports_them() -> None:
    store = make_store()
    notice = judged(store)
    accept(store, late_orders(store)[:3], notice=notice)
    deliver()
    kinds = ["promotion_block", "search_demotion"]
    assert penalties(store) == [(kind, notice.number, NOW, DECIDED, "lifted") for kind in kinds]
    report = CorrectionReport.objects.select_related("store").get()
    rows = Penalty.objects.filter(store=store).order_by("kind")
    assert [one for one in report.outcomes if one["kind"] == "penalty"] == [
        {"kind": "penalty", "key": f"{row.kind} {row.pk}", "before": "in_force", "after": "lifted"} for row in rows
    ]
    with override("en"):
        part = correction_part_of(report, policy_at(DECIDED), notice)
    told = [(row.title, row.before, row.after, row.word) for row in part.rows if row.title.startswith("Penalty")]
    assert told == [
        (f"Penalty: {words}", "in force", "lifted", "its cause no longer stands")
        for words in ("promotion registration blocked", "search demotion")
    ]


@pytest.mark.rule("BX-03", "PN-10")
def test_partly_accepted_appeal_leaves_what_still_stands() -> None:
    store = make_store(late=6)
    notice = judged(store)
    late = late_orders(store)
    accept(store, late[:1], notice=notice, rejected=tuple(late[1:]))
    deliver()
    assert in_force(store) == ["promotion_block", "search_demotion"]
    assert [one["kind"] for one in CorrectionReport.objects.get().outcomes] == ["notice"]


@pytest.mark.rule("BX-03", "DP-02", "MX-08")
def test_correction_between_publishing_and_grading_is_what_the_night_grades() -> None:
    store = make_store(late=0)
    orders = list(Order.objects.order_by("pk"))
    disputes = [
        Dispute(
            store=store, order=order, dispute_no=f"D{place}", kind="quality", opened_at=NOW - timedelta(days=1),
            state="closed", closed_at=NOW - timedelta(hours=12), liability="seller" if place < 3 else "buyer",
        )
        for place, order in enumerate(orders)
    ]  # fmt: skip
    Dispute.objects.bulk_create(disputes)
    Feed.objects.create(store=store, kind="disputes", known_until=NOW, supplied_at=NOW)
    mark_orders_dirty(order_ids=[order.pk for order in orders], store_id=store.pk)
    apply_dirty()
    publish_day(day=DAY, calendar=Calendar.PERFORMANCE, at=NOW)
    assert Published.objects.get().scorecard["liability_rate"]["level"] == "L2"
    accept(store, orders[:1], dispute=disputes[0])
    deliver()
    record_day(day=DAY, at=NOW, calendar=Calendar.PERFORMANCE)
    assert LevelDay.objects.values_list("day", "grade").get(figure="liability") == (DAY, 1)
