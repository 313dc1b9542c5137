"""Real timers after a three-day outage, four sweeps killed with -9 at random: each effect once, in order (DM-27)."""

import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from core.models import Deadline, Event
from core.sweeping import due_deadlines
from orders.models import Order, Refund, ReturnParcel, Settlement
from orders.services.clocks import derive_order_clocks
from orders.services.refund_clocks import derive_refund_clocks
from stores.models import Carrier, Store
from tests.orders.build import DAY, HOUR, NOW, deliver, make_order
from tests.orders.test_refunds import ask, send_back
from tests.stores.people import make_store

STORES, EACH = 3, 5
OUTAGE = timedelta(days=3)
# Funds and receipt are due on the 7th and 10th day after delivery, refunds on the 5th after the request, inspections on
# the 2nd after the parcel's return: all of them within the three days.
BEGAN = NOW + 7 * DAY
EFFECTS = {
    "funds.released": EACH,
    "order.receipt_confirmed": EACH,
    "order.closed": EACH,
    "refund.defaulted": EACH,
    "return.defaulted": EACH,
    "refund.completed": EACH,
}


def delivered(store: Store, minutes: int) -> Order:
    values = {"created_at": NOW - 9 * DAY, "paid_at": NOW - 9 * DAY, "shipped_at": NOW - 8 * DAY}
    order = make_order(store, carrier="cainiao", tracking_no=f"LP{store.pk}{minutes}", **values)
    order = deliver(order, NOW + timedelta(minutes=minutes))
    derive_order_clocks(order_ids=[order.pk], at=order.delivered_at or NOW)
    return order


def fill(store: Store) -> None:
    """Orders whose funds and receipt are due, refunds to answer and returns to inspect."""
    for number in range(EACH):
        delivered(store, number)
        asked = ask(store, requested_at=BEGAN - 4 * DAY + number * HOUR)
        back = ask(store, requested_at=BEGAN, state="agreed", answered_at=BEGAN)
        send_back(back, received_at=BEGAN - HOUR + number * timedelta(minutes=7))
        derive_refund_clocks(order_ids=[asked.order_id, back.order_id], at=BEGAN)


@pytest.mark.rule("DM-27", "RL-03", "RL-04", "RL-05", "TM-04", "TM-12", "TM-13")
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_four_killed_sweeps_bring_about_each_effect_of_the_outage_once_and_in_order() -> None:
    Carrier.objects.update_or_create(code="cainiao", defaults={"name": "Cainiao", "approved": True, "official": True})
    stores = [make_store(f"S{place}", mode="governed") for place in range(STORES)]
    for store in stores:
        fill(store)
    at = BEGAN + OUTAGE + DAY
    kinds = set(due_deadlines(at=at).values_list("kind", flat=True))
    assert kinds >= {"refund_answer", "return_inspection", "order.funds_release", "order.receipt"}
    command = [sys.executable, "-m", "tests.core.killed_sweeps", str(connection.settings_dict["NAME"]), at.isoformat()]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert not due_deadlines(at=at).exists()
    assert Deadline.objects.filter(attempts__gt=1).exists()
    for store in stores:
        events = list(
            Event.objects.filter(store_no=store.store_no, kind__in=EFFECTS).order_by("pk").values_list("kind", "at")
        )
        assert Counter(kind for kind, _at in events) == EFFECTS
        # Closing is awaited only from the receipt on: a batch of receipts comes before the closings that follow it.
        in_turn = [at for kind, at in events if kind != "order.closed"]
        assert in_turn == sorted(in_turn)
        assert Settlement.objects.filter(store=store, released_at__isnull=False).count() == EACH
        assert Refund.objects.filter(store=store, state="completed").count() == 2 * EACH
        assert ReturnParcel.objects.filter(store=store, result="as_described").count() == EACH
