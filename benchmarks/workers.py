"""A rebuilt night by task-worker processes as in service: broker, hint, run records, until its last shard is done."""

import contextlib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import redis

from benchmarks.deployment import ROOT, Deployment, server_cpu
from config import children
from tests.services import redis_server

PATIENCE = 60.0


@dataclass(frozen=True)
class Found:
    """Wall seconds from the first hint to the last shard; seconds of work by stage, over all shards; CPU seconds of
    the workers and the database server; peak memory of the largest worker process in MB."""

    seconds: float
    stages: dict[str, float]
    cpu_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Workers:
    """So many workers of one process each."""

    place: Deployment
    count: int

    def rebuild(self) -> Found:
        """Delete the facts of a closed day and have the workers close it again."""
        with redis_server() as broker:
            place = replace(self.place, broker=broker)
            day = place.module("benchmarks.hints", "reopen").json()["day"]
            with self._started(place) as workers:
                before = server_cpu(place.server) + sum(map(server_cpu, workers))
                found = place.module("benchmarks.hints", "close", day).json()
                cpu = server_cpu(place.server) + sum(map(server_cpu, workers)) - before
                peak = max(peak_mb(process) for worker in workers for process in family(worker))
        return Found(found["seconds"], found["stages"], cpu, peak)

    @contextlib.contextmanager
    def _started(self, place: Deployment) -> Iterator[list[int]]:
        """The workers' process ids, once all of them take tasks."""
        command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-c", "1", "--loglevel", "WARNING"]
        with contextlib.ExitStack() as stack:
            pids = []
            for number in range(self.count):
                path = place.folder / f"worker-{number}.log"
                log = stack.enter_context(path.open("wb"))
                child = children.start(
                    [*command, "-n", f"worker{number}@%h"], env=place.environment, cwd=ROOT, stdout=log, stderr=log
                )  # fmt: skip
                stack.callback(children.stop, child, patience=PATIENCE)
                pids.append(child.pid)
            wait_for_takers(place.broker, self.count)
            yield pids


def wait_for_takers(broker: str, count: int) -> None:
    """Wait until so many workers stand in line for tasks; raises TimeoutError."""
    give_up = time.monotonic() + PATIENCE
    with redis.Redis.from_url(broker) as client:
        while sum(one["cmd"] == "brpop" for one in client.client_list()) < count:
            if time.monotonic() > give_up:
                raise TimeoutError(f"no {count} workers took tasks; their logs are in the folder of the installation")
            time.sleep(0.1)


def family(pid: int) -> list[int]:
    """A process and its children."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def peak_mb(pid: int) -> float:
    """The most memory that a process has had resident."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
