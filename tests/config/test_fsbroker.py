"""The embedded broker loses nothing: not to concurrent consumers, not to kill -9, not to a fork (RL-01, RL-03)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from kombu import Connection, Queue

from config import fsbroker
from config.spool import Spool

MESSAGES = 1200


def wait_until(condition: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "timed out"
        time.sleep(0.05)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fsbroker.register()
    return tmp_path / "broker"


def connect(folder: Path) -> Connection:
    return Connection("dianwei-files://", transport_options={"folder": str(folder)})


def start_consumer(folder: Path, log: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.config.consumer", str(folder), str(log)])


@pytest.mark.slow
@pytest.mark.rule("RL-01", "RL-03")
def test_two_consumers_and_a_kill_lose_nothing(folder: Path, tmp_path: Path) -> None:
    logs = [tmp_path / "first.log", tmp_path / "second.log"]
    consumers = [start_consumer(folder, log) for log in logs]

    def finished() -> list[int]:
        return [int(line) for log in logs if log.exists() for line in log.read_text().split()]

    try:
        with connect(folder) as connection, connection.Producer() as producer:
            for number in range(MESSAGES):
                producer.publish(number, routing_key="work", declare=[Queue("work")])
                if number == MESSAGES // 2:
                    wait_until(lambda: all(log.exists() and log.read_text() for log in logs))
                    consumers[0].send_signal(signal.SIGKILL)
        wait_until(lambda: set(finished()) == set(range(MESSAGES)))
    finally:
        for consumer in consumers:
            consumer.kill()
            consumer.wait()
    assert len(finished()) - MESSAGES <= 1, "only the message in the killed consumer's hands may run twice"
    assert Spool(folder).size("work") == 0


def test_unacknowledged_message_returns_when_its_channel_closes(folder: Path) -> None:
    with connect(folder) as connection:
        with connection.Producer() as producer:
            producer.publish("one", routing_key="work", declare=[Queue("work")])
        first = connection.channel()
        assert first.basic_get("work").payload == "one"
        assert connection.channel().basic_get("work") is None
        first.close()
        second = connection.channel()
        message = second.basic_get("work")
        assert message.payload == "one"
        message.ack()
        second.close()
    assert Spool(folder).size("work") == 0


def test_rejected_message_goes_and_requeued_message_stays(folder: Path) -> None:
    spool = Spool(folder)
    with connect(folder) as connection:
        with connection.Producer() as producer:
            for body in ("refused", "again"):
                producer.publish(body, routing_key="work", declare=[Queue("work")])
        channel = connection.channel()
        channel.basic_get("work").reject()
        channel.basic_get("work").requeue()
        assert spool.size("work") == 1
        assert channel.basic_get("work", no_ack=True).payload == "again"
    assert spool.size("work") == 0


def test_messages_are_claimed_oldest_first_and_once(tmp_path: Path) -> None:
    spool, other = Spool(tmp_path), Spool(tmp_path)
    for number in range(5):
        spool.put("work", str(number).encode())
    taken = [claimed[1] for claimant in (spool, other, spool, other, spool) if (claimed := claimant.claim("work"))]
    assert taken == [b"0", b"1", b"2", b"3", b"4"]
    assert other.claim("work") is None


def test_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    with pytest.raises(TypeError):
        spool.put("work", "not bytes")  # type: ignore[arg-type]
    assert spool.size("work") == 0
    assert list(spool.owner().folder.iterdir()) == []


def test_living_owner_keeps_its_claims(tmp_path: Path) -> None:
    spool, other = Spool(tmp_path), Spool(tmp_path)
    spool.put("work", b"mine")
    assert spool.claim("work") is not None
    other.reap(now=True)
    assert other.size("work") == 0


def test_forked_child_does_not_keep_a_dead_parent_alive(tmp_path: Path) -> None:
    script = (
        "import os, sys, time, pathlib\n"
        "from config.spool import Spool\n"
        "spool = Spool(pathlib.Path(sys.argv[1])); spool.put('work', b'x'); assert spool.claim('work')\n"
        "child = os.fork()\n"
        "if child == 0: time.sleep(60); os._exit(0)\n"
        "print(child, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    try:
        spool = Spool(tmp_path)
        # The child lets go of the lock when it first runs, which may be after its parent's end.
        give_up = time.monotonic() + 10
        while not spool.size("work") and time.monotonic() < give_up:
            spool.reap(now=True)
            time.sleep(0.01)
        assert spool.size("work") == 1
        assert list(spool.owners.glob(f"{parent.pid}-*")) == []
    finally:
        os.kill(child, signal.SIGKILL)
