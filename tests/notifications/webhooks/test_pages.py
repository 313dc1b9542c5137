"""The pages of webhooks: adding, the secret shown once, tests, log, replay (IX-23, RL-06)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.webhooks.endpoints import switch_off
from notifications.webhooks.rules import sign
from stores.models import Store
from tests.httpserver import Receiver, allow_loopback, http_server
from tests.notifications.build import make_store
from tests.notifications.pages import english, words_of
from tests.notifications.webhooks.build import NOON, make_endpoint, queued, send_due
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.rule("IX-23"), pytest.mark.django_db, pytest.mark.sqlite_only]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    with http_server() as server, time_machine.travel(NOON, tick=False):
        allow_loopback(settings, server.port)
        yield server


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def manager(store: Store) -> Client:
    return english(client_of(make_person("manager", store.company, "manager")))


def page(client: Client, name: str, *args: Any, status: int = 200, **given: Any) -> str:
    """What a page says, or what it says after a post."""
    url = reverse(f"notifications:{name}", args=["C-S1", *args])
    response = client.post(url, given, follow=True) if given else client.get(url)
    assert response.status_code == status
    return str(words_of(response.content.decode()))


def test_a_manager_adds_a_webhook_and_sees_its_secret_once(manager, receiver):
    said = page(manager, "webhooks", url=receiver.url, kinds=["risk.flagged"])
    found = re.search(r"whsec_\S+", said)
    assert found is not None
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.url, endpoint.kinds) == (receiver.url, ["risk.flagged"])
    assert "whsec_" not in page(manager, "webhook", endpoint.pk)
    page(manager, "webhook_act", endpoint.pk, "test", go="1")
    stamp, signature = receiver.received[0].headers["dianwei-signature"].split(",")
    assert signature == f"v1={sign(found[0], int(stamp[2:]), receiver.received[0].body.decode())}"


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "https://user@erp.example/", "nonsense", ""])
def test_an_address_that_is_not_allowed_is_refused_in_words(manager, url):
    said = page(manager, "webhooks", status=422, url=url, kinds=["risk.flagged"])
    assert "Enter a public address" in said or "This field is required" in said
    assert not WebhookEndpoint.objects.exists()


def test_a_test_says_what_was_answered(manager, store, receiver):
    endpoint, _secret = make_endpoint(store, receiver.url)
    receiver.answers, receiver.body = [503], b"down for maintenance"
    said = page(manager, "webhook_act", endpoint.pk, "test", go="1")
    assert "did not accept the test: HTTP 503 · 0." in said
    assert "down for maintenance" in said


def test_the_log_shows_each_answer_and_what_failed_is_sent_again(manager, store, receiver):
    endpoint, _secret = make_endpoint(store, receiver.url)
    queued(store, count=2)
    receiver.answers = [Receiver.DIE, 500, 200]
    send_due()
    said = page(manager, "webhook", endpoint.pk)
    for text in ("orders are flagged red", "no connection, or it broke", "next attempt", "failing", "2 wait"):
        assert text in said
    WebhookDelivery.objects.update(state="failed", reason="given_up")
    assert "Send all that failed again 2" in page(manager, "webhook", endpoint.pk)
    assert "2 deliveries are sent again." in page(manager, "webhook_act", endpoint.pk, "replay", go="1")
    receiver.answers = [200]
    first = WebhookDelivery.objects.order_by("id")[0]
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        send_due(NOON + timedelta(hours=1))
        assert "1 delivery is sent again." in page(manager, "webhook_act", endpoint.pk, "replay", delivery=first.pk)


@pytest.mark.rule("RL-06")
def test_who_switches_off_second_is_told(manager, store):
    endpoint, _secret = make_endpoint(store, "https://erp.example/")
    switch_off(endpoint=endpoint, actor="person:1", at=NOON)
    said = page(manager, "webhook_act", endpoint.pk, "off", status=409, go="1")
    assert "Somebody else was faster" in said
    assert "The webhook is switched on" in page(manager, "webhook_act", endpoint.pk, "on", go="1")


def test_events_and_stores_are_changed_and_the_webhook_removed(manager, store):
    endpoint, _secret = make_endpoint(store, "https://erp.example/")
    second = make_store("S2", company=store.company)
    given = {"url": "https://wms.example/in", "kinds": ["notice.issued"], "stores": ["S2"]}
    assert "Saved." in page(manager, "webhook", endpoint.pk, **given)
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.kinds, list(endpoint.stores.all())) == (
        "https://wms.example/in",
        ["notice.issued"],
        [second],
    )
    assert "The webhook is removed." in page(manager, "webhook_act", endpoint.pk, "remove", go="1")
    assert not WebhookEndpoint.objects.exists()


def test_rotating_says_that_both_sign(manager, store):
    endpoint, _secret = make_endpoint(store, "https://erp.example/")
    said = page(manager, "webhook_act", endpoint.pk, "rotate", go="1")
    assert "whsec_" in said
    assert "The former one signs as well for 24 hours." in said


@pytest.mark.rule("RL-08")
def test_analysts_and_other_companies_see_no_webhooks(store):
    endpoint, _secret = make_endpoint(store, "https://erp.example/")
    analyst = client_of(make_person("analyst", store.company, "analyst"))
    stranger = client_of(make_person("stranger", make_store("S9").company))
    for name, args in (("webhooks", ["C-S1"]), ("webhook", ["C-S1", endpoint.pk])):
        url = reverse(f"notifications:{name}", args=args)
        assert (analyst.get(url).status_code, stranger.get(url).status_code) == (403, 404)
    own = reverse("notifications:webhook", args=["C-S9", endpoint.pk])
    assert stranger.get(own).status_code == 404
