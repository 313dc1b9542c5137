"""Signing in: second factor, sessions, language and zone (PG-01, RL-11, DM-02, DM-28)."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.urls import reverse
from zeal import zeal_ignore

from stores.models import User
from stores.roles import REVIEWER
from stores.services import disable_person
from tests.core.test_deadlines import NOON
from tests.stores.people import PASSWORD, SECRET, client_of, enrol, make_person, make_staff, make_store

pytestmark = [
    pytest.mark.sqlite_only,
    pytest.mark.django_db,
    pytest.mark.rule("RL-11", "PG-01"),
    pytest.mark.clock,
    pytest.mark.usefixtures("standing_clock"),
]

ADMIN = "/admin/"


def code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def sign_in(client: Client, user: User, password: str = PASSWORD, **more: Any) -> Any:
    return client.post(reverse("account_login"), {"login": user.email, "password": password, **more})


def signed_in_as(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


# ── the second factor ──


@pytest.mark.rule("DM-02")
@pytest.mark.django_db(transaction=True)
def test_staff_without_a_factor_are_led_to_enrol_and_reach_the_admin_then() -> None:
    client = Client()
    staff = make_staff("staff", REVIEWER, factor=False)
    sign_in(client, staff)
    assert client.get(ADMIN).headers["Location"] == "/accounts/2fa/?next=%2Fadmin%2F"
    assert client.get(reverse("stores:profile")).status_code == 302
    assert client.get(reverse("mfa_index")).status_code == 200
    activate = reverse("mfa_activate_totp")
    assert client.get(activate).headers["Location"].startswith(reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(activate)
    secret = page.context["form"].secret
    assert client.post(activate, {"code": code(secret)}).status_code == 302
    assert client.get(ADMIN).status_code == 200


@pytest.mark.rule("DM-02")
def test_staff_with_a_factor_show_it_when_they_sign_in() -> None:
    client = Client()
    staff = make_staff("staff", REVIEWER)
    response = sign_in(client, staff)
    assert response.headers["Location"].startswith(reverse("mfa_authenticate"))
    assert signed_in_as(client) is None
    assert client.get(ADMIN).status_code == 302
    assert client.get(reverse("mfa_authenticate")).status_code == 200
    client.post(reverse("mfa_authenticate"), {"code": code(SECRET)})
    assert client.get(ADMIN).status_code == 200


@pytest.mark.rule("DM-02")
def test_session_from_before_the_factor_was_enrolled_must_show_it() -> None:
    staff = make_staff("staff", REVIEWER)
    client = client_of(staff, second_factor=False)
    for url in (ADMIN, reverse("mfa_index"), reverse("mfa_add_webauthn"), reverse("account_change_password")):
        assert client.get(url).headers["Location"].startswith(reverse("mfa_reauthenticate")), url
    assert client.get(reverse("mfa_reauthenticate")).status_code == 200
    client.post(reverse("mfa_reauthenticate"), {"code": code(SECRET)})
    assert client.get(ADMIN).status_code == 200


@pytest.mark.rule("DM-02")
def test_removing_the_last_factor_closes_the_admin_again() -> None:
    staff = make_staff("staff", REVIEWER)
    client = client_of(staff)
    assert client.get(ADMIN).status_code == 200
    Authenticator.objects.all().delete()
    assert client.get(ADMIN).headers["Location"].startswith(reverse("mfa_index"))


def test_enrolling_the_first_factor_ends_all_other_sessions(django_capture_on_commit_callbacks: Any) -> None:
    person = make_person("seller")
    elsewhere, here = Client(), Client()
    for client in (elsewhere, here):
        sign_in(client, person)
    here.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    secret = here.get(reverse("mfa_activate_totp")).context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        here.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    assert here.get(reverse("stores:profile")).status_code == 200
    assert elsewhere.get(reverse("stores:profile")).status_code == 302


def test_factor_is_optional_for_sellers() -> None:
    client = Client()
    person = make_person("seller", make_store().company)
    assert sign_in(client, person).headers["Location"] == "/"
    assert client.get(reverse("stores:profile")).status_code == 200


def test_recovery_code_opens_once() -> None:
    person = make_person("seller")
    enrol(person)
    spare = RecoveryCodes.activate(person).get_unused_codes()[0]
    for attempt, opens in ((1, True), (2, False)):
        client = Client()
        sign_in(client, person)
        client.post(reverse("mfa_authenticate"), {"code": spare})
        assert (signed_in_as(client) is not None) is opens, attempt


@pytest.mark.rule("DM-02")
def test_htmx_request_of_staff_without_factor_moves_the_whole_page() -> None:
    client = client_of(make_staff("staff", factor=False))
    response = client.get("/me/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/page"})
    assert response.headers["HX-Redirect"] == "/accounts/2fa/?next=%2Fpage"


# ── sessions ──


def test_disabling_a_person_ends_their_sessions_for_good() -> None:
    client = Client()
    person = make_person("seller")
    sign_in(client, person)
    assert UserSession.objects.filter(user=person).count() == 1
    disable_person(user=person, actor="person:1", at=NOON)
    assert client.get(reverse("stores:profile")).status_code == 302
    assert not UserSession.objects.filter(user=person).exists()
    User.objects.filter(pk=person.pk).update(is_active=True)
    assert client.get(reverse("stores:profile")).status_code == 302


def test_disabled_person_is_not_signed_in() -> None:
    client = Client()
    person = make_person("seller", is_active=False)
    sign_in(client, person)
    assert signed_in_as(client) is None


def test_sessions_are_listed_and_others_can_be_ended() -> None:
    person = make_person("seller")
    here, there = Client(), Client(headers={"user-agent": "Another Browser"})
    for client in (here, there):
        sign_in(client, person)
    # allauth looks at a person's few sessions one by one.
    with zeal_ignore([{"model": "stores.User", "field": "get()"}]):
        page = here.get(reverse("usersessions_list"))
    assert "Another Browser" in page.content.decode()
    here.post(reverse("usersessions_list"))
    assert here.get(reverse("stores:profile")).status_code == 200
    assert there.get(reverse("stores:profile")).status_code == 302


def test_reading_pages_writes_a_session_at_most_every_few_minutes(django_assert_num_queries: Any) -> None:
    client = Client()
    person = make_person("seller")
    sign_in(client, person)
    client.get(reverse("stores:profile"))
    seen = UserSession.objects.get().last_seen_at
    client.get(reverse("stores:profile"))
    assert UserSession.objects.get().last_seen_at == seen


# ── passwords ──


def test_password_reset_works_and_says_the_same_of_unknown_addresses() -> None:
    person = make_person("seller")
    answers = []
    for address in (person.email, "nobody@example.com"):
        response = Client().post(reverse("account_reset_password"), {"email": address}, follow=True)
        answers.append(
            re.sub(
                r'name="csrfmiddlewaretoken" value="\w+"|csrf\w*&quot;: &quot;\w+|"\w{64}"',
                "",
                response.content.decode(),
            )
        )
    assert answers[0].replace(person.email, "") == answers[1].replace("nobody@example.com", "")
    known = next(message for message in mail.outbox if message.to == [person.email])
    link = re.search(r"http://localhost:8000(/accounts/password/reset/key/\S+)", known.body)
    assert link is not None
    client = Client()
    form = client.get(link[1], follow=True)
    client.post(form.request["PATH_INFO"], {"password1": "another good one", "password2": "another good one"})
    assert signed_in_as(client) is None
    sign_in(client, person, "another good one")
    assert signed_in_as(client) == str(person.pk)


def test_people_do_not_change_their_address_alone() -> None:
    client = client_of(make_person("seller"))
    for url in ("/accounts/email/", "/accounts/confirm-email/", "/accounts/confirm-email/some-key/"):
        assert client.get(url).status_code == 404
        assert client.post(url, {"email": "other@example.com"}).status_code == 404


# ── language and zone ──


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "登录"), ("en", "Sign in")])
def test_language_switch_works_before_sign_in(language: str, word: str) -> None:
    make_person("seller")
    client = Client()
    client.post(reverse("set_language"), {"language": language, "next": "/accounts/login/"})
    body = client.get(reverse("account_login")).content.decode()
    assert f'<html lang="{"zh-Hans" if language == "zh-hans" else "en"}"' in body


@pytest.mark.rule("DM-28")
def test_language_follows_the_person_to_another_browser() -> None:
    person = make_person("seller")
    client = client_of(person)
    client.post(reverse("set_language"), {"language": "en", "next": "/me/"})
    person.refresh_from_db()
    assert person.language == "en"
    elsewhere = Client(headers={"accept-language": "zh-CN"})
    sign_in(elsewhere, person)
    assert '<html lang="en"' in elsewhere.get(reverse("stores:profile")).content.decode()


@pytest.mark.rule("DM-28")
def test_times_are_shown_in_the_persons_zone() -> None:
    person = make_person("seller")
    client = client_of(person)
    assert "GMT+8" in client.get(reverse("stores:profile")).content.decode().split("page-foot")[1]
    response = client.post(reverse("stores:profile"), {"name": "N", "language": "en", "time_zone": "America/Sao_Paulo"})
    assert response.status_code == 302
    assert client.cookies["language"].value == "en"
    assert "GMT−3" in client.get(reverse("stores:profile")).content.decode().split("page-foot")[1]


def test_unknown_zone_is_rejected_and_a_stored_one_does_no_harm() -> None:
    person = make_person("seller", time_zone="Mars/Base")
    client = client_of(person)
    assert client.get(reverse("stores:profile")).status_code == 200
    assert client.post(reverse("stores:profile"), {"language": "en", "time_zone": "../../etc"}).status_code == 422


# ── the screens ──


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_screen_of_sign_in_is_ours_and_without_inline_script(language: str) -> None:
    person = make_person("seller")
    enrol(person)
    RecoveryCodes.activate(person)
    client = client_of(person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    waiting = Client()
    sign_in(waiting, person)
    pages = [
        (Client(), ["account_login", "account_reset_password", "account_reset_password_done", "account_signup"]),
        (Client(), ["account_reset_password_from_key_done", "account_inactive"]),
        (waiting, ["mfa_authenticate"]),
        (client, ["account_change_password", "account_reauthenticate", "account_logout", "mfa_index"]),
        (client, ["mfa_reauthenticate", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"]),
        (client, ["mfa_deactivate_totp", "mfa_list_webauthn", "mfa_add_webauthn", "usersessions_list"]),
        (client, ["stores:profile"]),
    ]
    for visitor, names in pages:
        visitor.cookies["language"] = language
        for name in names:
            response = visitor.get(reverse(name))
            assert response.status_code == 200, name
            body = response.content.decode()
            assert 'class="page-head"' in body, name
            assert "style=" not in body.split("<main")[1], name
            for script in re.findall(r"<script(.*?)>(.*?)</script>", body, re.DOTALL):
                assert "application/json" in script[0] or not script[1].strip(), name
