"""One outage made up for: `python -m benchmarks.outage_run COUNT STORES`; JSON. With `sweep`: one of its sweeps."""

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.core.management import call_command
from django.db import OperationalError, connection

from benchmarks import ready  # noqa: F401
from benchmarks.pages import signed_in
from core.deadlines import open_deadlines
from core.models import Deadline, Event
from core.outages import is_busy
from core.sweeping import due_deadlines, sweep
from orders.models import Order, Refund, ReturnParcel
from orders.queries.refunds import ANSWER, INSPECTION, REFUND, RETURN
from orders.rules.clocks import FUNDS_RELEASE
from stores.models import Company, Store

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
OUTAGE = timedelta(days=3)
AT = NOON + OUTAGE
WORKERS, KILLS = 4, 8
EFFECTS = ("refund.defaulted", "return.defaulted", "funds.released")


def make(count: int, stores: int) -> Company:
    """Half of the deadlines release funds, a quarter each answers refunds and inspects returns; all were due within
    the three days."""
    company = Company.objects.create(company_no="C", name="C")
    rows = [Store(company=company, store_no=f"S{place}", name="S", mode="governed") for place in range(stores)]
    owners = Store.objects.bulk_create(rows)
    orders = Order.objects.bulk_create([_order(owners[place % stores], place) for place in range(count)])
    due = {place: NOON + OUTAGE * place / count for place in range(count)}
    refunds = [_refund(orders[place], due[place]) for place in range(count // 4)]
    Refund.objects.bulk_create(refunds)
    back = range(count // 4, count // 2)
    Refund.objects.bulk_create([_refund(orders[place], due[place], "agreed") for place in back])
    ReturnParcel.objects.bulk_create([_return(orders[place], due[place]) for place in back])
    _open(ANSWER, REFUND, {(one.store_id, one.refund_no): due[place] for place, one in enumerate(refunds)})
    _open(INSPECTION, RETURN, {(orders[place].store_id, f"B{place}"): due[place] for place in back})
    later = range(count // 2, count)
    _open(FUNDS_RELEASE, "order", {(orders[place].store_id, orders[place].order_no): due[place] for place in later})
    return company


def _order(store: Store, place: int) -> Order:
    at = NOON - timedelta(days=20)
    return Order(
        store=store,
        order_no=f"{place}",
        created_at=at,
        paid_at=at,
        shipped_at=at,
        delivered_given=NOON - timedelta(days=8),
        delivered_at=NOON - timedelta(days=8),
        state="delivered",
        total_amount=Decimal(20),
        currency="USD",
        total_usd=Decimal(20),
    )


def _refund(order: Order, due: datetime, state: str = "requested") -> Refund:
    asked = due - timedelta(days=5)
    number = f"R{order.order_no}"
    return Refund(
        store=order.store, order=order, refund_no=number, requested_at=asked, state=state, amount_usd=Decimal(5)
    )


def _return(order: Order, due: datetime) -> ReturnParcel:
    received = due - timedelta(days=2)
    return ReturnParcel(store=order.store, order=order, return_no=f"B{order.order_no}", received_at=received)


def _open(kind: str, subject_kind: str, due: dict[tuple[int, str], datetime]) -> None:
    open_deadlines(kind=kind, subject_kind=subject_kind, due=due, at=NOON - timedelta(days=9))


def sweep_all(began: float) -> None:
    """Sweep until nothing is due. The clock goes on meanwhile: what two killed sweeps had in hand waits for a pause.

    After a sweep that met a busy database comes the next one, as in service.
    """
    while due_deadlines(at=AT).exists():
        try:
            sweep(at=AT + timedelta(seconds=time.time() - began))
        except OperationalError as error:
            if not is_busy(error):
                raise
        time.sleep(0.05)


def begin(began: float) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "benchmarks.outage_run", "sweep", str(began)])


def main(count: int, stores: int) -> dict[str, float]:
    """Four sweeps, eight of them killed, while somebody reads pages; each effect once and in order per store."""
    call_command("collectstatic", interactive=False, verbosity=0)
    client = signed_in("reader", [make(count, stores)])
    connection.close()
    paths = [f"/stores/S0/{page}/" for page in ("funds", "refunds", "orders")]
    for path in paths:
        client.get(path, HTTP_HOST="localhost")
    began, taken, kills = time.time(), [], 0
    workers = [begin(began) for _ in range(WORKERS)]
    while any(worker.poll() is None for worker in workers):
        for path in paths:
            asked = time.perf_counter()
            assert client.get(path, HTTP_HOST="localhost").status_code == 200
            taken.append(time.perf_counter() - asked)
            time.sleep(0.1)
        fired = Deadline.objects.filter(state=Deadline.State.LAPSED).count()
        if kills < KILLS and fired > (kills + 1) * count / (KILLS + 2):
            place = random.randrange(WORKERS)
            os.kill(workers[place].pid, signal.SIGKILL)
            workers[place].wait()
            workers[place], kills = begin(began), kills + 1
    seconds = time.time() - began
    check(count)
    return {
        "seconds": seconds,
        "kills": kills,
        "median": statistics.median(taken),
        "p95": statistics.quantiles(taken, n=20)[-1],
        "longest": max(taken),
    }


def check(count: int) -> None:
    """Every effect is there once, and those of a store in order of their instants."""
    events = Event.objects.filter(kind__in=EFFECTS)
    assert events.count() == events.values("kind", "store_no", "subject_key").distinct().count() == count
    last: dict[str, datetime] = {}
    for store_no, at in events.order_by("pk").values_list("store_no", "at"):
        assert at >= last.get(store_no, at)
        last[store_no] = at


if __name__ == "__main__":
    if sys.argv[1] == "sweep":
        sweep_all(float(sys.argv[2]))
    else:
        print(json.dumps(main(*map(int, sys.argv[1:]))))
