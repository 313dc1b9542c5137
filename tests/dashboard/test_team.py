"""The page of a company's people: who sees what, who may change what (PG-18, BX-08, PN-37)."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from notifications.models import Notice, StoppedAddress
from notifications.services.lifecycle import open_notice
from stores.models import Membership, Store, User
from tests.notifications.build import DAY, NIGHT, ONE_DAY, judged, make_store
from tests.notifications.pages import english, words_of
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only, pytest.mark.rule("PG-18")]


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def team(store: Store) -> dict[str, User]:
    roles = {"boss": "owner", "helper": "manager", "reader": "analyst"}
    people = {name: make_person(name, store.company, role) for name, role in roles.items()}
    for name, person in people.items():
        person.name = name.title()
        person.save()
    return people


def page(person: User, at: Any = NIGHT) -> str:
    with time_machine.travel(at, tick=False):
        response = english(client_of(person)).get(reverse("dashboard:team", args=["C-S1"]))
    assert response.status_code == 200
    return str(words_of(response.content.decode()))


def act(person: User, name: str, *args: Any, **given: str) -> str:
    """What the page says after a post."""
    client = english(client_of(person))
    response = client.post(reverse(f"dashboard:{name}", args=["C-S1", *args]), given, follow=True)
    assert response.status_code == 200
    return str(words_of(response.content.decode()))


def roles() -> dict[str, str]:
    rows = Membership.objects.values_list("user__email", "role")
    return {email.split("@")[0]: role for email, role in rows}


@pytest.mark.sqlite_only
def test_owner_sees_addresses_activity_and_actions_and_others_names_only(team: dict[str, User]) -> None:
    boss, reader = page(team["boss"]), page(team["reader"])
    for text in ("Members 3", "Boss", "Helper", "Reader"):
        assert text in boss
        assert text in reader
    for text in ("helper@example.com", "no two-step sign-in", "Remove from the company", "Send invitation"):
        assert text in boss
        assert text not in reader


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-08")
def test_chain_of_recipients_is_shown(team: dict[str, User]) -> None:
    assert "Helper 8 h unopened → Boss" in page(team["reader"])


@pytest.mark.sqlite_only
def test_owner_invites_and_the_link_is_shown_once(team: dict[str, User], store: Store) -> None:
    client = english(client_of(team["boss"]))
    url = reverse("dashboard:team", args=["C-S1"])
    answer = client.post(url, {"email": "new@example.com", "role": "manager"}).content.decode()
    link = re.search(r"http://localhost:8000(/invitations/[^/]+/)", answer)
    assert link
    assert "Invitation sent to new@example.com." in answer
    assert link[0] in mail.outbox[0].body
    assert mail.outbox[0].to == ["new@example.com"]
    again = client.get(url).content.decode()
    assert link[0] not in again
    assert "invitation not accepted yet" in again
    assert Client().get(link[1]).status_code == 200


@pytest.mark.sqlite_only
def test_wrong_invitation_says_why(team: dict[str, User]) -> None:
    client = english(client_of(team["boss"]))
    response = client.post(reverse("dashboard:team", args=["C-S1"]), {"email": "helper@example.com", "role": "owner"})
    assert response.status_code == 422
    assert "This person is a member already." in response.content.decode()


@pytest.mark.rule("DM-01")
def test_roles_change_and_the_last_owner_stays(team: dict[str, User]) -> None:
    boss, helper, reader = team["boss"], team["helper"], team["reader"]
    assert "Reader has another role now." in act(boss, "member_role", reader.pk, **{f"m{reader.pk}-role": "manager"})
    assert "A company needs an owner." in act(boss, "member_role", boss.pk, **{f"m{boss.pk}-role": "analyst"})
    assert "A company needs an owner." in act(boss, "member_remove", boss.pk)
    assert "Helper is no member any more." in act(boss, "member_remove", helper.pk)
    assert roles() == {"boss": "owner", "reader": "manager"}
    assert "Reader is owner now; you are manager." in act(boss, "member_ownership", reader.pk)
    assert roles() == {"boss": "manager", "reader": "owner"}


@pytest.mark.rule("RL-11", "DM-01")
def test_removed_member_loses_the_open_session_at_once(team: dict[str, User]) -> None:
    browser = client_of(team["helper"])
    url = reverse("dashboard:team", args=["C-S1"])
    assert browser.get(url).status_code == 200
    act(team["boss"], "member_remove", team["helper"].pk)
    assert browser.get(url).status_code == 404


@pytest.mark.sqlite_only
def test_withdrawn_invitation_opens_nothing(team: dict[str, User], store: Store) -> None:
    act(team["boss"], "team", email="new@example.com", role="analyst")
    invitation = store.company.invitations.get()
    assert "The invitation is withdrawn." in act(team["boss"], "invitation_withdraw", invitation.pk)
    link = re.search(r"/invitations/[^/]+/", mail.outbox[0].body)
    assert link
    assert Client().get(link[0]).status_code == 404


# ── messages that reach nobody ──


def stores_page(person: User, at: Any) -> str:
    with time_machine.travel(at, tick=False):
        return str(words_of(english(client_of(person)).get(reverse("dashboard:stores")).content.decode()))


@pytest.mark.rule("PN-37")
def test_owner_is_told_that_no_address_works(team: dict[str, User]) -> None:
    for name in ("boss", "helper"):
        StoppedAddress.objects.create(address=f"{name}@example.com", stopped_at=NIGHT)
    assert "No e-mail reaches" not in stores_page(team["boss"], NIGHT)
    StoppedAddress.objects.create(address="reader@example.com", stopped_at=NIGHT)
    assert "No e-mail reaches Company of S1" in stores_page(team["boss"], NIGHT)
    assert "No e-mail reaches" not in stores_page(team["helper"], NIGHT)
    assert "e-mail does not arrive" in page(team["boss"])


@pytest.mark.rule("PN-37")
def test_owner_is_told_that_nobody_opens_notices(team: dict[str, User], store: Store) -> None:
    said = "Nobody of Company of S1 has opened a notice in 30 days"
    judged(store, late_dispatch="red")
    assert said not in stores_page(team["boss"], NIGHT + timedelta(days=30) - timedelta(seconds=1))
    assert said in stores_page(team["boss"], NIGHT + timedelta(days=30))
    judged(store, DAY + 30 * ONE_DAY, odr="red")
    second = Notice.objects.select_related("store__company").get(metric="odr")
    open_notice(notice=second, user=team["reader"], at=NIGHT + timedelta(days=31))
    assert said not in stores_page(team["boss"], NIGHT + timedelta(days=32))
