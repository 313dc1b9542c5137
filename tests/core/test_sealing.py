"""Stored secrets are sealed anew when the first key changes (RL-13)."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from config.doctor import examine
from core import sealing
from core.sealing import Resealed, SealedField, reseal_all, reseal_field, sealed_by_former_keys, sealed_fields
from core.secrets import is_sealed_by_first_key, seal, unseal
from intake.models import StoreConnection
from notifications.channels.push.vapid import CONTEXT
from notifications.models import Connection, PushKey, PushSubscription, WebhookEndpoint
from tests.stores.people import make_person, make_store

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only, pytest.mark.rule("RL-13")]
AT = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def row_of_each(settings: Any) -> None:
    """A row of every model with sealed columns, all sealed by a key that is the former one now."""
    settings.ENCRYPTION_KEYS = ["old"]
    store = make_store()
    Connection.objects.create(company=store.company, channel="dingtalk", name="Chat", target="…", created_at=AT)
    PushKey.objects.create(public_key="p")
    PushSubscription.objects.create(user=make_person("owner", store.company), key="k", label="Browser", created_at=AT)
    WebhookEndpoint.objects.create(company=store.company, key="w", url="https://example.com", created_at=AT)
    StoreConnection.objects.create(store=store, kind="aliexpress", key="c", created_at=AT)
    for declared in sealed_fields():
        for row in declared.model._default_manager.all():
            text = seal(declared.name, context=declared.context(row))
            declared.model._default_manager.filter(pk=row.pk).update(**{declared.field: text})
    settings.ENCRYPTION_KEYS = ["new", "old"]


def texts() -> list[tuple[SealedField, Any, str]]:
    return [
        (declared, row, getattr(row, declared.field))
        for declared in sealed_fields()
        for row in declared.model._default_manager.all()
    ]


def command() -> dict[str, dict[str, int]]:
    out = io.StringIO()
    call_command("reseal", "--json", stdout=out)
    found: dict[str, dict[str, int]] = json.loads(out.getvalue())
    return found


def doctor() -> tuple[bool, str]:
    return next((found.ok, found.mend) for found in examine() if found.name == "sealed_secrets")


def test_every_column_is_sealed_anew_and_a_second_run_finds_nothing(settings: Any) -> None:
    assert not any(is_sealed_by_first_key(text) for _declared, _row, text in texts())
    assert doctor()[0] is False
    assert "reseal" in doctor()[1]
    names = [declared.name for declared in sealed_fields()]
    assert command() == {name: {"resealed": 1, "failed": 0} for name in names}
    assert command() == {name: {"resealed": 0, "failed": 0} for name in names}
    settings.ENCRYPTION_KEYS = ["new"]
    assert [unseal(text, context=declared.context(row)) for declared, row, text in texts()] == names
    assert doctor() == (True, "")


def test_many_rows_go_in_batches_and_a_killed_run_is_continued(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    company = WebhookEndpoint.objects.get().company
    former = WebhookEndpoint.objects.get().secret
    for number in range(4):
        WebhookEndpoint.objects.create(
            company=company, key=f"w{number}", url="https://example.com", created_at=AT, secret=former
        )
    # Four texts were copied into rows that they are not sealed for.
    assert reseal_all()["notifications.WebhookEndpoint.secret"] == Resealed(1, 4)
    with pytest.raises(CommandError):
        call_command("reseal", stdout=io.StringIO())
    left = next(one for one in sealed_fields() if one.name == "notifications.WebhookEndpoint.secret")
    assert sealed_by_former_keys(left).count() == 4


def test_text_that_was_changed_meanwhile_is_left_alone() -> None:
    def changes_it(_row: PushKey) -> str:
        PushKey.objects.update(sealed_private_key="changed")
        return CONTEXT

    assert reseal_field(SealedField(PushKey, "sealed_private_key", changes_it)) == Resealed(0, 0)
    assert PushKey.objects.get().sealed_private_key == "changed"
