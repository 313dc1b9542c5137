"""Companies, members, periods of stores, the event log; the sweep as command and task (DM-01, DM-11, DM-33, IX-14)."""

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
import structlog
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from core.events import record_event
from core.models import DirtySubject, Event
from core.tasks import sweep_deadlines
from core.timebase import EPOCH_DAY
from stores.models import Company, Membership, Store, StorePeriod
from stores.services import LastOwnerError, add_member, create_company, record_period, remove_member
from tests.core.test_deadlines import NOON, fired, start
from tests.stores.people import make_person, make_store

__all__ = ["fired"]

pytestmark = [pytest.mark.django_db, pytest.mark.clock]
ACT = {"actor": "person:1", "at": NOON}


def kinds() -> list[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    return list(Event.objects.order_by("id").values_list("kind", "subject_key", "before", "after"))


# ── companies and members ──


@pytest.mark.rule("DM-01", "DM-33")
def test_company_and_members_are_made_with_events() -> None:
    boss, helper = make_person("boss"), make_person("helper")
    company = create_company(company_no="C1", name="Secret Name Ltd", owner=boss, **ACT)
    add_member(company=company, user=helper, role="analyst", **ACT)
    add_member(company=company, user=helper, role="analyst", **ACT)
    add_member(company=company, user=helper, role="manager", **ACT)
    assert remove_member(company=company, user=helper, **ACT)
    assert not remove_member(company=company, user=helper, **ACT)
    assert kinds() == [
        ("company.created", "C1", {}, {"company_no": "C1"}),
        ("member.added", f"C1/{boss.pk}", {}, {"role": "owner"}),
        ("member.added", f"C1/{helper.pk}", {}, {"role": "analyst"}),
        ("member.changed", f"C1/{helper.pk}", {"role": "analyst"}, {"role": "manager"}),
        ("member.removed", f"C1/{helper.pk}", {"role": "manager"}, {}),
    ]
    assert set(Event.objects.values_list("company_no", "actor")) == {("C1", "person:1")}


@pytest.mark.rule("DM-01")
def test_last_owner_stays() -> None:
    boss, gone = make_person("boss"), make_person("gone", is_active=False)
    company = create_company(company_no="C1", name="Company", owner=boss, **ACT)
    add_member(company=company, user=gone, role="owner", **ACT)
    before = kinds()
    with pytest.raises(LastOwnerError):
        remove_member(company=company, user=boss, **ACT)
    with pytest.raises(LastOwnerError):
        add_member(company=company, user=boss, role="manager", **ACT)
    assert kinds() == before
    assert Membership.objects.get(user=boss).role == "owner"
    assert remove_member(company=company, user=gone, **ACT)


# ── the event log ──


@pytest.mark.rule("DM-33", "RL-15")
def test_events_cannot_be_changed_or_removed() -> None:
    event = record_event(kind="person.disabled", subject_kind="person", subject_key="1", **ACT)
    table = Event._meta.db_table
    for statement in (f"UPDATE {table} SET kind = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    event.refresh_from_db()
    assert event.kind == "person.disabled"


@pytest.mark.rule("DM-33", "RL-17")
@pytest.mark.parametrize(
    ("bound", "given", "kept"), [({"request_id": "r"}, "", "r"), ({"job_id": "j"}, "", "j"), ({}, "g", "g")]
)
def test_events_carry_the_id_of_what_caused_them(bound: dict[str, str], given: str, kept: str) -> None:
    with structlog.contextvars.bound_contextvars(**bound):
        event = record_event(kind="person.disabled", subject_kind="person", subject_key="1", request_id=given, **ACT)
    assert event.request_id == kept


# ── periods ──


@pytest.mark.rule("DM-11")
def test_a_period_begins_with_a_change_and_the_first_holds_since_ever() -> None:
    store = make_store(level="basic", primary_category="toys")
    assert record_period(store=store, day=date(2026, 1, 5))
    assert StorePeriod.objects.get().effective_from == EPOCH_DAY
    assert not record_period(store=store, day=date(2026, 2, 1))
    assert list(DirtySubject.objects.values_list("kind", "subject_id")) == [("store", store.pk)]
    store.level = "gold"
    assert record_period(store=store, day=date(2026, 3, 1))
    store.status = "restricted"
    assert record_period(store=store, day=date(2026, 3, 1))
    periods = StorePeriod.objects.values_list("effective_from", "level", "primary_category", "status")
    assert list(periods) == [
        (EPOCH_DAY, "basic", "toys", "active"),
        (date(2026, 3, 1), "gold", "toys", "restricted"),
    ]


# ── the sweep as command and task ──


def run_sweep(*arguments: str) -> str:
    output = StringIO()
    call_command("sweep", *arguments, stdout=output)
    return output.getvalue()


@pytest.mark.rule("IX-14")
def test_sweep_command_judges_as_of_the_given_instant(fired: list[str]) -> None:
    start("a", NOON, store=make_store())
    assert json.loads(run_sweep("--at", "2026-05-01T12:00:00Z", "--json"))["total"] == 0
    result = json.loads(run_sweep("--at", "2026-05-01T20:00:01+08:00", "--json"))
    assert result == {"lapsed": {"test.plain": 1}, "total": 1, "failed": 0, "stuck": 0}
    assert "0 lapsed" in run_sweep()


@pytest.mark.rule("IX-14")
@pytest.mark.parametrize("instant", ["2026-05-01T12:00:00", "noon", "2026-13-01T00:00:00Z"])
def test_sweep_command_refuses_an_instant_without_offset(instant: str) -> None:
    with pytest.raises(CommandError):
        run_sweep("--at", instant)


@pytest.mark.rule("IX-14")
def test_sweep_command_fails_loudly(fired: list[str]) -> None:
    start("bad", NOON, store=make_store(), kind="test.bad")
    with pytest.raises(CommandError, match="1 deadlines failed"):
        run_sweep("--json")


@pytest.mark.rule("DM-27")
def test_sweep_task_fires_what_is_due_now(fired: list[str]) -> None:
    start("a", NOON, store=Store.objects.create(company=Company.objects.create(company_no="C"), store_no="S", name="S"))
    assert sweep_deadlines.apply().get() == 1
    assert sweep_deadlines.apply().get() == 0
