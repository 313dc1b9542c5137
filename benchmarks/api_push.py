"""Pushes orders as several ERPs do, and counts what is there afterwards: nothing may be lost, and nothing doubled.

    python -m benchmarks.api_push                                       10 minutes of 20 pushes/s on both databases
    python -m benchmarks.api_push --minutes 2 --database sqlite

A tenth of the pushes are repeated with their key, half of these at the same time as the first, half later. Pushes begin
when they are due, however long others take. Answers 409, 429 and 503 are sent again after what Retry-After says.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from threading import Lock

import httpx

from benchmarks.deployment import ROOT, Deployment, deployment

PROGRAMS, ITEMS, THREADS, PORT = 4, 5, 32, 8149
DUPLICATES = 0.1
AGAIN = frozenset({409, 429, 503})


@dataclass
class Seen:
    """What the programs saw: seconds of answered requests, answers by status, batches that were given up."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    replayed: int = 0
    lost: int = 0
    lock: Lock = field(default_factory=Lock)


def prepare() -> None:
    """In an installation: stores and tokens, printed as JSON."""
    import_module("benchmarks.ready")
    from stores.models import Company, Store
    from tests.api.programs import WRITE_ALL, access_token, make_grant

    tokens = {}
    for number in range(PROGRAMS):
        company = Company.objects.create(company_no=f"C{number}", name=f"Company {number}")
        store = Store.objects.create(store_no=f"S{number}", name=f"Store {number}", company=company)
        tokens[store.store_no] = access_token(make_grant(store, scopes=WRITE_ALL), minutes=120)
    sys.stdout.write(json.dumps(tokens))


def count() -> None:
    """In an installation: orders, and events of pushes, printed as JSON."""
    import_module("benchmarks.ready")
    from core.models import Event
    from orders.models import Order

    found = {"orders": Order.objects.count(), "events": Event.objects.filter(kind="rows.pushed").count()}
    sys.stdout.write(json.dumps(found))


@contextmanager
def served(place: Deployment) -> Iterator[str]:
    """The installation's server; its address."""
    environment = place.environment | {"PORT": str(PORT)}
    command = [sys.executable, "manage.py", "serve"]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=quiet, stderr=quiet, start_new_session=True)
    address = f"http://127.0.0.1:{PORT}"
    try:
        for _attempt in range(240):
            try:
                if httpx.get(f"{address}/healthz").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.5)
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(60)


def batch(number: int) -> str:
    items = [
        {
            "order_no": f"{number}-{item}",
            "created_at": "2026-11-20T10:00:00Z",
            "paid_at": "2026-11-20T10:05:00Z",
            "total_amount": "12.50",
            "currency": "USD",
            "site": "BR",
            "buyer_ref": f"b{number % 500}",
        }
        for item in range(ITEMS)
    ]
    return json.dumps({"items": items})


def push(client: httpx.Client, token: str, store_no: str, number: int, seen: Seen) -> None:
    """Send a batch until it is answered."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": f"batch-{number}",
    }
    for _attempt in range(20):
        began = time.perf_counter()
        try:
            answer = client.put(f"/api/v1/stores/{store_no}/orders", content=batch(number), headers=headers)
        except httpx.TransportError:
            time.sleep(1)
            continue
        with seen.lock:
            seen.statuses[answer.status_code] += 1
        if answer.status_code in AGAIN:
            time.sleep(float(answer.headers.get("Retry-After", 1)))
            continue
        with seen.lock:
            seen.seconds.append(time.perf_counter() - began)
            seen.replayed += "Idempotency-Replayed" in answer.headers
            if answer.status_code == 200 and "Idempotency-Replayed" not in answer.headers:
                seen.verdicts.update(answer.json()["counts"])
        return
    with seen.lock:
        seen.lost += 1


def drive(address: str, tokens: dict[str, str], minutes: float, rate: float) -> tuple[Seen, int, int]:
    """Push for some minutes; returns what was seen, the batches, and the pushes with repeated ones."""
    seen, rng, stores = Seen(), random.Random(1), sorted(tokens)
    total = int(minutes * 60 * rate)
    sent = batches = 0
    limits = httpx.Limits(max_connections=THREADS, max_keepalive_connections=THREADS)
    with httpx.Client(base_url=address, timeout=60, limits=limits) as client, ThreadPoolExecutor(THREADS) as pool:
        began = time.perf_counter()

        def send(number: int) -> None:
            nonlocal sent
            time.sleep(max(0.0, began + sent / rate - time.perf_counter()))
            store_no = stores[number % len(stores)]
            pool.submit(push, client, tokens[store_no], store_no, number, seen)
            sent += 1

        while sent < total:
            send(batches)
            batches += 1
            if rng.random() < DUPLICATES / (1 - DUPLICATES) and sent < total:
                # The last one once more at once, or an earlier one.
                send(batches - 1 if rng.random() < 0.5 else rng.randrange(batches))
    return seen, batches, sent


def measure(kind: str, minutes: float, rate: float, folder: Path | None) -> str:
    """A row of the table; raises SystemExit if anything was lost or doubled."""
    with deployment(kind, kept=folder) as place:
        tokens = place.module("benchmarks.api_push", "--prepare").json()
        with served(place) as address:
            seen, batches, sent = drive(address, tokens, minutes, rate)
        found = place.module("benchmarks.api_push", "--count").json()
    problems = {status: number for status, number in seen.statuses.items() if status not in {200, *AGAIN}}
    if problems or seen.lost or found["orders"] != batches * ITEMS or seen.verdicts != {"new": batches * ITEMS}:
        sys.exit(f"lost or doubled: {found}, {batches} batches, {seen.lost} given up, {problems}, {seen.verdicts}")
    times = sorted(seen.seconds)
    p50, p95, p99 = (times[int(len(times) * part)] * 1000 for part in (0.5, 0.95, 0.99))
    again = sum(number for status, number in seen.statuses.items() if status in AGAIN)
    cells = [kind, f"{minutes:g}", sent, batches, found["orders"], seen.replayed, again]
    return "| " + " | ".join(map(str, [*cells, f"{p50:.0f}", f"{p95:.0f}", f"{p99:.0f}"])) + " |"


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.api_push", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, default=20, help="pushes a second")
    parser.add_argument("--database", nargs="+", default=["sqlite", "postgres"], choices=["sqlite", "postgres"])
    parser.add_argument("--folder", type=Path, help="an installation without companies that is there already")
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--count", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.prepare or options.count:
        prepare() if options.prepare else count()
        return
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{os.cpu_count()} cores, load {load}")
    heads = (
        "database",
        "minutes",
        "pushes",
        "batches",
        "orders",
        "repeated",
        "409/429/503",
        "p50 ms",
        "p95 ms",
        "p99 ms",
    )
    print("| " + " | ".join(heads) + " |\n" + "| --- " * len(heads) + "|", flush=True)
    for kind in options.database:
        print(measure(kind, options.minutes, options.rate, options.folder), flush=True)


if __name__ == "__main__":
    main()
