"""Earlier notices of a metric, and what ended them (PN-30)."""

import pytest

from notifications.models import ImprovementPlan, Notice
from notifications.queries.past import past_notices
from notifications.rules import State
from stores.models import Store
from tests.notifications.build import DAY, NIGHT, ONE_DAY, judged, make_store, night_of
from tests.notifications.plans import write_answers
from tests.stores.people import make_person


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.mark.rule("PN-30")
def test_earlier_notices_tell_what_ended_them(store: Store) -> None:
    judged(store, late_dispatch="yellow")
    judged(store, DAY + ONE_DAY, late_dispatch="red")
    red = Notice.objects.get(level="red")
    Notice.objects.filter(pk=red.pk).update(state=State.PLAN)
    write_answers(ImprovementPlan.objects.create(notice=red, opened_at=NIGHT), make_person("mei", store.company))
    for place in range(2, 9):
        judged(store, DAY + place * ONE_DAY, late_dispatch="ok")
    judged(store, DAY + 9 * ONE_DAY, late_dispatch="red")
    last = Notice.objects.order_by("id").last()
    assert last is not None
    assert [
        (one.notice.state, one.replaced_by and one.replaced_by.pk, one.ended_at, one.measures)
        for one in past_notices(last)
    ] == [
        ("rectified", None, night_of(DAY + 8 * ONE_DAY), ["Line stopped"]),
        ("escalated", red.pk, night_of(DAY + ONE_DAY), []),
    ]
