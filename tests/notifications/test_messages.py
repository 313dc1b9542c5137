"""Messages: told once, read per person, in the reader's language (PG-19, RL-02)."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.models import Event
from notifications.models import InboxMessage, MessageRead, Notice
from notifications.services.messages import write_messages
from stores.models import Company, Membership, Store
from tests.notifications.build import DAY, NIGHT, ONE_DAY, judged, make_store
from tests.notifications.test_pages import english, words_of
from tests.stores.people import client_of, make_person, make_staff


@pytest.fixture
def store(db: None) -> Store:
    store = make_store()
    judged(store, late_dispatch="yellow")
    judged(store, DAY + ONE_DAY, late_dispatch="red", odr="yellow")
    return store


def inbox(client: Client, **query: str) -> str:
    response = client.get(reverse("notifications:messages"), query)
    assert response.status_code == 200
    return words_of(response.content.decode())


@pytest.mark.rule("RL-02", "PG-19")
def test_company_is_told_of_an_event_once(store: Store) -> None:
    before = list(InboxMessage.objects.values())
    write_messages(Event.objects.filter(kind="notice.issued").order_by("id"))
    assert list(InboxMessage.objects.values()) == before
    assert len(before) == 3


@pytest.mark.rule("PG-19")
def test_messages_are_listed_newest_first_and_read_per_person(store: Store) -> None:
    one, other = (english(client_of(make_person(name, store.company))) for name in ("one", "other"))
    text = inbox(one)
    titles = ["Yellow notice PN20260311-000001", "Red notice PN20260311-000002", "Yellow notice PN20260310-000001"]
    places = [text.index(title) for title in titles]
    assert sorted(places) in (places, [places[1], places[0], places[2]])
    assert "It replaces the yellow notice PN20260310-000001." in text
    assert "Messages ✉ Messages 3" in text
    red = Notice.objects.get(level="red")
    with time_machine.travel(NIGHT + 2 * ONE_DAY, tick=False):
        one.get(reverse("dashboard:notice", args=["S1", red.number]))
    assert "Red notice" not in inbox(one, show="unread")
    assert "Red notice" in inbox(one)
    assert "Messages ✉ Messages 2" in inbox(one)
    assert "Messages ✉ Messages 3" in inbox(other)
    assert one.post(reverse("notifications:messages")).status_code == 302
    assert "You have read every message." in inbox(one, show="unread")
    assert MessageRead.objects.filter(user__email="one@example.com").count() == 3
    assert one.post(reverse("notifications:messages")).status_code == 302
    assert "Messages ✉ Messages 3" in inbox(other)


@pytest.mark.rule("RL-08", "PG-19")
def test_messages_are_for_members_of_the_company_only(store: Store) -> None:
    stranger = make_person("stranger", Company.objects.create(company_no="X", name="X"))
    removed = make_person("removed", store.company)
    Membership.objects.filter(user=removed).delete()
    for user in (stranger, removed, make_staff("reviewer", "reviewer")):
        text = inbox(english(client_of(user)))
        assert "No messages yet" in text
        assert "PN2026" not in text


def test_stored_messages_hold_no_words(store: Store) -> None:
    assert set(InboxMessage.objects.filter(kind="notice.issued").order_by("id")[0].parameters) == {
        "number", "metric", "level", "day", "value", "line", "unit", "replaces", "appeal_by",
    }  # fmt: skip
