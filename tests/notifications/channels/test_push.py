"""Push messages decrypted as a browser does, by a push service on loopback (RFC 8030, 8291, 8292; PN-02, RL-02)."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.exceptions import ValidationError

from notifications.channels.delivering import deliver
from notifications.channels.push.vapid import public_key
from notifications.channels.trials import test_browser as send_test
from notifications.models import Delivery, PushKey, PushSubscription
from notifications.rules import ChannelName
from notifications.services.browsers import parse_subscription, subscribe_browser, unsubscribe_browser
from stores.models import Store, User
from tests.httpserver import Receiver, allow_loopback, http_server
from tests.notifications.build import DAY, NIGHT, ONE_DAY, judged, make_store
from tests.stores.people import make_person

MINUTE = timedelta(minutes=1)
PUSH = ChannelName.PUSH

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("RL-02", "PN-02")]


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Browser:
    """The browser's side of a subscription."""

    url: str
    key: ec.EllipticCurvePrivateKey
    auth: bytes = b"0123456789abcdef"

    def subscription(self) -> str:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return json.dumps({"endpoint": self.url, "keys": {"p256dh": encoded(point), "auth": encoded(self.auth)}})

    def read(self, body: bytes) -> dict[str, str]:
        plain = http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        found: dict[str, str] = json.loads(plain)
        return found


@pytest.fixture(scope="module")
def server() -> Iterator[Receiver]:
    with http_server() as receiver:
        yield receiver


@pytest.fixture
def service(server: Receiver, settings: Any) -> Receiver:
    server.answers, server.received, server.pause = [201], [], 0
    allow_loopback(settings, server.port)
    settings.CHANNEL_TIMEOUT = 0.4
    return server


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def owner(store: Store) -> User:
    return make_person("owner", store.company, language="en")


def subscribed(service: Receiver, user: User, name: str = "one") -> Browser:
    browser = Browser(f"{service.url}/{name}", ec.generate_private_key(ec.SECP256R1()))
    endpoint = parse_subscription(browser.subscription())
    subscribe_browser(user=user, endpoint=endpoint, label=f"Chromium {name}", at=NIGHT)
    return browser


def states() -> list[tuple[str, str, int]]:
    return list(Delivery.objects.filter(channel="push").order_by("id").values_list("state", "reason", "attempts"))


def test_message_is_encrypted_for_the_browser_and_says_nothing_about_people(
    service: Receiver, store: Store, owner: User
) -> None:
    browser = subscribed(service, owner)
    judged(store, late_dispatch="red")
    assert deliver(PUSH, at=NIGHT).rows == {"sent": 1}
    [request] = service.received
    delivery = Delivery.objects.get(channel="push")
    number = request.headers["topic"]
    assert browser.read(request.body) == {
        "id": number,
        "title": "Red notice PN20260310-000001",
        "body": "Store S1",
        "path": f"/messages/{delivery.message_id}/",
    }
    assert (request.headers["content-encoding"], request.headers["urgency"]) == ("aes128gcm", "high")
    assert len(number) <= 32


def test_push_service_can_check_who_sends(service: Receiver, store: Store, owner: User) -> None:
    subscribed(service, owner)
    judged(store, late_dispatch="red")
    deliver(PUSH, at=NIGHT)
    scheme, _blank, rest = service.received[0].headers["authorization"].partition(" ")
    given = dict(part.strip().split("=", 1) for part in rest.split(","))
    head, claims, signature = given["t"].split(".")
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(given["k"]))
    r, s = (int.from_bytes(half) for half in (decoded(signature)[:32], decoded(signature)[32:]))
    point.verify(encode_dss_signature(r, s), f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    assert (scheme, given["k"]) == ("vapid", public_key())
    assert json.loads(decoded(claims))["aud"] == f"http://127.0.0.1:{service.port}"
    assert json.loads(decoded(claims))["sub"] == "mailto:dianwei@localhost"
    assert PushKey.objects.count() == 1
    assert "PRIVATE" not in PushKey.objects.get().sealed_private_key


@pytest.mark.parametrize("status", [404, 410])
def test_browser_that_is_gone_is_forgotten(service: Receiver, store: Store, owner: User, status: int) -> None:
    subscribed(service, owner)
    service.answers = [status]
    judged(store, late_dispatch="red")
    assert deliver(PUSH, at=NIGHT).rows == {"unreachable": 1}
    assert states() == [("failed", "unreachable", 1)]
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize("first", [429, 503, Receiver.HANG, Receiver.DIE_INSIDE])
def test_message_that_is_sent_again_replaces_itself(service: Receiver, store: Store, owner: User, first: Any) -> None:
    browser = subscribed(service, owner)
    service.answers = [first, 201]
    judged(store, late_dispatch="red")
    deliver(PUSH, at=NIGHT)
    assert states() == [("waiting", "", 1)]
    assert deliver(PUSH, at=NIGHT + MINUTE).rows == {"sent": 1}
    assert len({request.headers["topic"] for request in service.received}) == 1
    assert len({browser.read(request.body)["id"] for request in service.received}) == 1


def test_refusal_fails_the_message_and_keeps_the_browser(service: Receiver, store: Store, owner: User) -> None:
    subscribed(service, owner)
    service.answers = [413]
    judged(store, late_dispatch="red")
    assert deliver(PUSH, at=NIGHT).rows == {"refused": 1}
    assert PushSubscription.objects.exists()


def test_browser_that_is_slow_holds_up_no_other(service: Receiver, store: Store, owner: User) -> None:
    one, two = subscribed(service, owner), subscribed(service, owner, "two")
    service.answers = [Receiver.HANG, 201]
    judged(store, late_dispatch="red")
    assert deliver(PUSH, at=NIGHT).rows == {"down": 1, "sent": 1}
    judged(store, DAY + ONE_DAY, odr="red")
    assert deliver(PUSH, at=NIGHT + ONE_DAY).rows == {"sent": 3}
    assert {one.url, two.url} == {f"{service.url}/one", f"{service.url}/two"}


def test_browser_belongs_to_who_subscribed_in_it_last(service: Receiver, store: Store, owner: User) -> None:
    browser = subscribed(service, owner)
    judged(store, late_dispatch="red")
    other = make_person("other")
    endpoint = parse_subscription(browser.subscription())
    subscribe_browser(user=other, endpoint=endpoint, label="Chromium", at=NIGHT)
    deliver(PUSH, at=NIGHT)
    assert states() == [("failed", "gone", 1)]
    assert service.received == []
    assert not unsubscribe_browser(user=owner, key=endpoint.key, at=NIGHT)
    assert unsubscribe_browser(user=other, key=endpoint.key, at=NIGHT)


def test_result_of_a_test_is_told_and_a_dead_browser_forgotten(service: Receiver, owner: User) -> None:
    subscribed(service, owner)
    assert send_test(subscription=PushSubscription.objects.get(), at=NIGHT).arrived
    service.answers = [410]
    assert not send_test(subscription=PushSubscription.objects.get(), at=NIGHT).arrived
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"endpoint": "https://push.example.com/x"}',
        '{"endpoint": "https://127.0.0.1:22/x", "keys": {"p256dh": "QQ", "auth": "QQ"}}',
        '{"endpoint": "https://push.example.com/x", "keys": {"p256dh": "QQ", "auth": "QQ"}}',
    ],
)
def test_what_is_no_subscription_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        parse_subscription(text)
