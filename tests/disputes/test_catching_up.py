"""Disputes from before an upgrade get their clocks without anything that changes them (DM-27)."""

import pytest

from core.models import Deadline, Event
from disputes.models import Arbitration
from disputes.services.catching_up import catch_up_disputes
from tests.disputes.build import DAY, HOUR, NOW, make_dispute
from tests.stores.people import make_store


@pytest.mark.rule("DM-27", "DP-10", "DP-19", "DM-11a")
@pytest.mark.django_db
def test_disputes_without_deadlines_get_those_that_lie_ahead_and_no_others() -> None:
    governed, mirrored = make_store(mode="governed"), make_store("S2")
    fresh, foreign = make_dispute(governed), make_dispute(mirrored)
    answered = make_dispute(governed, state="responded", responded_at=NOW - HOUR)
    judged, at_platform = (make_dispute(store, state="arbitration") for store in (governed, mirrored))
    make_dispute(governed, opened_at=NOW - 6 * DAY)
    make_dispute(governed, state="closed", closed_at=NOW)
    Deadline.objects.all().delete()
    Arbitration.objects.all().delete()
    expected = {
        ("dispute_answer", fresh.dispute_no, NOW + DAY - HOUR),
        ("dispute_answer", foreign.dispute_no, NOW + DAY - HOUR),
        ("dispute_settlement", answered.dispute_no, NOW - HOUR + 5 * DAY),
        ("dispute_arbitration", judged.dispute_no, NOW + 48 * HOUR),
    }
    assert catch_up_disputes(at=NOW) == 6
    assert set(Deadline.objects.values_list("kind", "subject_key", "due_at")) == expected
    told = Event.objects.count()
    assert catch_up_disputes(at=NOW + HOUR) == 6
    assert set(Deadline.objects.values_list("kind", "subject_key", "due_at")) == expected
    assert (Arbitration.objects.get().dispute, Event.objects.count()) == (judged, told)
    assert at_platform.state == "arbitration"
