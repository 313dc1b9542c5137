"""Attacks on signing in: a code used twice, a forged host, pages kept by the browser (RL-10, RL-11)."""

from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from stores.models import ShownCode
from stores.services.companies import CODES_KEPT, use_code
from tests.stores.people import PASSWORD, SECRET, client_of, enrol, make_person, make_store
from tests.stores.test_sign_in import code, sign_in, signed_in_as

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("RL-11")]


def second_step(person: Any, shown: str) -> bool:
    client = Client()
    sign_in(client, person)
    client.post(reverse("mfa_authenticate"), {"code": shown})
    return signed_in_as(client) is not None


def test_a_code_opens_once_even_when_the_cache_forgets() -> None:
    person = make_person("seller")
    enrol(person)
    shown = code(SECRET)
    assert second_step(person, shown)
    cache.clear()
    assert not second_step(person, shown)


def test_the_code_that_enrolled_an_app_opens_nothing_more(django_capture_on_commit_callbacks: Any) -> None:
    person = make_person("seller")
    client = Client()
    sign_in(client, person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    shown = code(client.get(reverse("mfa_activate_totp")).context["form"].secret)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(reverse("mfa_activate_totp"), {"code": shown}).status_code == 302
    cache.clear()
    assert not second_step(person, shown)


def test_shown_codes_are_kept_while_they_could_be_right_and_no_longer() -> None:
    person, other = make_person("seller"), make_person("other")
    assert [use_code(user=person, counter=number) for number in (100, 100, 101)] == [True, False, True]
    assert use_code(user=other, counter=100)
    assert use_code(user=person, counter=101 + CODES_KEPT)
    assert sorted(ShownCode.objects.filter(user=person).values_list("counter", flat=True)) == [101, 101 + CODES_KEPT]


def test_mails_lead_to_our_address_whatever_host_a_request_names() -> None:
    person = make_person("seller")
    for address in (person.email, "nobody@example.com"):
        Client(headers={"host": "127.0.0.1:666"}).post(reverse("account_reset_password"), {"email": address})
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        assert "127.0.0.1" not in message.subject + message.body
        assert message.subject.startswith("[Dianwei] ")
    known = next(message for message in mail.outbox if message.to == [person.email])
    assert "http://localhost:8000/accounts/password/reset/key/" in known.body


@pytest.mark.rule("RL-10")
@pytest.mark.parametrize("name", ["account_login", "account_reset_password", "mfa_index", "usersessions_list"])
def test_no_browser_keeps_pages_of_accounts(name: str) -> None:
    response = client_of(make_person("seller")).get(reverse(name))
    assert "no-store" in response["Cache-Control"]
    assert "no-store" in Client().get(reverse(name))["Cache-Control"]


@pytest.mark.rule("RL-10")
def test_no_browser_keeps_pages_of_stores_nor_their_absence() -> None:
    store = make_store()
    client = client_of(make_person("seller", store.company))
    for url in (reverse("stores:profile"), reverse("dashboard:orders", args=[store.store_no]), "/stores/S404/orders/"):
        assert "no-store" in client.get(url)["Cache-Control"], url
