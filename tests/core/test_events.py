"""Kinds of events are declared with how they read; actors are ids (DM-33, RL-15)."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from core.events import (
    PersonalActorError,
    UndeclaredEventError,
    declared_kinds,
    event_label,
    event_text,
    kinds_for_company,
    record_event,
    record_events,
)
from core.models import Event, OutboxEntry
from stores.actors import names_of_actors
from stores.adminbase import AuditedAdmin, ReadOnlyAdmin
from tests.dashboard.test_pages import words_of
from tests.stores.people import client_of, make_person, make_staff

pytestmark = [pytest.mark.rule("DM-33"), pytest.mark.django_db]
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ROOT = Path(__file__).parent.parent.parent
# Where calls say which kind they record: the argument's name, or its place.
KIND_ARGUMENTS: dict[str, str | int] = {
    "record_event": "kind", "Event": "kind", "notice_event": 0, "_record": 0, "_record_membership": 0, "_command": 0,
    "Command": 1, "_audit": 2, "_record_maintenance": 0,
}  # fmt: skip


def disabled(**more: Any) -> Event:
    given = {"kind": "person.disabled", "subject_kind": "person", "subject_key": "1", "actor": "system", "at": NOON}
    return record_event(**{**given, **more})


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"kind": "person.unheard_of"}, UndeclaredEventError),
        ({"subject_kind": "store"}, UndeclaredEventError),
        ({"actor": "somebody@example.com"}, PersonalActorError),
    ],
)
def test_events_that_are_not_declared_or_name_people_are_rejected(wrong: dict[str, str], error: type) -> None:
    with pytest.raises(error):
        disabled(**wrong)
    with pytest.raises(error):
        record_events([Event(**{"kind": "person.disabled", "subject_kind": "person", "actor": "system", **wrong})])
    assert not Event.objects.exists()
    assert not OutboxEntry.objects.exists()


def calls(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The kinds that calls in a module name: the function, and the expression."""
    for call in ast.walk(node):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        place = KIND_ARGUMENTS.get(name)
        if isinstance(place, str):
            yield from ((name, keyword.value) for keyword in call.keywords if keyword.arg == place)
        elif place is not None and len(call.args) > place:
            yield name, call.args[place]


def pattern(expression: ast.expr) -> str:
    """What a literal, or one with parts that are only known when it runs, may become; empty for other expressions."""
    if isinstance(expression, ast.Constant):
        return re.escape(str(expression.value))
    if isinstance(expression, ast.JoinedStr):
        return "".join(
            re.escape(str(one.value)) if isinstance(one, ast.Constant) else ".+" for one in expression.values
        )
    return ""


@pytest.mark.sqlite_only
@pytest.mark.slow
def test_every_kind_that_the_code_names_is_declared() -> None:
    declared, named = {kind.name for kind in declared_kinds()}, set()
    for app in settings.OWN_APPS:
        for path in (ROOT / app).rglob("*.py"):
            for name, expression in calls(ast.parse(path.read_text())):
                found = pattern(expression)
                # `_audit` is told the verb; the model comes before it.
                found = f"user\\.{found}" if name == "_audit" and found else found
                assert not found or any(re.fullmatch(found, kind) for kind in declared), (path, found)
                named |= {kind for kind in declared if found and re.fullmatch(found, kind)}
    assert {"member.added", "notice.waived", "order.shipped", "dispute.answered", "import.chunk"} <= named


def test_whatever_staff_change_in_the_admin_has_declared_kinds() -> None:
    declared = {kind.name for kind in declared_kinds()}
    for model, page in admin.site._registry.items():
        if isinstance(page, AuditedAdmin) and not isinstance(page, ReadOnlyAdmin):
            for changed in (model, *(inline.model for inline in page.inlines)):
                verbs = {f"{changed._meta.model_name}.{verb}" for verb in ("added", "changed", "deleted")}
                assert verbs <= declared, changed


@pytest.mark.rule("DM-12")
def test_labels_and_values_read_in_both_languages() -> None:
    event = Event(kind="member.changed", before={"role": "owner"}, after={"role": "manager"})
    read = []
    for language in ("en", "zh-hans"):
        with translation.override(language):
            read.append((str(event_label(event)), event_text(event)))
            assert all(str(kind.label) != kind.name for kind in declared_kinds())
    assert read == [
        ("Member given another role", "role: owner → manager"),
        ("成员角色已变更", "角色：所有者 → 管理员"),
    ]


def test_events_of_older_versions_still_read() -> None:
    event = Event(kind="k", before={}, after={"a": 1, "b": None, "c": ""})
    with translation.override("en"):
        assert (event_label(event), event_text(event)) == ("k", "a: 1 · b: – · c: –")


def test_companies_see_no_events_of_staff() -> None:
    seen = set(kinds_for_company())
    assert {"order.shipped", "notice.issued", "import.finished", "deadline.lapsed"} <= seen
    assert not {"store.inspected", "user.changed", "night.reopened", "outbox.retried"} & seen


@pytest.mark.rule("DM-04")
def test_actors_read_by_the_names_that_people_have_now() -> None:
    person = make_person("seller")
    person.name = "Li Wei"
    person.save()
    actors = [f"person:{person.pk}", "person:0", "person:x", "command:demo", "system", "old@example.com", "program:erp"]
    with translation.override("en"):
        assert names_of_actors(actors) == {
            f"person:{person.pk}": "Li Wei",
            "person:0": "person:0",
            "person:x": "person:x",
            "command:demo": "command demo",
            "system": "the system",
            "old@example.com": "old@example.com",
            "program:erp": "a program",
        }


@pytest.mark.rule("PG-20")
def test_the_audit_trail_names_people_old_rows_too_in_as_many_queries_for_any_number() -> None:
    def listed() -> tuple[str, int]:
        with CaptureQueriesContext(connection) as caught:
            response = client.get(reverse("admin:core_event_changelist"))
        return words_of(response.content.decode()), len(caught)

    client = client_of(make_staff("judge", "reviewer"))
    client.cookies["language"] = "en"
    disabled(actor=f"person:{make_person('one').pk}")
    # As an older version recorded it.
    Event.objects.create(
        kind="person.disabled", subject_kind="person", subject_key="1", actor="old@example.com", at=NOON
    )
    listed()
    text, few = listed()
    assert "Account closed" in text
    assert "one@example.com" in text
    assert "old@example.com" in text
    for place in range(3):
        disabled(actor=f"person:{make_person(f'another{place}').pk}")
    text, many = listed()
    assert "another2@example.com" in text
    assert few == many
    event = Event.objects.order_by("pk")[0]
    page = words_of(client.get(reverse("admin:core_event_change", args=[event.pk])).content.decode())
    assert "one@example.com" in page
