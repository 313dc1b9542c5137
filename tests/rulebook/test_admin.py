"""Publishing a policy version in the admin (DM-30)."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from rulebook.models import PolicyVersion
from tests.stores.people import client_of, make_staff

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.clock]
ADD = reverse("admin:rulebook_policyversion_add")
FUTURE = "2035-01-01 00:00"


def signed_in(*permissions: str) -> Client:
    user = make_staff("editor")
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="rulebook", codename__in=permissions))
    client = client_of(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def editor() -> Client:
    return signed_in("add_policyversion", "view_policyversion")


def send(client: Client, changes: Any = "", start: str = FUTURE, **more: Any) -> Any:
    text = changes if isinstance(changes, str) else json.dumps(changes)
    return client.post(ADD, {"effective_from": start, "note": "why", "changes": text, "removed": "", **more})


def errors(answer: Any) -> list[str]:
    form = answer.context["adminform"].form
    with override("en"):
        return [error for found in form.errors.values() for error in found]


def test_editor_publishes_changed_keys(editor: Client) -> None:
    answer = send(editor, {"metrics.odr.red": "0.02", "counting.reply_hours": 20})
    assert answer.status_code == 302, errors(answer)
    version = PolicyVersion.objects.get(number=2)
    assert (version.author, version.note) == ("editor@example.com", "why")
    assert version.effective_from.isoformat() == "2034-12-31T16:00:00+00:00"
    assert version.data["metrics.odr.red"]["value"] == "0.02"
    assert version.data["metrics.odr.yellow"]["value"] == "0.008"


def test_editor_publishes_a_file_and_removes_a_year(editor: Client) -> None:
    file = SimpleUploadedFile("policy.json", b'\xef\xbb\xbf{"counting.reply_hours": 20}')
    answer = send(editor, file=file, removed="calendar.years.2028.off")
    assert answer.status_code == 302, errors(answer)
    version = PolicyVersion.objects.get(number=2)
    assert version.data["counting.reply_hours"]["value"] == 20
    assert "calendar.years.2028.off" not in version.data


@pytest.mark.parametrize(
    ("changes", "start", "reason"),
    [
        ({"rating.weights.described": "0.5"}, FUTURE, "rating.weights: must sum to 1, sum to 1.10"),
        ({"metrics.odr.red": 0.02}, FUTURE, 'metrics.odr.red: a decimal in quotes such as "0.05" is wanted, not 0.02'),
        ({"metrics.odr.read": "0.02"}, FUTURE, "metrics.odr.read: no such parameter"),
        (
            {"counting.reply_hours": 20},
            "2020-01-01 00:00",
            "effective from: must lie in the future; versions in force are never changed",
        ),
        ("[1]", FUTURE, "Changed parameters are an object of keys and values."),
        ("{", FUTURE, "Enter a valid JSON."),
        ("", FUTURE, "Nothing is changed."),
        ("", "soon", "Enter a valid date/time."),
    ],
)
def test_refusal_shows_its_reason(editor: Client, changes: Any, start: str, reason: str) -> None:
    assert reason in errors(send(editor, changes, start))
    assert PolicyVersion.objects.count() == 1


def test_file_that_is_no_json_is_rejected(editor: Client) -> None:
    answer = send(editor, file=SimpleUploadedFile("policy.json", b"\xff\xfe{"))
    assert errors(answer)[0].startswith("The file is not JSON")


def test_versions_can_be_read_but_not_changed(editor: Client) -> None:
    pk = PolicyVersion.objects.get().pk
    page = reverse("admin:rulebook_policyversion_change", args=[pk])
    assert "counting.reply_hours" in editor.get(page).content.decode()
    assert editor.post(page, {"note": "x"}).status_code == 403
    assert editor.get(reverse("admin:rulebook_policyversion_delete", args=[pk])).status_code == 403
    assert editor.get(reverse("admin:rulebook_policyversion_changelist")).status_code == 200


def test_staff_without_the_permission_can_not_publish() -> None:
    staff = signed_in("view_policyversion")
    assert staff.get(ADD).status_code == 403
    assert send(staff, {"counting.reply_hours": 20}).status_code == 403
