"""Twenty people who open pages at ten requests a second, against the web server in service.

    python -m benchmarks --orders 1000000 --database postgres --load direct --folder /tmp/large --only load
    python -m benchmarks.visitors --folder /tmp/large                    3 minutes
    python -m benchmarks.visitors --folder /tmp/large --minutes 30

Starts PostgreSQL, Redis and granian as docs/operations.md does, on what a load left in the folder. Each person owns a
company and walks through the ten most used pages of its stores; the first owns the largest store. Requests are due at
fixed instants, and a request that waits for the one before counts from when it was due, so a server that falls behind
can't hide it. Prints a Markdown table; the status is 1 where a request failed or the target is missed.
"""

import argparse
import contextlib
import http.client
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.deployment import ROOT, Deployment, deployment, server_cpu
from benchmarks.workers import family
from config import children
from tests.services import free_port, redis_server

PEOPLE, RATE, MINUTES = 20, 10.0, 3.0
TARGET_MS = 300.0
WARM_UP_SECONDS = 10.0
PATIENCE = 60.0
TIMEOUT = 30.0


@dataclass
class Walk:
    """What became of every request: milliseconds by page, and what failed."""

    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, page: str, milliseconds: float, failure: str) -> None:
        with self.lock:
            self.taken[page].append(milliseconds)
            if failure:
                self.failed.append(failure)


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.visitors", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True, help="where a load left everything")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="postgres")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--rate", type=float, default=RATE, help="requests a second of all people together")
    parser.add_argument("--web-workers", type=int, default=max(2, os.cpu_count() or 2))
    options = parser.parse_args()
    with deployment(options.database, kept=options.folder) as place, redis_server() as broker:
        place = replace(place, broker=broker if options.database == "postgres" else "")
        people = place.module("benchmarks.visitors_people", str(options.people)).json()
        port = free_port()
        with web_server(place, port, options.web_workers) as pid:
            walk_about(people, port, options.rate, WARM_UP_SECONDS)
            before = cpu_of(place, pid)
            walk = walk_about(people, port, options.rate, options.minutes * 60)
            used = [after - earlier for after, earlier in zip(cpu_of(place, pid), before, strict=True)]
    return report(walk, used, options.minutes * 60)


@contextlib.contextmanager
def web_server(place: Deployment, port: int, workers: int) -> Iterator[int]:
    """The process id of granian, once it answers."""
    place.manage("collectstatic", "--no-input", "--verbosity", "0")
    command = [
        *(sys.executable, "-m", "granian", "config.wsgi:application", "--interface", "wsgi", "--no-ws"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", str(workers), "--blocking-threads", "4"),
        *("--backlog", "1024", "--log-level", "warning", "--log-config", "config/granian.json"),
    ]
    with (place.folder / "web.log").open("wb") as log:
        child = children.start(command, env=place.environment, cwd=ROOT, stdout=log, stderr=log)
        try:
            wait_for_answer(child, port)
            yield child.pid
        finally:
            children.stop(child, patience=PATIENCE)


def wait_for_answer(child: "subprocess.Popen[bytes]", port: int) -> None:
    """Until the health check answers; raises TimeoutError."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up and child.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if ask(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "/healthz", {})[0] == 200:
                return
        time.sleep(0.2)
    raise TimeoutError("the web server does not answer; its log is web.log in the installation's folder")


def walk_about(people: list[dict[str, Any]], port: int, rate: float, seconds: float) -> Walk:
    """Have everybody open pages for so long, each in a thread with a connection of its own."""
    walk, start = Walk(), time.monotonic() + 1
    threads = [
        threading.Thread(target=walk_of, args=(walk, person, place, len(people), port, start, rate, seconds))
        for place, person in enumerate(people)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return walk


def walk_of(
    walk: Walk, person: dict[str, Any], place: int, people: int, port: int, start: float, rate: float, seconds: float
) -> None:
    """One person's requests, at instants that the others' lie between."""
    chance = random.Random(place)
    door = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    pages = itertools.cycle(chance.sample(person["pages"], len(person["pages"])))
    for turn in itertools.count():
        due = start + (turn * people + place + chance.random()) / rate
        if due > start + seconds:
            return
        time.sleep(max(0.0, due - time.monotonic()))
        name, url, headers = next(pages)
        failure = ""
        try:
            status, size = ask(door, url, {"Cookie": person["cookie"], "Accept-Language": "zh-CN", **headers})
            failure = "" if status == 200 and size else f"{url} answered {status}"
        except (OSError, http.client.HTTPException) as error:
            failure = f"{url}: {error!r}"
            door.close()
        walk.note(name, (time.monotonic() - due) * 1000, failure)


def ask(door: http.client.HTTPConnection, url: str, headers: dict[str, str]) -> tuple[int, int]:
    """Status and size of an answer, read to its end."""
    door.request("GET", url, headers={"Host": f"localhost:{door.port}", **headers})
    answer = door.getresponse()
    return answer.status, len(answer.read())


def cpu_of(place: Deployment, web: int) -> list[float]:
    """CPU seconds of the web server's processes and of the database server so far."""
    return [sum(map(server_cpu, family(web))), server_cpu(place.server)]


def report(walk: Walk, used: list[float], seconds: float) -> int:
    """Print the table, and whether the target was met."""
    every = [one for taken in walk.taken.values() for one in taken]
    print("| page | requests | median ms | p95 ms | p99 ms | longest ms |\n| --- | --- | --- | --- | --- | --- |")
    for name, taken in [*sorted(walk.taken.items()), ("all", every)]:
        shares = statistics.quantiles(taken, n=100, method="inclusive")
        figures = " | ".join(f"{value:.0f}" for value in (statistics.median(taken), shares[94], shares[98], max(taken)))
        print(f"| {name} | {len(taken)} | {figures} |")
    web, database = (1000 * one / len(every) for one in used)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"\n{len(every) / seconds:.1f} requests a second; CPU of each: web {web:.0f}, database {database:.0f} ms;")
    p95 = statistics.quantiles(every, n=100, method="inclusive")[94]
    print(f"failed: {len(walk.failed)}; load {load}; p95 {p95:.0f} ms, target {TARGET_MS:.0f} ms")
    print(json.dumps(walk.failed[:5]) if walk.failed else "")
    return int(bool(walk.failed) or p95 >= TARGET_MS)


if __name__ == "__main__":
    sys.exit(main())
