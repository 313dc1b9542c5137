"""Who looks after a notice, and notes among colleagues (PN-13)."""

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.models import Event
from notifications.models import Notice, NoticeNote
from notifications.services.assigning import NotAMemberError, assign_notice, write_note
from stores.models import Store, User
from stores.roles import REVIEWER
from tests.notifications.build import DAY, NIGHT, judged, make_store
from tests.notifications.pages import english, words_of
from tests.stores.people import client_of, make_person, make_staff


@pytest.fixture
def store(db: None) -> Store:
    store = make_store()
    judged(store, DAY, late_dispatch="red")
    return store


@pytest.fixture
def notice(store: Store) -> Notice:
    return Notice.objects.select_related("store__company").get()


@pytest.fixture
def mei(store: Store) -> User:
    return make_person("mei", store.company, "manager")


def ask(client: Client, notice: Notice, data: dict[str, Any] | None = None) -> Any:
    url = reverse("dashboard:notice_team", args=[notice.store.store_no, notice.number])
    with time_machine.travel(NIGHT, tick=False):
        return english(client).get(url) if data is None else english(client).post(url, data)


@pytest.mark.rule("PN-13", "DM-33")
def test_notice_is_assigned_to_a_member_once(notice: Notice, mei: User) -> None:
    for changed in (True, False):
        assert assign_notice(notice=notice, assignee=mei, at=NIGHT, actor="person:1") == changed
    assert assign_notice(notice=notice, assignee=None, at=NIGHT, actor="person:1")
    events = Event.objects.filter(kind="notice.assigned").order_by("id").values_list("before", "after")
    me, nobody = {"assignee": f"person:{mei.pk}"}, {"assignee": ""}
    assert list(events) == [(nobody, me), (me, nobody)]


@pytest.mark.rule("PN-13", "RL-08")
def test_notice_is_not_assigned_to_a_stranger(notice: Notice) -> None:
    stranger = make_person("stranger", make_store("S2").company)
    with pytest.raises(NotAMemberError):
        assign_notice(notice=notice, assignee=stranger, at=NIGHT, actor="person:1")
    owner = make_person("owner", notice.store.company)
    response = ask(client_of(owner), notice, {"do": "assign", "assignee": stranger.pk})
    assert response.status_code == 422
    assert Notice.objects.get(pk=notice.pk).assignee is None


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-13")
def test_owner_assigns_and_writes_notes_by_the_form(notice: Notice, mei: User) -> None:
    owner = client_of(make_person("owner", notice.store.company))
    response = ask(owner, notice, {"do": "assign", "assignee": mei.pk})
    assert (response.status_code, response.url.rpartition("/")[2]) == (302, "#team")
    ask(owner, notice, {"do": "note", "text": "The carrier answers tomorrow."})
    shown = words_of(ask(owner, notice).content.decode())
    assert "The carrier answers tomorrow." in shown
    assert Notice.objects.get(pk=notice.pk).assignee == mei
    assert ask(owner, notice, {"do": "note", "text": "  "}).status_code == 422
    assert NoticeNote.objects.count() == 1
    event = Event.objects.get(kind="notice.noted")
    assert (event.before, event.after) == ({}, {})


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-13", "RL-08")
def test_notes_are_read_by_members_alone(notice: Notice, mei: User) -> None:
    write_note(notice=notice, text="Between us.", author=mei, at=NIGHT)
    analyst = client_of(make_person("lin", notice.store.company, "analyst"))
    reviewer = client_of(make_staff("reviewer", REVIEWER))
    read = {name: words_of(ask(client, notice).content.decode()) for name, client in (("a", analyst), ("r", reviewer))}
    assert ["Between us." in read[name] for name in "ar"] == [True, False]
    assert not any("Add note" in words for words in read.values())
