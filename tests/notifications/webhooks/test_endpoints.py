"""What people do with webhooks (IX-23, RL-13)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from core.events import event_text
from core.models import Event
from core.outgoing import RefusedTargetError
from core.secrets import unseal
from notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from notifications.webhooks.endpoints import (
    MOST_ENDPOINTS,
    EndpointChangedError,
    TooManyEndpointsError,
    Wishes,
    change_endpoint,
    failed_deliveries,
    remove_endpoint,
    replay,
    rotate_secret,
    send_test,
    switch_off,
    switch_on,
)
from stores.models import Store
from tests.httpserver import Receiver, allow_loopback, http_server
from tests.notifications.build import make_store
from tests.notifications.webhooks.build import NOON, make_endpoint, queued, send_due

pytestmark = [pytest.mark.rule("IX-23"), pytest.mark.django_db, pytest.mark.sqlite_only]
URL = "https://erp.example/hook?token=1"
BY = "person:1"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    with http_server() as server:
        allow_loopback(settings, server.port)
        yield server


@pytest.fixture
def store() -> Store:
    return make_store()


def recorded() -> list[str]:
    return list(Event.objects.filter(subject_kind="webhook").order_by("id").values_list("kind", flat=True))


@pytest.mark.rule("RL-13")
def test_the_secret_is_sealed_and_bound_to_its_endpoint(store):
    endpoint, secret = make_endpoint(store, URL)
    other, _other_secret = make_endpoint(store, URL)
    assert secret.startswith("whsec_")
    assert secret not in endpoint.secret
    assert unseal(endpoint.secret, context=f"webhook:{endpoint.key}:secret") == secret
    WebhookEndpoint.objects.filter(pk=other.pk).update(secret=endpoint.secret)
    with pytest.raises(ValueError):
        unseal(endpoint.secret, context=f"webhook:{other.key}:secret")


def test_the_audit_trail_names_the_host_and_no_secrets(store):
    endpoint, secret = make_endpoint(store, URL, stores=(store,))
    rotate_secret(endpoint=endpoint, actor=BY, at=NOON)
    wishes = Wishes("https://wms.example/", ("notice.issued",))
    change_endpoint(endpoint=endpoint, wishes=wishes, actor=BY, at=NOON)
    remove_endpoint(endpoint=endpoint, actor=BY, at=NOON)
    assert recorded() == ["webhook.added", "webhook.rotated", "webhook.changed", "webhook.removed"]
    texts = " ".join(event_text(event) + json.dumps([event.before, event.after]) for event in Event.objects.all())
    assert "erp.example" in texts
    assert "token" not in texts
    assert secret not in texts


@pytest.mark.parametrize("url", ["http://erp.example/", "https://erp.example:22/", "https://2130706433/", "nonsense"])
def test_addresses_that_are_not_allowed_are_refused(store, url):
    with pytest.raises(RefusedTargetError):
        make_endpoint(store, url)


@pytest.mark.rule("RL-08")
def test_unknown_events_and_stores_of_others_are_refused(store):
    for kinds, stores in (((), ()), (("order.deleted",), ()), (("notice.issued",), (make_store("S9"),))):
        with pytest.raises(ValueError):
            make_endpoint(store, URL, kinds, stores)
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.rule("RL-18")
def test_a_company_has_a_limited_number_of_endpoints(store):
    for _ in range(MOST_ENDPOINTS):
        make_endpoint(store, URL)
    with pytest.raises(TooManyEndpointsError):
        make_endpoint(store, URL)


@pytest.mark.rule("RL-06")
def test_the_second_of_two_people_is_told(store):
    endpoint, _secret = make_endpoint(store, URL)
    held = WebhookEndpoint.objects.get()
    rotate_secret(endpoint=endpoint, actor=BY, at=NOON)
    with pytest.raises(EndpointChangedError):
        rotate_secret(endpoint=held, actor="person:2", at=NOON)
    switch_off(endpoint=endpoint, actor=BY, at=NOON)
    with pytest.raises(EndpointChangedError):
        switch_off(endpoint=held, actor="person:2", at=NOON)
    switch_on(endpoint=endpoint, actor=BY, at=NOON)
    with pytest.raises(EndpointChangedError):
        switch_on(endpoint=held, actor="person:2", at=NOON)
    assert recorded() == ["webhook.added", "webhook.rotated", "webhook.disabled", "webhook.enabled"]


def test_what_was_missed_is_replayed_with_its_ids_and_bodies(store, receiver):
    endpoint, _secret = make_endpoint(store, receiver.url)
    missed = queued(store, count=3)
    switch_off(endpoint=endpoint, actor=BY, at=NOON)
    send_due()
    later = NOON + timedelta(days=3)
    switch_on(endpoint=endpoint, actor=BY, at=later)
    failed = failed_deliveries(endpoint)
    assert replay(endpoint=endpoint, deliveries=failed, actor=BY, at=later) == 3
    assert send_due(later) == {"delivered": 3}
    sent = [(request.headers["dianwei-event-id"], request.body.decode()) for request in receiver.received]
    assert sent == [(row.event_id, row.body) for row in missed]


def test_a_delivered_event_is_sent_again_under_its_id_and_what_waits_stays(store, receiver):
    endpoint, _secret = make_endpoint(store, receiver.url)
    [first] = queued(store)
    send_due()
    rows = queued(store)
    assert replay(endpoint=endpoint, deliveries=rows, actor=BY, at=NOON) == 1
    assert send_due() == {"delivered": 2}
    ids = [request.headers["dianwei-event-id"] for request in receiver.received]
    assert ids.count(first.event_id) == 2
    assert len(ids) == 3


def test_a_test_is_answered_at_once_and_not_repeated(store, receiver):
    endpoint, _secret = make_endpoint(store, receiver.url)
    receiver.answers, receiver.body = [500, 200], b"no route"
    delivery, sent = send_test(endpoint=endpoint, actor=BY, at=NOON)
    assert (delivery.state, delivery.reason, sent.response.status, sent.response.text) == (
        "failed",
        "test",
        500,
        "no route",
    )
    assert send_due(NOON + timedelta(hours=1)) == {}
    delivery, sent = send_test(endpoint=endpoint, actor=BY, at=NOON)
    assert (delivery.state, sent.is_accepted, WebhookAttempt.objects.count()) == ("delivered", True, 2)
    body = json.loads(receiver.received[0].body)
    assert (body["type"], body["data"], body["id"][:5]) == ("test", {}, "test-")
    assert failed_deliveries(endpoint) == []
    endpoint.refresh_from_db()
    assert endpoint.state == "active"


def test_removing_an_endpoint_takes_its_log_along(store, receiver):
    endpoint, _secret = make_endpoint(store, receiver.url)
    queued(store)
    send_due()
    remove_endpoint(endpoint=endpoint, actor=BY, at=NOON)
    assert not WebhookDelivery.objects.exists()
    assert not WebhookAttempt.objects.exists()
