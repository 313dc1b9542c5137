"""How messages reach a person: phone, browsers and quiet hours on one page (PG-18, BX-08)."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import translation

from notifications.channels.push.worker import browser_label
from notifications.models import Connection, PersonSchedule, Phone, PushSubscription
from stores.models import Store, User
from tests.notifications.build import NIGHT, make_store
from tests.notifications.channels.test_push import Browser
from tests.notifications.pages import english
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("PG-18")]
PAGE = "/me/mail/"


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def owner(store: Store) -> User:
    return make_person("owner", store.company, language="en")


@pytest.mark.clock
def test_phone_is_given_confirmed_and_removed(owner: User, settings: Any, tmp_path: Path) -> None:
    settings.SMS_FOLDER = tmp_path
    client = english(client_of(owner))
    assert client.post("/me/phone/", {"number": "12"}).status_code == 422
    assert client.post("/me/phone/", {"number": "138 0013 8000"}).status_code == 302
    page = client.get(PAGE).content.decode()
    assert "Code sent to +86138****8000" in page
    [text] = tmp_path.iterdir()
    found = re.search(r"Code (\d{6})", text.read_text())
    assert found is not None
    client.post("/me/phone/confirm/", {"code": "x"})
    assert Phone.objects.get().number == ""
    client.post("/me/phone/confirm/", {"code": found[1]})
    page = client.get(PAGE).content.decode()
    assert "+86138****8000" in page
    assert "13800138000" not in page
    client.post("/me/phone/test/")
    assert len(list(tmp_path.iterdir())) == 2
    client.post("/me/phone/remove/")
    assert not Phone.objects.exists()


@pytest.mark.clock
def test_browsers_are_the_persons_own(owner: User) -> None:
    client = english(client_of(owner))
    given = Browser("https://push.example.com/x", ec.generate_private_key(ec.SECP256R1())).subscription()
    assert client.post("/me/browsers/", {"subscription": "{}"}).status_code == 302
    assert not PushSubscription.objects.exists()
    client.post("/me/browsers/", {"subscription": given}, headers={"user-agent": "Windows Chrome/1 Edg/1"})
    key = PushSubscription.objects.get().key
    assert "Edge, Windows" in client.get(PAGE).content.decode()
    assert json.loads(given)["endpoint"] not in client.get(PAGE).content.decode()
    other = english(client_of(make_person("other")))
    assert other.post(f"/me/browsers/{key}/test/").status_code == 404
    other.post(f"/me/browsers/{key}/remove/")
    assert PushSubscription.objects.exists()
    client.post(f"/me/browsers/{key}/remove/")
    assert not PushSubscription.objects.exists()


@pytest.mark.clock
@pytest.mark.rule("BX-08")
def test_quiet_hours_have_both_ends_or_none(owner: User) -> None:
    client = english(client_of(owner))
    wrong = client.post("/me/quiet/", {"quiet_from": "22:00", "quiet_until": "", "digest_at": "08:30"})
    assert (wrong.status_code, "Give both ends" in wrong.content.decode()) == (422, True)
    client.post("/me/quiet/", {"quiet_from": "22:00", "quiet_until": "07:30", "digest_at": "08:30"})
    found = PersonSchedule.objects.values_list("quiet_from", "quiet_until", "digest_at").get()
    assert [clock.isoformat("minutes") for clock in found] == ["22:00", "07:30", "08:30"]
    assert 'value="22:00"' in client.get(PAGE).content.decode()


@pytest.mark.clock
def test_service_worker_is_served_from_the_top_of_the_site() -> None:
    response = client_of(None).get("/service-worker.js")
    assert (response.status_code, response["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert "worker-src 'self'" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8", "浏览器"),
    ],
)
def test_browsers_are_called_what_people_call_them(agent: str, label: str) -> None:
    with translation.override("zh-hans"):
        assert browser_label(agent) == label


@pytest.mark.clock
@pytest.mark.rule("PN-37")
def test_chat_that_gets_nothing_is_told_on_top_of_owners_pages(store: Store, owner: User) -> None:
    Connection.objects.create(
        company=store.company, channel="dingtalk", name="Ops", target="x", sealed_address="", created_at=NIGHT,
        state="stopped", failing_since=NIGHT, alarmed_at=NIGHT, last_error="200 robot stopped",
    )  # fmt: skip
    page = english(client_of(owner)).get("/messages/").content.decode()
    assert "DingTalk “Ops” gets no messages" in page
    assert "200 robot stopped" in page
    reader = make_person("reader", store.company, "analyst", language="en")
    assert "gets no messages" not in english(client_of(reader)).get("/messages/").content.decode()
