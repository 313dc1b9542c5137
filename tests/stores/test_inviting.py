"""Invitations work once, for their address and for some days; a company keeps an owner (PG-18, DM-01)."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from core.models import Event
from stores.models import Company, Invitation, Membership, User
from stores.services import (
    AddressTakenError,
    AlreadyMemberError,
    InvitationGoneError,
    TooManyInvitationsError,
    accept_invitation,
    change_role,
    find_invitation,
    hand_over_ownership,
    invite_member,
    join_with_account,
    remove_member,
    withdraw_invitation,
)
from tests.stores.people import client_of, make_person, make_store

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)
ACCOUNT = {"name": "Wu", "password": "correct horse battery", "again": "correct horse battery"}

pytestmark = [pytest.mark.django_db, pytest.mark.rule("PG-18", "DM-01")]


@pytest.fixture
def company(db: None) -> Company:
    return make_store().company


@pytest.fixture
def owner(company: Company) -> User:
    return make_person("owner", company)


def invite(company: Company, owner: User, email: str = "wu@example.com", at: datetime = NOON) -> tuple[Invitation, str]:
    return invite_member(company=company, email=email, role="manager", inviter=owner, at=at)


def roles(company: Company) -> dict[str, str]:
    rows = Membership.objects.filter(company=company).values_list("user__email", "role")
    return {email.split("@")[0]: role for email, role in rows}


def join(token: str, client: Client | None = None, at: datetime = NOON, **given: str) -> Any:
    with time_machine.travel(at, tick=False):
        return (client or Client()).post(reverse("stores:invitation", args=[token]), given)


# ── by services ──


def test_only_the_hash_of_a_token_is_stored(company: Company, owner: User) -> None:
    invitation, token = invite(company, owner)
    assert token not in str(Invitation.objects.values().get())
    assert find_invitation(token, at=NOON) == invitation
    assert find_invitation(token + "x", at=NOON) is None


@pytest.mark.rule("RL-05")
def test_link_works_through_its_last_second(company: Company, owner: User) -> None:
    invitation, token = invite(company, owner)
    assert find_invitation(token, at=NOON + WEEK) == invitation
    assert find_invitation(token, at=NOON + WEEK + SECOND) is None


def test_inviting_again_withdraws_the_first_link(company: Company, owner: User) -> None:
    _first, token = invite(company, owner)
    second, newer = invite(company, owner, "WU@example.com")
    assert find_invitation(token, at=NOON) is None
    assert find_invitation(newer, at=NOON) == second


def test_members_are_not_invited_and_a_day_has_a_limit(company: Company, owner: User) -> None:
    with pytest.raises(AlreadyMemberError):
        invite(company, owner, "owner@example.com")
    for number in range(20):
        invite(company, owner, f"p{number}@example.com")
    with pytest.raises(TooManyInvitationsError):
        invite(company, owner, "more@example.com")
    invite(company, owner, "more@example.com", NOON + timedelta(days=1))


@pytest.mark.rule("DM-33")
def test_audit_trail_tells_of_invitations_without_addresses(company: Company, owner: User) -> None:
    invitation, _token = invite(company, owner)
    accept_invitation(invitation=invitation, user=make_person("wu"), at=NOON)
    other, _token = invite(company, owner, "other@example.com")
    assert withdraw_invitation(invitation=other, actor="person:1", at=NOON)
    assert not withdraw_invitation(invitation=other, actor="person:1", at=NOON)
    assert list(Event.objects.order_by("id").values_list("kind", flat=True)) == [
        "member.invited", "invitation.accepted", "member.added", "member.invited", "invitation.withdrawn",
    ]  # fmt: skip
    assert not any("@" in str(row) for row in Event.objects.values("subject_key", "before", "after", "actor"))


def test_invitation_is_accepted_once_and_by_its_address_only(company: Company, owner: User) -> None:
    invitation, _token = invite(company, owner)
    with pytest.raises(InvitationGoneError):
        accept_invitation(invitation=invitation, user=make_person("other"), at=NOON)
    wu = make_person("wu")
    accept_invitation(invitation=invitation, user=wu, at=NOON)
    with pytest.raises(InvitationGoneError):
        accept_invitation(invitation=invitation, user=wu, at=NOON)
    assert roles(company) == {"owner": "owner", "wu": "manager"}


def test_accepting_lowers_no_role(company: Company, owner: User) -> None:
    invitation, _token = invite(company, owner)
    wu = make_person("wu", company, "owner")
    accept_invitation(invitation=invitation, user=wu, at=NOON)
    assert roles(company)["wu"] == "owner"


def test_ownership_is_handed_over_whole_or_not_at_all(company: Company, owner: User) -> None:
    wu = make_person("wu", company, "analyst")
    stranger = make_person("stranger")
    with pytest.raises(Membership.DoesNotExist):
        hand_over_ownership(company=company, owner=owner, to=stranger, actor="person:1", at=NOON)
    assert roles(company) == {"owner": "owner", "wu": "analyst"}
    hand_over_ownership(company=company, owner=owner, to=wu, actor="person:1", at=NOON)
    assert roles(company) == {"owner": "manager", "wu": "owner"}
    with pytest.raises(Membership.DoesNotExist):
        hand_over_ownership(company=company, owner=owner, to=wu, actor="person:1", at=NOON)


def test_role_of_a_member_who_left_meanwhile_lets_nobody_in_again(company: Company, owner: User) -> None:
    wu = make_person("wu", company, "manager")
    remove_member(company=company, user=wu, actor="person:1", at=NOON)
    with pytest.raises(Membership.DoesNotExist):
        change_role(company=company, user=wu, role="owner", actor="person:2", at=NOON)
    assert roles(company) == {"owner": "owner"}


# ── at once ──


def in_threads(*works: Callable[[], object]) -> list[BaseException | None]:
    """Do it all at once; what each raised."""
    raised: list[BaseException | None] = [None] * len(works)
    start = threading.Barrier(len(works))

    def run(place: int) -> None:
        try:
            start.wait()
            works[place]()
        except BaseException as error:
            raised[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.mark.rule("RL-07")
@pytest.mark.django_db(transaction=True)
def test_invitation_accepted_while_it_is_replaced_waits_for_its_turn() -> None:
    company = make_store().company
    owner, wu = make_person("owner", company), make_person("wu")
    invitation, _token = invite(company, owner)
    is_held = threading.Event()

    def replace() -> None:
        with transaction.atomic():
            Company.objects.select_for_update().get(pk=company.pk)
            is_held.set()
            time.sleep(0.3)
            invite(company, owner)

    def accept() -> None:
        is_held.wait()
        accept_invitation(invitation=invitation, user=wu, at=NOON)

    first, second = in_threads(replace, accept)
    assert first is None
    assert isinstance(second, InvitationGoneError)
    assert roles(company) == {"owner": "owner"}


@pytest.mark.rule("RL-07")
@pytest.mark.django_db(transaction=True)
def test_form_sent_twice_opens_one_account() -> None:
    company = make_store().company
    invitation, _token = invite(company, make_person("owner", company))

    def join_once() -> None:
        given = {"name": "Wu", "password": ACCOUNT["password"], "language": "en"}
        join_with_account(invitation=invitation, **given, at=NOON)

    raised = in_threads(join_once, join_once)
    assert [type(error) for error in raised if error is not None] == [AddressTakenError]
    assert roles(company) == {"owner": "owner", "wu": "manager"}


# ── by the link ──


def test_link_opens_an_account_and_signs_in(company: Company, owner: User) -> None:
    _invitation, token = invite(company, owner)
    client = Client()
    assert join(token, client, **ACCOUNT).headers["Location"] == reverse("dashboard:stores")
    assert roles(company)["wu"] == "manager"
    with time_machine.travel(NOON, tick=False):
        assert client.get(reverse("dashboard:stores")).status_code == 200
    wu = User.objects.get(email="wu@example.com")
    assert (wu.name, wu.check_password(ACCOUNT["password"])) == ("Wu", True)
    assert join(token, Client(), **ACCOUNT).status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"password": "short", "again": "short"}, {"again": "another horse battery"}, {"name": ""}]
)
def test_account_needs_a_name_and_a_strong_password_twice(company: Company, owner: User, wrong: dict[str, str]) -> None:
    _invitation, token = invite(company, owner)
    assert join(token, **(ACCOUNT | wrong)).status_code == 422
    assert not User.objects.filter(email="wu@example.com").exists()
    assert join(token, **ACCOUNT).status_code == 302


def test_account_that_exists_is_not_taken_over(company: Company, owner: User) -> None:
    _invitation, token = invite(company, owner)
    wu = make_person("wu")
    before = wu.password
    assert (
        join(token, **(ACCOUNT | {"password": "other horse battery", "again": "other horse battery"})).status_code
        == 422
    )
    wu.refresh_from_db()
    assert wu.password == before
    assert "wu" not in roles(company)


def test_signed_in_person_joins_and_another_does_not(company: Company, owner: User) -> None:
    _invitation, token = invite(company, owner)
    assert join(token, client_of(make_person("other"))).status_code == 409
    assert join(token, client_of(make_person("wu"))).status_code == 302
    assert roles(company) == {"owner": "owner", "wu": "manager"}


def test_expired_link_says_so(company: Company, owner: User) -> None:
    _invitation, token = invite(company, owner)
    client = Client()
    client.cookies["language"] = "en"
    with time_machine.travel(NOON + WEEK + SECOND, tick=False):
        response = client.get(reverse("stores:invitation", args=[token]))
    assert response.status_code == 404
    assert "This link works no more" in response.content.decode()
    assert mail.outbox == []
