"""Corrections after accepted appeals (BX-03, AP-05, DM-34, SR-10)."""

from datetime import timedelta

import pytest

from appeals.models import CorrectionReport
from appeals.services.correcting import withdraw_correction
from notifications.rules import State
from orders.models import Exclusion
from tests.appeals.corrected import DECIDED, accept, difference, exported, judged, late_orders, make_store
from tests.metrics.making import DAY, facts_of
from tests.outbox import deliver

pytestmark = pytest.mark.django_db
LINES = {"yellow": "0.0400000000", "red": "0.0500000000"}
FIRST, LAST = DAY - timedelta(days=10), DAY + timedelta(days=275)


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
    assert (report.cause_no, report.orders, report.at) == ("A20260312-000001", 3, DECIDED)
    assert report.results == difference(before, exported(store, FIRST, LAST))
    assert report.results[0] == {
        "day": "2026-03-10",
        "metric": "late_dispatch",
        "before": {"numerator": 4, "denominator": 60, "value": "0.0666666667", **LINES, "level": "red"},
        "after": {"numerator": 1, "denominator": 60, "value": "0.0166666667", **LINES, "level": "ok"},
    }
    assert report.outcomes == [{"kind": "notice", "key": notice.number, "before": "appealing", "after": "accepted"}]
    assert set(Exclusion.objects.values_list("metric", "cause_no")) == {("late_dispatch", "A20260312-000001")}


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
