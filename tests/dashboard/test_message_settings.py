"""Channels, routes, quiet hours and chain on the page "Team and settings" (PG-18, BX-08, PN-02)."""

import re
from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from notifications.models import ChainMember, CompanySchedule, Connection, Delivery, Phone, Route
from notifications.services.connections import note_failure
from stores.models import Store, User
from tests.httpserver import Receiver, allow_loopback, http_server
from tests.notifications.build import NIGHT, judged, make_store
from tests.notifications.pages import english, words_of
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only, pytest.mark.rule("PG-18")]


@pytest.fixture(autouse=True)
def night() -> Iterator[None]:
    with time_machine.travel(NIGHT, tick=False):
        yield


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def boss(store: Store) -> User:
    return named("boss", store, "owner")


@pytest.fixture
def helper(store: Store) -> User:
    return named("helper", store, "manager")


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    with http_server() as server:
        allow_loopback(settings, server.port)
        server.body = b'{"errcode": 0, "errmsg": "ok"}'
        yield server


def named(name: str, store: Store, role: str) -> User:
    person = make_person(name, store.company, role)
    person.name = name.title()
    person.save()
    return person


def team_page(client: Client) -> str:
    return client.get(reverse("dashboard:team", args=["C-S1"])).content.decode()


def filled(html: str, action: str) -> dict[str, str]:
    """A form as a browser would send it."""
    form = re.search(rf'<form[^>]*action="[^"]*{action}/?".*?</form>', html, re.DOTALL)
    assert form is not None
    given = {}
    for tag in re.findall(r"<input[^>]*>", form[0]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and "disabled" not in tag and ('type="checkbox"' not in tag or " checked" in tag):
            given[name[1]] = value[1] if value else "on"
    for attributes, options in re.findall(r"<select([^>]*)>(.*?)</select>", form[0], re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        if "disabled" not in attributes:
            name = re.search(r'name="([^"]*)"', attributes)
            assert name is not None
            given[name[1]] = chosen[1] if chosen else ""
    del given["csrfmiddlewaretoken"]
    return given


def post(client: Client, name: str, given: dict[str, str], *args: Any, status: int = 200) -> str:
    url = reverse(f"dashboard:{name}", args=["C-S1", *args])
    response = client.post(url, given, follow=True)
    assert response.status_code == status
    return str(words_of(response.content.decode()))


def connect(client: Client, receiver: Receiver) -> str:
    url = reverse("notifications:connection_add", args=["C-S1", "dingtalk"])
    given = {"name": "Ops", "language": "en", "address": f"{receiver.url}?access_token=abcd1234", "secret": "SEC1"}
    return str(words_of(client.post(url, given, follow=True).content.decode()))


# ── Channels ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_channels_show_where_messages_go_and_what_was_last(store, boss, helper):
    Phone.objects.create(user=boss, number="+8613800001111", verified_at=NIGHT)
    judged(store, late_dispatch="red")
    Delivery.objects.filter(channel="mail").update(state="sent", sent_at=NIGHT)
    said = words_of(team_page(english(client_of(boss))))
    assert "E-mail Goes to" not in said
    for text in ("e-mail 2 addresses working", "notice issued", "SMS 1 phone · +86138****1111", "browser push –"):
        assert text in said


def test_a_chat_is_connected_and_tested_at_once_and_its_address_not_shown_again(store, helper, receiver):
    client = english(client_of(helper))
    said = connect(client, receiver)
    assert "DingTalk · Ops: the test was taken after" in said
    assert len(receiver.received) == 1
    assert "abcd1234" not in team_page(client)
    chat = Connection.objects.get()
    page = client.get(reverse("notifications:connection", args=["C-S1", chat.pk])).content.decode()
    assert "127.0.0.1/…1234" in page
    assert "abcd1234" not in page


def test_a_broken_chat_is_told_on_top_and_its_test_says_why(store, boss, receiver):
    client = english(client_of(boss))
    connect(client, receiver)
    receiver.body = b'{"errcode": 300001, "errmsg": "token is not exist"}'
    chat = Connection.objects.get()
    test = reverse("notifications:connection_test", args=["C-S1", chat.pk])
    said = str(words_of(client.post(test, follow=True).content.decode()))
    assert "the test did not arrive" in said
    note_failure(connection=chat, answer="token is not exist", is_final=True, at=NIGHT)
    said = str(words_of(team_page(client)))
    assert "DingTalk “Ops” gets no messages" in said
    assert "not reached" in said
    remove = reverse("notifications:connection_remove", args=["C-S1", chat.pk])
    assert "gets no messages any more" in str(words_of(client.post(remove, follow=True).content.decode()))
    assert "gets no messages" not in str(words_of(team_page(client)))


def test_a_test_of_ones_own_address_says_what_became_of_it(store, boss):
    said = post(english(client_of(boss)), "channel_test", {}, "mail")
    assert "No mail server is set" in said
    response = client_of(boss).post(reverse("dashboard:channel_test", args=["C-S1", "sms"]))
    assert response.status_code == 404


# ── What goes where ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("PN-02")
def test_routes_are_chosen_and_what_is_mandatory_stays(store, helper):
    client = english(client_of(helper))
    given = filled(team_page(client), "team/routes")
    assert not {"red-mail", "red-sms", "penalty-sms", "deadline-mail"} & given.keys()
    del given["yellow-push"]
    given |= {"yellow-sms": "on", "risk-mail": "now", "risk-pace": "digest"}
    assert "Saved." in post(client, "message_routes", given)
    chosen = set(Route.objects.values_list("group", "channel", "pace"))
    assert {
        ("yellow", "push", "never"),
        ("yellow", "sms", "now"),
        ("risk", "mail", "now"),
        ("risk", "push", "digest"),
    } <= chosen
    assert not [row for row in chosen if row[:2] in (("red", "mail"), ("red", "sms"))]
    assert filled(team_page(client), "team/routes") == {
        **given,
        "seen": filled(team_page(client), "team/routes")["seen"],
    }


def test_a_forged_post_switches_nothing_mandatory_off(store, helper):
    client = english(client_of(helper))
    given = filled(team_page(client), "team/routes")
    post(client, "message_routes", {**given, "red-mail": "never", "red-sms": ""})
    assert not Route.objects.filter(group="red", channel__in=("mail", "sms")).exists()


@pytest.mark.rule("RL-06")
def test_the_second_of_two_people_sees_who_was_first(store, boss, helper):
    first, second = english(client_of(boss)), english(client_of(helper))
    forms = [filled(team_page(client), "team/routes") for client in (first, second)]
    post(first, "message_routes", {**forms[0], "yellow-sms": "on"})
    said = post(second, "message_routes", {**forms[1], "yellow-mail": "never"}, status=409)
    assert "Boss has changed this meanwhile" in said
    assert not Route.objects.filter(group="yellow", channel="mail", pace="never").exists()


def test_only_channels_in_use_are_columns(store, helper, receiver):
    client = english(client_of(helper))
    assert not [name for name in filled(team_page(client), "team/routes") if name.endswith("-dingtalk")]
    connect(client, receiver)
    ticked = filled(team_page(client), "team/routes")
    assert "red-dingtalk" in ticked
    assert "assigned-dingtalk" not in ticked


# ── Quiet hours and chain ──────────────────────────────────────────────────────────────────────────────────────────


def test_quiet_hours_and_digest_are_kept_and_drawn(store, helper):
    client = english(client_of(helper))
    given = filled(team_page(client), "team/schedule")
    given |= {"quiet_from": "22:00", "quiet_until": "08:00", "digest_at": "09:30"}
    assert "Saved." in post(client, "message_schedule", given)
    schedule = CompanySchedule.objects.get()
    assert (schedule.quiet_from, schedule.quiet_until, schedule.digest_at, schedule.time_zone) == (
        time(22),
        time(8),
        time(9, 30),
        "Asia/Shanghai",
    )
    html = team_page(client)
    assert 'aria-label="Quiet from 22:00 to 08:00; digest at 09:30"' in html
    assert re.findall(r'class="quiet" x="(\d+)" y="0" width="(\d+)"', html) == [("0", "333"), ("916", "84")]


def test_one_end_of_the_quiet_hours_is_not_enough(store, helper):
    client = english(client_of(helper))
    given = filled(team_page(client), "team/schedule") | {"quiet_from": "22:00", "quiet_until": ""}
    assert "Give both ends of the quiet hours, or none." in post(client, "message_schedule", given, status=422)
    assert not CompanySchedule.objects.exists()


@pytest.mark.rule("BX-08")
def test_the_chain_is_chosen_and_shown(store, boss, helper):
    client = english(client_of(helper))
    given = filled(team_page(client), "team/chain")
    given |= {f"step-{boss.pk}": "1", "hours": "4"}
    assert "Boss 4 h unopened → Helper" in post(client, "message_chain", given)
    assert list(ChainMember.objects.values_list("user", "place")) == [(boss.pk, 0)]
    assert CompanySchedule.objects.get().chain_hours == 4


@pytest.mark.rule("RL-08")
def test_analysts_read_settings_and_change_none(store):
    client = english(client_of(make_person("reader", store.company, "analyst")))
    html = team_page(client)
    assert "<fieldset" in html
    assert " disabled" in html
    assert "Save what goes where" not in html
    for name in ("message_routes", "message_schedule", "message_chain"):
        assert client.post(reverse(f"dashboard:{name}", args=["C-S1"]), {}).status_code == 403
    cache.clear()
    assert "No mail server is set" in post(client, "channel_test", {}, "mail")


# ── Message centre ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("PG-19")
def test_managers_see_all_deliveries_and_have_failed_ones_sent_again(store, boss, helper):
    judged(store, late_dispatch="red")
    delivery = Delivery.objects.filter(channel="mail").order_by("id")[0]
    Delivery.objects.filter(pk=delivery.pk).update(
        state="failed", reason="given_up", error="451 try later", attempts=12
    )
    client = english(client_of(helper))
    inbox = reverse("notifications:messages")
    said = str(words_of(client.get(inbox).content.decode()))
    for text in ("not reached by e-mail", "12 attempts", "all attempts failed", "451 try later"):
        assert text in said
    resend = reverse("notifications:message_resend", args=[delivery.message_id])
    assert "1 delivery is sent again." in str(words_of(client.post(resend, follow=True).content.decode()))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.due_at) == ("waiting", 0, NIGHT)
    reader = client_of(make_person("reader", store.company, "analyst"))
    stranger = client_of(make_person("stranger", make_store("S9").company))
    assert [one.post(resend).status_code for one in (reader, stranger)] == [404, 404]
    assert "sent again" not in str(words_of(english(reader).get(inbox).content.decode()))


@pytest.mark.rule("PG-19")
def test_what_is_tried_again_says_when(store, boss):
    judged(store, late_dispatch="red")
    Delivery.objects.update(attempts=1, retry_at=NIGHT + timedelta(minutes=5), error="no connection")
    said = str(words_of(english(client_of(boss)).get(reverse("notifications:messages")).content.decode()))
    assert "tried again e-mail, Boss, next attempt 2026-03-11 02:05" in said
