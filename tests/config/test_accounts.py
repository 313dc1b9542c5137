"""Sign-in as the settings arrange it: closed to strangers, limited per account and address (RL-11)."""

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client, RequestFactory
from django.urls import reverse

from config.accounts import client_address, tried_account

PASSWORD = "a-good-long-password"

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("RL-11")]


@pytest.fixture
def person():
    return get_user_model().objects.create_user(email="lin@example.com", password=PASSWORD)


def sign_in(client: Client, email: str, password: str, address: str = "10.0.0.1"):
    return client.post(reverse("account_login"), {"login": email, "password": password}, REMOTE_ADDR=address)


def test_right_password_signs_in(client: Client, person) -> None:
    assert sign_in(client, "Lin@Example.com", PASSWORD).status_code == 302
    assert client.session["_auth_user_id"] == str(person.pk)


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_the_sign_in_form_works_at_every_name_of_this_machine(person, host: str) -> None:
    browser = Client(enforce_csrf_checks=True, HTTP_HOST=host, HTTP_ORIGIN=f"http://{host}")
    token = str(browser.get(reverse("account_login")).context["csrf_token"])
    given = {"login": person.email, "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert browser.post(reverse("account_login"), given).status_code == 302
    assert browser.get(reverse("dashboard:stores")).status_code == 200


def test_account_is_locked_for_the_address_that_guessed_and_for_no_other(client: Client, person) -> None:
    answers = [
        sign_in(client, person.email, f"guess {turn}").status_code for turn in range(settings.AXES_FAILURE_LIMIT)
    ]
    assert answers == [200] * (settings.AXES_FAILURE_LIMIT - 1) + [429]
    assert sign_in(client, "LIN@example.com", PASSWORD).status_code == 429
    assert sign_in(client, person.email, PASSWORD, address="10.0.0.2").status_code == 302


def test_unknown_account_is_answered_like_a_known_one(client: Client, person) -> None:
    def answers(email: str) -> list[tuple[int, int]]:
        tried = [sign_in(Client(), email, "wrong wrong") for _ in range(settings.AXES_FAILURE_LIMIT + 1)]
        return [(answer.status_code, len(answer.content.replace(email.encode(), b""))) for answer in tried]

    assert answers("lin@example.com") == answers("nobody@example.com")


@pytest.mark.rule("DM-02a", "RL-11")
def test_nobody_signs_up_alone(client: Client) -> None:
    data = {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/accounts/signup/", data)
    assert not get_user_model().objects.filter(email="new@example.com").exists()


def test_admin_has_no_login_of_its_own(client: Client) -> None:
    response = client.get(reverse("admin:login"))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_account_has_one_spelling_in_every_form() -> None:
    request = RequestFactory().post("/", {"login": " Lin@Example.com "})
    assert tried_account(request, None) == "lin@example.com"
    assert tried_account(request, {"username": "OTHER@example.com"}) == "other@example.com"
    assert tried_account(None, {"password": "x"}) is None


@pytest.mark.parametrize(("proxies", "address"), [(0, "10.9.9.9"), (1, "3.3.3.3"), (2, "2.2.2.2")])
def test_client_address_looks_behind_trusted_proxies_only(settings, proxies: int, address: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.9.9.9", HTTP_X_FORWARDED_FOR="1.1.1.1, 2.2.2.2, 3.3.3.3")
    assert client_address(request) == address
