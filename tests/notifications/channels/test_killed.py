"""A worker killed between the server's answer and settling sends again, under the same id (RL-01, RL-02)."""

import os
import subprocess
import sys
import time
from typing import Any

import pytest
from django.db import connection, transaction

from notifications.channels.delivering import deliver
from notifications.models import Connection, Delivery
from notifications.rules import ChannelName
from tests.httpserver import allow_loopback, http_server
from tests.notifications.build import NIGHT, judged, make_store
from tests.notifications.channels.test_chats import TAKEN, connect, ids, states
from tests.stores.people import make_person

DINGTALK = ChannelName.DINGTALK


@pytest.mark.slow
@pytest.mark.sqlite_only
@pytest.mark.rule("RL-01", "RL-02")
@pytest.mark.django_db(transaction=True)
def test_worker_killed_between_answer_and_settling_sends_again_under_the_same_id(settings: Any) -> None:
    store = make_store()
    with http_server() as robot:
        allow_loopback(settings, robot.port)
        robot.answers, robot.pause = [TAKEN], 0.3
        connect(robot, store.company, make_person("owner", store.company))
        judged(store, late_dispatch="red")
        worker = start_worker(robot.port)
        while not robot.received and worker.poll() is None:
            time.sleep(0.01)
        # The answer comes while nobody can write, so the worker waits with it in hand.
        with transaction.atomic():
            Connection.objects.select_for_update().get()
            time.sleep(0.8)
            worker.kill()
            assert worker.wait() == -9
        assert states() == [("waiting", "", 1)]
        assert Connection.objects.get().last_success_at is None
        assert deliver(DINGTALK, at=NIGHT).rows == {"sent": 1}
        assert len(robot.received) == 2
        assert len(set(ids(robot))) == 1
        assert Delivery.objects.get(channel="dingtalk").attempts == 2


def start_worker(port: int) -> "subprocess.Popen[bytes]":
    database = str(connection.settings_dict["NAME"])
    command = [sys.executable, "-m", "tests.notifications.channels.killed_worker", database, str(port)]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "CRITICAL"}
    return subprocess.Popen([*command, NIGHT.isoformat()], env=environment)
