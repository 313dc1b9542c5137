"""People choose how they are mailed, and switch e-mails off by link without signing in (BX-08, PG-18; RFC 8058)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from notifications.channels.delivering import deliver_mail
from notifications.channels.mail.unsubscribing import unsubscribe_url
from notifications.models import InboxMessage, MailPreference, MessageRead, StoppedAddress
from stores.models import Store, User
from tests.mailserver import Postbox, mail_server, use_mail_server
from tests.notifications.build import NIGHT, judged, make_store
from tests.notifications.channels.test_mail import MORNING
from tests.notifications.pages import english, words_of
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("BX-08")]
PAGE = "/me/mail/"
PACES = {"case": "digest", "assigned": "now", "risk": "digest", "yellow": "never", "system": "now", "news": "digest"}


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def owner(store: Store) -> User:
    return make_person("owner", store.company, language="en")


def chosen() -> dict[str, str]:
    return dict(MailPreference.objects.values_list("group", "pace"))


def test_choices_are_kept_and_urgent_ones_are_not_offered(owner: User) -> None:
    client = english(client_of(owner))
    page = client.get(PAGE).content.decode()
    assert 'name="yellow"' in page
    assert 'name="red"' not in page
    assert client.post(PAGE, PACES | {"red": "never", "deadline": "never"}).status_code == 302
    assert chosen() == {"case": "digest", "yellow": "never"}
    assert client.post(PAGE, PACES | {"yellow": "weekly"}).status_code == 422


def test_one_click_switches_off_without_signing_in_and_reading_the_page_does_not(store: Store, owner: User) -> None:
    MailPreference.objects.create(user=owner, group="yellow", pace="now")
    judged(store, late_dispatch="yellow")
    deliver_mail(at=NIGHT)
    headers = mail.outbox[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = headers["List-Unsubscribe"].strip("<>").removeprefix("http://localhost:8000")
    assert link in mail.outbox[0].body
    strict = Client(enforce_csrf_checks=True)
    page = strict.get(link)
    assert page.status_code == 200
    assert "owner@example.com" not in page.content.decode()
    assert chosen() == {"yellow": "now"}
    assert strict.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert chosen() == {"yellow": "never"}


def test_link_of_a_digest_switches_off_all_but_urgent_mails(store: Store, owner: User) -> None:
    judged(store, late_dispatch="yellow")
    deliver_mail(at=MORNING)
    link = mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://localhost:8000")
    Client().post(link)
    assert chosen() == dict.fromkeys(("case", "assigned", "risk", "yellow", "system", "news"), "never")


def test_unsubscribe_link_is_no_oracle(owner: User) -> None:
    link = unsubscribe_url(owner, "yellow").removeprefix("http://localhost:8000")
    gone = unsubscribe_url(User(pk=owner.pk + 1000), "yellow").removeprefix("http://localhost:8000")
    answers = {re.sub(r"[\w-]{64}|data-server-now=\"\d+\"", "", Client().post(one).content.decode()).replace(one, "")
               for one in (link, gone)}  # fmt: skip
    assert len(answers) == 1
    assert Client().post(link[:-2] + "x/").status_code == 404
    assert not MailPreference.objects.filter(user_id=owner.pk + 1000).exists()


# ── a test message ──


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Postbox, int]]:
    with mail_server() as (postbox, port):
        yield postbox, port


def sent_test(person: User) -> str:
    client = english(client_of(person))
    return str(words_of(client.post("/me/mail/test/", follow=True).content.decode()))


@pytest.mark.rule("PG-18")
def test_result_of_a_test_is_shown(server: tuple[Postbox, int], settings: Any, owner: User) -> None:
    postbox, port = server
    use_mail_server(settings, port)
    postbox.at_rcpt["owner@example.com"] = "550 5.1.1 No such user"
    assert "does not know owner@example.com: 550 5.1.1 No such user" in sent_test(owner)
    assert StoppedAddress.objects.get().address == "owner@example.com"
    postbox.at_rcpt.clear()
    assert "The mail server took the test for owner@example.com" in sent_test(owner)
    assert not StoppedAddress.objects.exists()
    assert postbox.subjects() == ["[Dianwei] Test message"]


@pytest.mark.rule("PG-18")
def test_tests_are_limited(owner: User) -> None:
    with time_machine.travel(NIGHT, tick=False):
        for _test in range(5):
            assert "No mail server is set" in sent_test(owner)
        assert "Wait a little." in sent_test(owner)
    assert len(mail.outbox) == 5


# ── the message centre ──


@pytest.mark.rule("PG-19")
def test_opening_a_message_reads_it_and_leads_on(store: Store, owner: User) -> None:
    judged(store, late_dispatch="red")
    client, message = english(client_of(owner)), InboxMessage.objects.get()
    url = reverse("notifications:message", args=[message.pk])
    assert client.head(url).status_code == 302
    assert not MessageRead.objects.exists()
    assert client.get(url).headers["Location"].endswith(f"/notices/{message.notice.number}/")
    assert MessageRead.objects.get().user == owner
    assert client.post(url + "?show=unread", {"unread": "1"}).headers["Location"] == "/messages/?show=unread"
    assert not MessageRead.objects.exists()
    assert client_of(make_person("stranger")).get(url).status_code == 404


@pytest.mark.rule("PG-19")
def test_messages_are_filtered_by_store_kind_and_urgency(store: Store, owner: User) -> None:
    judged(store, late_dispatch="red", odr="yellow")
    judged(make_store("S2", company=store.company), odr="yellow")
    client = english(client_of(owner))

    def titles(**query: str) -> list[str]:
        return re.findall(r"<b>(\w+ notice) PN", client.get("/messages/", query).content.decode())

    assert sorted(titles()) == ["Red notice", "Yellow notice", "Yellow notice"]
    assert titles(store="S2") == ["Yellow notice"]
    assert titles(show="urgent") == ["Red notice"]
    assert titles(kind="notice.waived") == []
    assert len(titles(kind="notice.issued", store="S1")) == 2


@pytest.mark.rule("PG-19", "RL-08")
def test_deliveries_are_shown_to_whom_they_concern_and_to_owners(store: Store, owner: User) -> None:
    helper = make_person("helper", store.company, "manager")
    judged(store, late_dispatch="red")
    StoppedAddress.objects.create(address="helper@example.com", stopped_at=NIGHT)
    deliver_mail(at=NIGHT)
    seen = {person: words_of(english(client_of(person)).get("/messages/").content.decode())
            for person in (owner, helper, make_person("reader", store.company, "analyst"))}  # fmt: skip
    for person, text in seen.items():
        assert ("the address could not be reached before" in text) == (person in (owner, helper)), person
