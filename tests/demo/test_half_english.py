"""No page is left half English: the demo is walked through in Chinese (PG-22, DM-12)."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from stores.models import User
from tests.demo.half_english import english_left, names_in_the_data
from tests.stores.people import client_of, enrol

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.django_db]

SIGN_IN_PAGES = ("account_login", "account_reset_password", "account_reset_password_done", "account_signup")
OWN_PAGES = ("stores:profile", "mfa_index", "usersessions_list", "account_change_password", "account_logout")


@pytest.mark.rule("PG-22", "DM-12")
def test_no_page_is_left_half_english() -> None:
    call_command("demo", "--scale", "0.03", stdout=StringIO())
    names = names_in_the_data()
    public = english_left(Client(), [reverse(name) for name in SIGN_IN_PAGES], names)
    owner = client_of(User.objects.get(email="owner@example.com"))
    own = english_left(owner, ["/", *(reverse(name) for name in OWN_PAGES)], names, engine=True)
    staff = User.objects.get(email="staff@example.com")
    enrol(staff)
    operations = english_left(client_of(staff), [reverse("admin:index")], names)
    assert sorted(public[0] | own[0] | operations[0]) == []
    assert own[1] > 40
    assert operations[1] > 40
