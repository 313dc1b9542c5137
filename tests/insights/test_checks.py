"""Checks of risks: each store in time, by one worker, and nothing told of what an import brought (TM-06, TM-14)."""

from datetime import datetime, timedelta

import pytest

from core.events import SYSTEM, record_event
from core.models import Event
from core.outbox.delivering import run_outbox
from insights.models import OrderScore, RiskCheck
from insights.services.checks import EVERY, work_checks
from orders.models import RaisedFlag
from tests.orders.build import DAY, HOUR, NOW, make_order
from tests.stores.people import make_store

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def work(at: datetime = NOW) -> int:
    return work_checks(clock=lambda: at, until=at + HOUR)


@pytest.mark.rule("TM-14")
def test_the_first_check_is_silent_and_later_ones_tell_what_is_new() -> None:
    store = make_store()
    make_order(store, paid_at=NOW - 4 * DAY)
    assert work() == 1
    assert RaisedFlag.objects.get().code == "dispatch_overdue"
    assert OrderScore.objects.count() == 1
    assert not Event.objects.filter(kind="risk.flagged").exists()
    make_order(store, paid_at=NOW - 4 * DAY)
    assert work(NOW + EVERY - SECOND) == 0
    assert work(NOW + EVERY) == 1
    assert Event.objects.get(kind="risk.flagged").after["counts"] == {"dispatch_overdue": 1}


@pytest.mark.rule("TM-14")
def test_what_is_done_in_a_store_has_it_checked_soon() -> None:
    store, other = make_store("S1"), make_store("S2")
    order = make_order(store, paid_at=NOW - DAY)
    work()
    record_event(
        kind="order.shipped", subject_kind="order", subject_key=order.order_no, store_no=store.store_no, actor=SYSTEM,
        at=NOW,
    )  # fmt: skip
    RiskCheck.objects.update(due_at=NOW + 365 * DAY)
    run_outbox(at=NOW + SECOND)
    assert RiskCheck.objects.get(store=other).due_at == NOW + 365 * DAY
    assert RiskCheck.objects.get(store=store).due_at < NOW + 365 * DAY


def test_a_check_that_another_worker_holds_is_left_to_it() -> None:
    make_store()
    work(NOW - DAY)
    RiskCheck.objects.update(due_at=NOW - HOUR, lease="elsewhere:1:x", lease_until=NOW + HOUR)
    assert work() == 0
    assert work(NOW + HOUR) == 1
