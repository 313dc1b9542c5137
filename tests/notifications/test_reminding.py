"""Reminders before deadlines and the chain of people who are told of a red notice (PN-03, BX-08)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.deadlines import open_deadline
from core.models import Deadline, Event
from core.sweeping import sweep
from notifications.channels.delivering import deliver_mail
from notifications.models import Delivery, InboxMessage, Notice
from notifications.services.lifecycle import open_notice
from stores.models import Store, User
from tests.notifications.build import DAY, NIGHT, ONE_DAY, judged, make_store
from tests.stores.people import make_person

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)

pytestmark = [pytest.mark.django_db, pytest.mark.rule("BX-08")]


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


def reminders() -> list[tuple[str, datetime]]:
    return list(InboxMessage.objects.filter(kind__startswith="reminder.").order_by("at").values_list("kind", "at"))


def hours_since(start: datetime, kind: str) -> list[float]:
    return [(at - start) / HOUR for found, at in reminders() if found == f"reminder.{kind}"]


def waiting(kind: str) -> list[str]:
    """States of the reminder deadlines of a kind."""
    rows = Deadline.objects.filter(kind="reminder", subject_kind=kind).order_by("id")
    return list(rows.values_list("state", flat=True))


def issued(store: Store, level: str = "red") -> Notice:
    judged(store, late_dispatch=level)
    return Notice.objects.select_related("store__company").get()


# ── when ──


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-03")
def test_unopened_red_notice_is_reminded_of_after_24_48_and_66_hours(store: Store) -> None:
    issued(store)
    for hour in range(6, 73, 6):
        sweep(at=NIGHT + hour * HOUR + SECOND)
    assert hours_since(NIGHT, "notice_view") == [24, 48, 66]


@pytest.mark.sqlite_only
def test_appeal_window_is_reminded_of_24_12_and_4_hours_before_its_end(store: Store) -> None:
    issued(store, "yellow")
    for hour in range(140, 170, 4):
        sweep(at=NIGHT + hour * HOUR + SECOND)
    assert hours_since(NIGHT, "notice_appeal") == [144, 156, 164]


@pytest.mark.sqlite_only
def test_reminder_comes_in_the_second_after_it_is_due(store: Store) -> None:
    issued(store)
    sweep(at=NIGHT + 24 * HOUR)
    assert reminders() == []
    sweep(at=NIGHT + 24 * HOUR + SECOND)
    assert hours_since(NIGHT, "notice_view") == [24]


def test_late_sweep_sends_the_latest_reminder_only(store: Store) -> None:
    issued(store)
    sweep(at=NIGHT + 50 * HOUR)
    assert hours_since(NIGHT, "notice_view") == [48]
    sweep(at=NIGHT + 50 * HOUR)
    sweep(at=NIGHT + 67 * HOUR)
    assert hours_since(NIGHT, "notice_view") == [48, 66]


@pytest.mark.sqlite_only
def test_sweep_after_the_deadline_sends_none(store: Store) -> None:
    issued(store)
    sweep(at=NIGHT + 8 * ONE_DAY)
    assert reminders() == []
    assert Deadline.objects.filter(state="open", subject_kind="notice").count() == 0


# ── with the deadline that they belong to ──


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-33")
def test_audit_trail_keeps_deadlines_and_not_their_reminders(store: Store) -> None:
    make_person("boss", store.company)
    make_person("helper", store.company, "manager")
    issued(store)
    sweep(at=NIGHT + 30 * HOUR)
    assert len(reminders()) == 1
    assert not Event.objects.filter(kind="deadline.lapsed").exists()
    sweep(at=NIGHT + 73 * HOUR)
    assert [event.after["deadline"] for event in Event.objects.filter(kind="deadline.lapsed")] == ["notice_view"]


@pytest.mark.rule("PN-03")
def test_reminders_end_when_the_deadline_is_met(store: Store) -> None:
    notice = issued(store)
    owner = make_person("owner", store.company)
    assert waiting("notice_view") == ["open"]
    open_notice(notice=notice, user=owner, at=NIGHT + HOUR)
    assert waiting("notice_view") == ["void"]
    sweep(at=NIGHT + 60 * HOUR)
    assert hours_since(NIGHT, "notice_view") == []


def test_reminders_move_with_their_deadline_and_come_anew(store: Store) -> None:
    notice = issued(store)
    sweep(at=NIGHT + 73 * HOUR)
    assert waiting("notice_appeal") == ["void"]
    moved: dict[str, Any] = {"owner_id": store.pk, "subject_kind": "notice", "subject_key": notice.number}
    start = NIGHT + 10 * ONE_DAY
    open_deadline(kind="notice_appeal", due_at=start + ONE_DAY, at=start, **moved)
    sweep(at=start + 13 * HOUR)
    assert hours_since(start, "notice_appeal") == [12]
    open_deadline(kind="notice_appeal", due_at=start + 3 * ONE_DAY, at=start + 13 * HOUR, **moved)
    sweep(at=start + 49 * HOUR)
    assert hours_since(start, "notice_appeal") == [12, 48]


@pytest.mark.sqlite_only
def test_deadline_shorter_than_its_first_reminder_has_the_later_ones(store: Store) -> None:
    notice = issued(store)
    Deadline.objects.all().delete()
    open_deadline(
        owner_id=store.pk, kind="notice_appeal", subject_kind="notice", subject_key=notice.number,
        due_at=NIGHT + 3 * HOUR, at=NIGHT,
    )  # fmt: skip
    assert waiting("notice_appeal") == []


def test_queued_mail_of_a_reminder_is_not_sent_once_the_deadline_is_met(store: Store) -> None:
    notice = issued(store)
    owner = make_person("owner", store.company)
    sweep(at=NIGHT + 24 * HOUR + SECOND)
    open_notice(notice=notice, user=owner, at=NIGHT + 25 * HOUR)
    deliver_mail(at=NIGHT + 25 * HOUR)
    assert list(Delivery.objects.values_list("message__kind", "state", "reason")) == [
        ("reminder.notice_view", "skipped", "settled")
    ]


# ── the chain ──


def names(kind: str = "notice.issued") -> list[str]:
    """Who was mailed messages of a kind, in order."""
    rows = Delivery.objects.filter(message__kind=kind).order_by("id").values_list("recipient__email", flat=True)
    return [address.split("@")[0] for address in rows]


@pytest.fixture
def team(store: Store) -> dict[str, User]:
    roles = {"boss": "owner", "one": "manager", "two": "manager", "reader": "analyst"}
    return {name: make_person(name, store.company, role) for name, role in roles.items()}


def test_red_notice_goes_to_managers_then_owners_until_somebody_opens_it(store: Store, team: dict[str, User]) -> None:
    issued(store)
    assert names() == ["one", "two"]
    sweep(at=NIGHT + 8 * HOUR)
    assert names() == ["one", "two"]
    sweep(at=NIGHT + 8 * HOUR + SECOND)
    assert names() == ["one", "two", "boss"]
    sweep(at=NIGHT + 23 * HOUR)
    assert names() == ["one", "two", "boss"]


def test_chain_ends_when_the_notice_is_opened(store: Store, team: dict[str, User]) -> None:
    notice = issued(store)
    open_notice(notice=notice, user=team["reader"], at=NIGHT + HOUR)
    assert Deadline.objects.get(kind="notice_chain").state == "void"
    sweep(at=NIGHT + 9 * HOUR)
    assert names() == ["one", "two"]


@pytest.mark.sqlite_only
def test_company_without_managers_starts_with_owners(store: Store) -> None:
    make_person("boss", store.company)
    issued(store)
    assert names() == ["boss"]
    assert not Deadline.objects.filter(kind="notice_chain").exists()


@pytest.mark.sqlite_only
def test_reminder_to_open_goes_to_all_members_and_to_appeal_to_those_who_can(
    store: Store, team: dict[str, User]
) -> None:
    issued(store)
    sweep(at=NIGHT + 25 * HOUR)
    assert names("reminder.notice_view") == ["boss", "one", "two", "reader"]
    judged(store, DAY + ONE_DAY, odr="yellow")
    sweep(at=NIGHT + 7 * ONE_DAY + HOUR)
    assert names("reminder.notice_appeal") == ["boss", "one", "two"]


@pytest.mark.sqlite_only
def test_yellow_notice_goes_to_all_members_at_once(store: Store, team: dict[str, User]) -> None:
    issued(store, "yellow")
    assert names() == ["boss", "one", "two", "reader"]
