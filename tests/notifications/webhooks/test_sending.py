"""Deliveries to real servers end delivered or alarmed, under one id (IX-23, RL-02, RL-13, RL-18)."""

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from notifications.models import InboxMessage, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from notifications.webhooks import sending
from notifications.webhooks.endpoints import rotate_secret, switch_off
from notifications.webhooks.rules import sign
from notifications.webhooks.sending import deliver_webhooks, forget_old
from stores.models import Store
from tests.httpserver import Receiver, allow_loopback, http_server
from tests.notifications.build import make_store
from tests.notifications.webhooks.build import FAST, NOON, make_endpoint, queued, send_due
from tests.stores.people import make_person

pytestmark = [pytest.mark.rule("IX-23"), pytest.mark.django_db]

OWNER = "owner@example.com"
HOUR = timedelta(hours=1)
OPEN_END = (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", "redirect")


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    with http_server() as server:
        allow_loopback(settings, server.port)
        yield server


@pytest.fixture
def store(receiver: Receiver) -> Store:
    store = make_store()
    make_person("owner", store.company, "owner")
    make_person("analyst", store.company, "analyst")
    return store


def ids(receiver: Receiver) -> list[str]:
    return [request.headers["dianwei-event-id"] for request in receiver.received]


def alarms() -> list[tuple[str, str]]:
    rows = InboxMessage.objects.filter(kind__startswith="webhook.").order_by("id")
    return [(row.kind, row.recipient.email) for row in rows.select_related("recipient") if row.recipient]


def send_until_settled() -> timedelta:
    """Send whenever something is due until nothing waits; returns how long that took."""
    now = NOON
    while WebhookDelivery.objects.filter(state="waiting").exists():
        send_due(now)
        endpoint = WebhookEndpoint.objects.get()
        due = [row.retry_at for row in WebhookDelivery.objects.filter(state="waiting") if row.retry_at]
        now = max(now, endpoint.retry_at or NOON, min(due, default=NOON))
    return now - NOON


def test_an_accepted_delivery_is_signed_and_settled(store, receiver):
    endpoint, secret = make_endpoint(store, receiver.url)
    [delivery] = queued(store)
    assert send_due() == {"delivered": 1}
    [request] = receiver.received
    timestamp, signature = request.headers["dianwei-signature"].split(",")
    assert (timestamp, signature) == (
        f"t={int(NOON.timestamp())}",
        f"v1={sign(secret, int(NOON.timestamp()), delivery.body)}",
    )
    assert (request.body.decode(), request.headers["dianwei-event"]) == (delivery.body, "risk.flagged")
    delivery.refresh_from_db()
    assert (delivery.state, delivery.delivered_at, delivery.attempts) == ("delivered", NOON, 1)
    assert list(WebhookAttempt.objects.values_list("status", "failure", "answer")) == [(200, "", "ok")]
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.succeeded_at) == ("active", NOON)


@pytest.mark.rule("RL-13")
@pytest.mark.sqlite_only
def test_both_secrets_sign_for_a_day_after_a_rotation(store, receiver):
    endpoint, former = make_endpoint(store, receiver.url)
    secret = rotate_secret(endpoint=endpoint, actor="person:1", at=NOON)
    queued(store)
    send_due()
    queued(store)
    send_due(NOON + 25 * HOUR)
    signed = []
    for request in receiver.received:
        stamp, *signatures = request.headers["dianwei-signature"].split(",")
        found = {sign(one, int(stamp[2:]), request.body.decode()): one for one in (secret, former)}
        signed.append([found[signature.removeprefix("v1=")] for signature in signatures])
    assert signed == [[secret, former], [secret]]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("answer", "status", "failure"),
    [
        (500, 500, ""),
        (429, 429, ""),
        (OPEN_END[0], 302, "redirect"),
        (Receiver.DIE, 0, "unreachable"),
        (Receiver.DIE_INSIDE, 200, "unreachable"),
        (Receiver.HANG, 0, "timeout"),
    ],
)
def test_a_delivery_that_fails_is_tried_again_under_its_id(store, receiver, answer, status, failure):
    endpoint, _secret = make_endpoint(store, receiver.url)
    queued(store)
    receiver.answers = [answer, 200]
    assert send_due() == {"put off": 1}
    assert send_due(NOON + timedelta(seconds=30)) == {}
    endpoint.refresh_from_db()
    assert endpoint.state == "failing"
    assert send_due(NOON + timedelta(minutes=2)) == {"delivered": 1}
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.failures, endpoint.failing_since, endpoint.retry_at) == ("active", 0, None, None)
    assert len(set(ids(receiver))) == 1
    assert len(receiver.received) == 2
    assert WebhookAttempt.objects.order_by("id").values_list("status", "failure")[0] == (status, failure)


@pytest.mark.sqlite_only
def test_a_late_answer_within_the_limit_is_taken(store, receiver):
    make_endpoint(store, receiver.url)
    queued(store)
    receiver.pause = 0.1
    assert send_due() == {"delivered": 1}


def test_what_fails_for_a_day_is_alarmed_once(store, receiver):
    """The whole back-off: eleven requests within 24 hours, then owners and managers are told."""
    make_endpoint(store, receiver.url)
    queued(store, count=2)
    receiver.answers = [500]
    assert timedelta(hours=23) < send_until_settled() <= timedelta(hours=24)
    assert sorted(Counter(ids(receiver)).values()) == [11, 11]
    assert set(WebhookDelivery.objects.values_list("state", "reason")) == {("failed", "given_up")}
    assert alarms() == [("webhook.failed", OWNER)]


@pytest.mark.sqlite_only
def test_a_server_that_is_not_there_is_alarmed_after_a_day(store, receiver, settings):
    settings.OUTGOING_PORTS = [1]
    make_endpoint(store, "http://127.0.0.1:1/")
    queued(store)
    assert timedelta(hours=23) < send_until_settled() <= timedelta(hours=25)
    assert set(WebhookDelivery.objects.values_list("state", "reason")) == {("failed", "given_up")}
    assert alarms() == [("webhook.failed", OWNER)]


@pytest.mark.sqlite_only
@pytest.mark.rule("RL-13")
def test_an_address_inside_is_never_connected_to(store, receiver, settings):
    make_endpoint(store, receiver.url)
    queued(store)
    settings.OUTGOING_PRIVATE_NETWORKS = []
    assert send_due() == {"put off": 1}
    assert receiver.received == []
    assert WebhookAttempt.objects.get().failure == "refused"


def test_410_switches_the_endpoint_off_at_once(store, receiver):
    endpoint, _secret = make_endpoint(store, receiver.url)
    queued(store, count=2)
    receiver.answers = [410]
    assert send_due() == {"failed": 1}
    assert send_due(NOON + HOUR) == {}
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.reason) == ("disabled", "gone")
    assert sorted(WebhookDelivery.objects.values_list("state", "reason")) == [
        ("failed", "disabled"),
        ("failed", "gone"),
    ]
    assert alarms() == [("webhook.disabled", OWNER)]


@pytest.mark.sqlite_only
def test_an_endpoint_without_success_for_days_is_switched_off(store, receiver):
    endpoint, _secret = make_endpoint(store, receiver.url)
    receiver.answers = [500]
    for day in range(6):
        queued(store, at=NOON + day * 24 * HOUR)
        send_due(NOON + day * 24 * HOUR)
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.reason) == ("disabled", "failed")
    assert ("webhook.disabled", OWNER) in alarms()


@pytest.mark.sqlite_only
def test_what_waits_for_an_endpoint_that_a_person_switched_off_is_not_sent(store, receiver):
    endpoint, _secret = make_endpoint(store, receiver.url)
    [delivery] = queued(store)
    switch_off(endpoint=endpoint, actor="person:1", at=NOON)
    assert send_due() == {}
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason, receiver.received, alarms()) == ("failed", "disabled", [], [])


@pytest.mark.sqlite_only
def test_a_secret_that_cannot_be_opened_holds_up_nobody_else(store, receiver):
    broken, _secret = make_endpoint(store, receiver.url)
    make_endpoint(store, receiver.url)
    queued(store)
    WebhookEndpoint.objects.filter(pk=broken.pk).update(secret="v1.00000000.AAAA")
    assert send_due() == {"put off": 1, "delivered": 1}


@pytest.mark.rule("RL-03")
@pytest.mark.sqlite_only
def test_a_delivery_that_kills_its_workers_is_alarmed(store, receiver):
    make_endpoint(store, receiver.url)
    queued(store)
    WebhookDelivery.objects.update(attempts=sending.SENDS.max_attempts)
    assert send_due() == {}
    assert set(WebhookDelivery.objects.values_list("state", "reason")) == {("failed", "given_up")}
    assert alarms() == [("webhook.failed", OWNER)]


@pytest.mark.rule("RL-18")
def test_a_hanging_endpoint_delays_no_other_company(store, receiver, settings):
    neighbour = make_store("S2")
    with http_server() as hanging:
        allow_loopback(settings, receiver.port, hanging.port)
        hanging.answers = [Receiver.HANG]
        for _ in range(5):
            make_endpoint(store, hanging.url)
        make_endpoint(neighbour, receiver.url)
        queued(store, count=3)
        queued(neighbour, count=10)
        began = time.monotonic()
        send_due()
        # Three and two at once, not five one after the other.
        assert time.monotonic() - began < 4 * FAST.total
        assert len(receiver.received) == 10
        # Each of the endpoints was asked once, no more than three at a time, and is left alone for a minute.
        assert len(hanging.received) == 5


@pytest.mark.sqlite_only
def test_the_log_is_kept_for_thirty_days(store, receiver):
    make_endpoint(store, receiver.url)
    queued(store, count=2)
    send_due()
    WebhookDelivery.objects.filter(pk=queued(store)[0].pk).update(at=NOON - timedelta(days=31))
    assert forget_old(at=NOON) == 1
    assert WebhookDelivery.objects.count() == 2


# ── several workers, and killed ones ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("RL-02", "RL-03")
@pytest.mark.django_db(transaction=True)
def test_two_workers_send_twenty_deliveries_once_each(receiver):
    stores = [make_store(f"S{number}") for number in range(4)]
    for store in stores:
        make_endpoint(store, receiver.url)
    for store in stores:
        queued(store, count=5)
    receiver.pause = 0.01

    def work() -> None:
        try:
            deliver_webhooks(at=NOON, limits=FAST)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(receiver.received) == len(set(ids(receiver))) == 20
    assert set(WebhookDelivery.objects.values_list("state", "attempts")) == {("delivered", 1)}
    assert WebhookAttempt.objects.count() == 20


@pytest.mark.rule("RL-02", "RL-03")
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_answer_and_settling_sends_again_under_the_same_id(receiver):
    store = make_store()
    make_endpoint(store, receiver.url)
    queued(store)
    command = [sys.executable, "-m", "tests.notifications.webhooks.killed_worker"]
    arguments = [str(connection.settings_dict["NAME"]), str(receiver.port), NOON.isoformat()]
    worker = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE)
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"answered\n"
    worker.kill()
    worker.wait()
    assert WebhookDelivery.objects.get().state == "waiting"
    assert send_due() == {"delivered": 1}
    assert len(ids(receiver)) == 2
    assert len(set(ids(receiver))) == 1
