"""Penalties that end with a correction (BX-03)."""

import pytest
from django.utils.translation import override

from appeals.models import CorrectionReport
from appeals.presenters.corrections import correction_part_of
from penalties.models import Penalty
from rulebook.queries import policy_at
from tests.appeals.corrected import DECIDED, accept, judged, late_orders, make_store
from tests.metrics.making import NOW
from tests.outbox import deliver
from tests.penalties.build import in_force, penalties

pytestmark = pytest.mark.django_db


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
