"""A notice while it is under appeal (PN-08, PN-33)."""

from datetime import timedelta

import pytest

from core.models import Deadline
from notifications.models import Notice
from notifications.queries.notices import appeal_window_end
from notifications.rules import State
from notifications.services.lifecycle import begin_appeal, end_appeal
from stores.models import Store
from tests.notifications.build import NIGHT, judged, make_store

SECOND = timedelta(seconds=1)
WINDOW = timedelta(days=7)


@pytest.fixture
def notice(db: None) -> Notice:
    store: Store = make_store()
    judged(store, late_dispatch="red")
    Notice.objects.update(state=State.OPENED)
    return Notice.objects.select_related("store__company").get()


def windows() -> list[tuple[str, timedelta]]:
    rows = Deadline.objects.filter(kind="notice_appeal").order_by("id")
    return [(row.state, row.due_at - NIGHT) for row in rows]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-08", "PN-33")
def test_appeal_meets_the_window_of_its_notice(notice: Notice) -> None:
    assert appeal_window_end(notice) == NIGHT + WINDOW
    assert begin_appeal(notice=notice, at=NIGHT + SECOND, actor="person:1", cause="PN-08")
    assert not begin_appeal(notice=notice, at=NIGHT + SECOND, actor="person:2", cause="PN-08")
    assert (notice.state, windows()) == ("appealing", [("met", WINDOW)])


@pytest.mark.rule("PN-08")
def test_notice_whose_appeal_ended_can_be_appealed_until_its_window_closes(notice: Notice) -> None:
    begin_appeal(notice=notice, at=NIGHT, actor="person:1", cause="PN-08")
    assert end_appeal(notice=notice, at=NIGHT + WINDOW, actor="person:1", cause="PN-08")
    assert (notice.state, windows()) == ("opened", [("met", WINDOW), ("open", WINDOW)])
    begin_appeal(notice=notice, at=NIGHT + WINDOW, actor="person:1", cause="PN-08")
    end_appeal(notice=notice, at=NIGHT + WINDOW + SECOND, actor="person:1", cause="PN-08")
    assert (notice.state, windows()) == ("opened", [("met", WINDOW), ("met", WINDOW)])
    assert not end_appeal(notice=notice, at=NIGHT, actor="person:1", cause="PN-08")
