"""Appeals, plans and predicted notices in the list of what is to be done (PG-03, PN-09, PN-10, DM-11a)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from appeals.models import Appeal
from appeals.queries.deadlines import DRAFT, SUBJECT, SUPPLEMENT
from core.models import Deadline
from dashboard.presenters.todo import todo_list
from dashboard.presenters.todo_item import Action, Todo
from dashboard.queries.panel import work_of
from notifications.models import Notice
from notifications.queries.notices import PLAN_DUE
from notifications.queries.notices import SUBJECT as NOTICE
from notifications.rules import State
from stores.models import Store
from tests.notifications.build import DAY, NIGHT, judged, make_store
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]
AT = NIGHT + timedelta(hours=6)
HOUR = timedelta(hours=1)


@pytest.fixture
def store() -> Store:
    store = make_store("S1")
    judged(store, late_dispatch="red")
    return store


def todos(store: Store, *, may_write: bool = True) -> list[Todo]:
    return todo_list(store, work_of(store, AT, ()), AT, may_write=may_write)


def make_appeal(store: Store, number: str, state: str, due: timedelta, kind: str) -> Appeal:
    notice = Notice.objects.get()
    appeal = Appeal.objects.create(
        store=store, number=number, kind="notice", subject_key=number, notice=notice, state=state, created_at=NIGHT
    )
    Deadline.objects.create(
        store_id=store.pk, kind=kind, subject_kind=SUBJECT, subject_key=number, opened_at=NIGHT, due_at=AT + due
    )
    return appeal


@pytest.mark.rule("PG-03", "PN-09")
def test_appeals_that_wait_for_the_seller_stand_by_their_clock_among_the_rest(store: Store) -> None:
    make_appeal(store, "AP-1", "supplement", 5 * HOUR, SUPPLEMENT)
    make_appeal(store, "AP-2", "draft", 100 * HOUR, DRAFT)
    make_appeal(store, "AP-3", "review", HOUR, "appeal_review")
    found = todos(store)
    assert [(one.title, one.first.label) for one in found] == [
        ("Appeal AP-1 needs a supplement", "Hand in the supplement"),
        ("Late dispatch 6.19\u00a0%, threshold 5\u00a0%", "Open notice"),
        ("Appeal AP-2 is a draft", "Continue"),
    ]
    assert found[0].url == reverse("appeals:appeal", args=["S1", "AP-1"])
    assert found[0].note == f"Late dispatch · {Notice.objects.get().number}"


@pytest.mark.rule("PG-03", "PN-10")
def test_plan_that_is_due_is_a_task_with_its_clock(store: Store) -> None:
    notice = Notice.objects.get()
    Notice.objects.update(state=State.PLAN, opened_at=NIGHT)
    Deadline.objects.filter(subject_key=notice.number).update(state=Deadline.State.MET)
    Deadline.objects.create(
        store_id=store.pk, kind=PLAN_DUE, subject_kind=NOTICE, subject_key=notice.number, opened_at=NIGHT,
        due_at=AT + 3 * HOUR,
    )  # fmt: skip
    [todo] = todos(store)
    assert (todo.due, todo.due_note) == (AT + 3 * HOUR, "left to hand in the improvement plan")
    assert todo.note == f"{notice.number} · improvement plan"
    assert todo.first == Action("Write the plan", reverse("dashboard:plan", args=["S1", notice.number]))
    Deadline.objects.filter(kind=PLAN_DUE).update(state=Deadline.State.MET)
    [todo] = todos(store)
    assert todo.first.label == "See the plan"


@pytest.mark.rule("PG-03")
def test_draft_without_a_deadline_names_none(store: Store) -> None:
    Notice.objects.update(state=State.ACCEPTED)
    Appeal.objects.create(number="AP-9", store=store, kind="review", subject_key="8001", created_at=NIGHT)
    [todo] = todos(store)
    assert (todo.title, todo.due, todo.due_note) == ("Appeal AP-9 is a draft", None, "")


@pytest.mark.rule("PG-03", "DM-11a", "IX-08")
def test_predicted_notice_has_the_same_weight_and_the_way_to_record_the_platforms_own() -> None:
    store = make_store("S2", "mirrored")
    judged(store, DAY, dispute_rate="red")
    [todo] = todos(store)
    assert (todo.badge, todo.level) == ("predicted", "red")
    assert todo.second is not None
    assert todo.second.label == "Record the platform's notice"
    client: Client = client_of(make_person("owner", store.company))
    assert client.get(todo.second.url).status_code == 200
    [reader] = todos(store, may_write=False)
    assert reader.second is None
