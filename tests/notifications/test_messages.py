"""Messages: told once, read per person, in the reader's language (PG-19, RL-02)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from core.models import Event
from core.sweeping import sweep
from core.timebase import SHANGHAI
from notifications.kinds import message_kind
from notifications.models import Delivery, ImprovementPlan, InboxMessage, MessageRead, Notice
from notifications.services.assigning import assign_notice
from notifications.services.deliveries import queue_deliveries
from notifications.services.messages import write_messages
from notifications.services.plans import end_manual_review, open_plan
from rulebook.queries import policies
from stores.models import Company, Membership, Store
from stores.principals import Person
from tests.notifications.build import DAY, NIGHT, ONE_DAY, judged, make_store
from tests.notifications.test_pages import english, words_of
from tests.outbox import deliver
from tests.stores.people import client_of, make_person, make_staff


@pytest.fixture
def store(db: None) -> Store:
    store = make_store()
    judged(store, late_dispatch="yellow")
    judged(store, DAY + ONE_DAY, late_dispatch="red", odr="yellow")
    return store


def inbox(client: Client, **query: str) -> str:
    response = client.get(reverse("notifications:messages"), query)
    assert response.status_code == 200
    return words_of(response.content.decode())


@pytest.mark.rule("RL-02", "PG-19")
def test_company_is_told_of_an_event_once(store: Store) -> None:
    before = list(InboxMessage.objects.values())
    write_messages(Event.objects.filter(kind="notice.issued").order_by("id"))
    assert list(InboxMessage.objects.values()) == before
    assert len(before) == 3


@pytest.mark.rule("PG-19")
def test_messages_are_listed_newest_first_and_read_per_person(store: Store) -> None:
    one, other = (english(client_of(make_person(name, store.company))) for name in ("one", "other"))
    text = inbox(one)
    titles = ["Yellow notice PN20260311-000001", "Red notice PN20260311-000002", "Yellow notice PN20260310-000001"]
    places = [text.index(title) for title in titles]
    assert sorted(places) in (places, [places[1], places[0], places[2]])
    assert "It replaces the yellow notice PN20260310-000001." in text
    assert "Messages ✉ Messages 3" in text
    red = Notice.objects.get(level="red")
    with time_machine.travel(NIGHT + 2 * ONE_DAY, tick=False):
        one.get(reverse("dashboard:notice", args=["S1", red.number]))
    assert "Red notice" not in inbox(one, show="unread")
    assert "Red notice" in inbox(one)
    assert "Messages ✉ Messages 2" in inbox(one)
    assert "Messages ✉ Messages 3" in inbox(other)
    assert one.post(reverse("notifications:messages")).status_code == 302
    assert "You have read every message." in inbox(one, show="unread")
    assert MessageRead.objects.filter(user__email="one@example.com").count() == 3
    assert one.post(reverse("notifications:messages")).status_code == 302
    assert "Messages ✉ Messages 3" in inbox(other)


@pytest.mark.sqlite_only
@pytest.mark.rule("RL-08", "PG-19")
def test_messages_are_for_members_of_the_company_only(store: Store) -> None:
    stranger = make_person("stranger", Company.objects.create(company_no="X", name="X"))
    removed = make_person("removed", store.company)
    Membership.objects.filter(user=removed).delete()
    for user in (stranger, removed, make_staff("reviewer", "reviewer")):
        text = inbox(english(client_of(user)))
        assert "No messages yet" in text
        assert "PN2026" not in text


@pytest.mark.sqlite_only
def test_stored_messages_hold_no_words(store: Store) -> None:
    assert set(InboxMessage.objects.filter(kind="notice.issued").order_by("id")[0].parameters) == {
        "number", "metric", "level", "day", "value", "line", "unit", "replaces", "appeal_by",
    }  # fmt: skip


# ── what becomes of a notice ──


def texts(kind: str) -> list[tuple[str, str, str]]:
    """Group, title and text of the messages of a kind."""
    deliver()
    rows = InboxMessage.objects.select_related("store", "notice").filter(kind=kind).order_by("id")
    with translation.override("en"), timezone.override(SHANGHAI):
        found = [(one.group, *message_kind(kind).words(one, policies())) for one in rows]
    return [(group, title, text.replace("\u00a0", " ")) for group, title, text in found]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-10", "PN-33", "PG-19")
def test_plan_is_told_with_the_instants_that_matter(store: Store) -> None:
    red = Notice.objects.select_related("store__company").get(level="red")
    Notice.objects.filter(pk=red.pk).update(state="appealing")
    assert open_plan(notice=red, at=NIGHT, actor="system", cause="PN-10")
    assert texts("notice.plan") == [
        (
            "deadline",
            f"Improvement plan due: notice {red.number}",
            "The notice still stands after the appeal. "
            "Hand in a written plan: what caused it, what was done, what prevents it. "
            "Hand it in by 2026-03-18 02:00 (GMT+8), or the plan has failed.",
        )
    ]
    sweep(at=NIGHT + 7 * ONE_DAY - timedelta(hours=4) + timedelta(seconds=1))
    reminders = InboxMessage.objects.filter(kind="reminder.plan_due")
    assert [one.at for one in reminders] == [NIGHT + 7 * ONE_DAY - timedelta(hours=4)]
    sweep(at=NIGHT + 8 * ONE_DAY)
    assert [(group, title) for group, title, _text in texts("notice.failed")] == [
        ("case", f"Improvement plan failed: notice {red.number}")
    ]


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-05", "PG-19")
def test_plan_that_was_handed_in_goes_on_after_the_second_appeal(store: Store) -> None:
    red = Notice.objects.select_related("store__company").get(level="red")
    ImprovementPlan.objects.create(notice=red, opened_at=NIGHT, submitted_at=NIGHT)
    Notice.objects.filter(pk=red.pk).update(state="appealing")
    assert open_plan(notice=red, at=NIGHT, actor="system", cause="PN-10")
    [(_group, title, text)] = texts("notice.plan")
    assert title == f"Improvement plan goes on: notice {red.number}"
    assert text == (
        "The notice still stands after the appeal. The plan that was handed in is verified on 2026-03-25 02:00 (GMT+8)."
    )


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-33", "PG-19")
def test_end_of_a_manual_review_is_not_called_a_verified_plan(store: Store) -> None:
    red = Notice.objects.select_related("store__company").get(level="red")
    Notice.objects.filter(pk=red.pk).update(state="failed")
    assert end_manual_review(notice=red, reason="Seen on site.", at=NIGHT, actor="person:9")
    assert [text for _group, _title, text in texts("notice.resolved")] == [
        "The manual review is over. The notice stays in the performance record."
    ]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-13", "PG-19")
def test_assignment_is_told_to_the_member_who_is_responsible_only(store: Store) -> None:
    boss, helper = make_person("boss", store.company), make_person("helper", store.company, "manager")
    red = Notice.objects.select_related("store__company").get(level="red")
    assert assign_notice(notice=red, assignee=helper, at=NIGHT, actor=Person(boss).actor)
    assert [title for _group, title, _text in texts("notice.assigned")] == [
        f"You are responsible for notice {red.number}"
    ]
    assert [row.recipient for row in Delivery.objects.filter(message__kind="notice.assigned")] == [helper]
    said = f"You are responsible for notice {red.number}"
    assert said in inbox(english(client_of(helper)))
    assert said not in inbox(english(client_of(boss)))
    assert assign_notice(notice=red, assignee=boss, at=NIGHT, actor=Person(boss).actor)
    assert len(texts("notice.assigned")) == 1


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-08", "PN-13")
def test_member_responsible_is_the_first_of_the_chain(db: None) -> None:
    store = make_store()
    people = {name: make_person(name, store.company, "manager") for name in ("one", "two")}
    judged(store, late_dispatch="yellow")
    notice = Notice.objects.select_related("store__company").get()
    assign_notice(notice=notice, assignee=people["two"], at=NIGHT, actor="system")
    judged(store, DAY + ONE_DAY, late_dispatch="red")
    message = InboxMessage.objects.select_related("notice", "company").get(kind="notice.escalated")
    Notice.objects.filter(pk=message.notice.pk).update(assignee=people["two"])
    Delivery.objects.filter(message=message).delete()
    message.refresh_from_db()
    queue_deliveries([message])
    assert [row.recipient for row in Delivery.objects.filter(message=message)] == [people["two"]]
    sweep(at=NIGHT + ONE_DAY + timedelta(hours=9))
    assert [row.recipient for row in Delivery.objects.filter(message=message).order_by("id")] == [
        people["two"], people["one"],
    ]  # fmt: skip
