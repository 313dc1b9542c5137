"""An ERP keeps two stores in step while its line is cut, the server is busy, and it asks too often (IX-21, RL-02)."""

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine

from api.models import AnsweredRequest
from core.models import Event
from orders.models import Order
from tests.api.erp import Erp
from tests.api.programs import WRITE_ALL, token_for
from tests.api.pushing import NOW, make_store, order

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.rule("IX-21", "TM-17")]


class FailingLine(httpx.HTTPTransport):
    """Cuts requests before they arrive or answers on their way back, sends requests twice, and answers like a proxy
    whose server is busy. What it lets through is answered by the server itself."""

    FAULTS = ("none", "none", "cut before", "cut after", "twice", "busy")

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.rng = random.Random(seed)
        self.seen: Counter[str] = Counter()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        fault = self.rng.choice(self.FAULTS)
        self.seen[fault] += 1
        if fault == "cut before":
            raise httpx.ConnectError("cut", request=request)
        if fault == "busy":
            return httpx.Response(503, headers={"Retry-After": "10"}, request=request)
        response = super().handle_request(request)
        if fault in ("cut after", "twice"):
            response.read()
            self.seen[str(response.status_code)] += 1
            if fault == "cut after":
                raise httpx.ReadError("cut", request=request)
            response = super().handle_request(request)
        self.seen[str(response.status_code)] += 1
        return response


def changed(rows: dict[str, dict[str, Any]], rng: random.Random, step: int) -> list[dict[str, Any]]:
    """What the ERP's people did to its orders: some new, some shipped, some cancelled."""
    new = {number: order(number, total_amount=f"{step}.50") for number in (f"{step}-{n}" for n in range(3))}
    rows.update(new)
    touched = rng.sample(sorted(rows), min(len(rows), 4))
    for number in touched:
        rows[number] |= {"shipped_at": f"2026-11-2{1 + step % 8}T10:00:00Z", "tracking_no": f"LP{step}{number}"}
    rows[touched[0]]["cancelled_at"] = "2026-11-29T10:00:00Z"
    return [rows[number] for number in sorted({*new, *touched})]


def in_step(erp: Erp, store_no: str, rows: dict[str, dict[str, Any]]) -> None:
    names = ("total_amount", "shipped_at", "tracking_no", "cancelled_at")
    found = {one["order_no"]: tuple(one[name] for name in names) for one in erp.orders(store_no)}
    assert found == {number: tuple(row.get(name) for name in names) for number, row in rows.items()}


@pytest.mark.clock
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.sqlite_only)])
def test_two_stores_stay_in_step_over_a_failing_line(live_server, settings, seed):
    settings.API_REQUESTS_PER_MINUTE = 8
    with time_machine.travel(NOW, tick=True) as clock:
        stores = [make_store("S1"), make_store("S2")]
        token, line = token_for(*stores, scopes=WRITE_ALL), FailingLine(seed)
        erp = Erp(live_server.url, token, line, wait=lambda seconds: clock.shift(min(seconds, 5)))
        source: dict[str, dict[str, Any]] = {"S1": {}, "S2": {}}
        rng, pushes = random.Random(seed), 0
        for step in range(1, 7):
            for store_no, rows in source.items():
                at = (NOW - timedelta(hours=1) + timedelta(minutes=step)).isoformat()
                assert set(erp.push(store_no, "orders", changed(rows, rng, step), at)) <= {"new", "changed"}
                pushes += 1
        for store_no, rows in source.items():
            in_step(erp, store_no, rows)
    assert {"cut before", "cut after", "twice", "busy", "429"} <= set(line.seen)
    assert Order.objects.count() == sum(map(len, source.values()))
    # Each batch had its effect once, however often it arrived.
    assert Event.objects.filter(kind="rows.pushed").count() == AnsweredRequest.objects.count() == pushes < erp.sent
