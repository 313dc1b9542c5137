"""Policy versions in the admin: to read (DM-30)."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from rulebook.models import PolicyVersion
from stores.roles import POLICY_EDITOR
from tests.stores.people import client_of, make_staff

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]


@pytest.fixture
def editor() -> Client:
    client = client_of(make_staff("editor", POLICY_EDITOR))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.mark.rule("DM-30")
def test_versions_can_be_read_but_not_changed(editor: Client) -> None:
    pk = PolicyVersion.objects.get().pk
    page = reverse("admin:rulebook_policyversion_change", args=[pk])
    assert "counting.reply_hours" in editor.get(page).content.decode()
    assert editor.post(page, {"note": "x"}).status_code == 403
    assert editor.get(reverse("admin:rulebook_policyversion_delete", args=[pk])).status_code == 403
    assert editor.get(reverse("admin:rulebook_policyversion_add")).status_code == 403
    assert editor.get(reverse("admin:rulebook_policyversion_changelist")).status_code == 200
