"""Who opened a notice, and what lapses when nobody does (PN-03, PN-08, RL-05, RL-06)."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.deadlines import Owner, hold_owners
from core.events import SYSTEM
from core.models import Deadline, Event
from core.sweeping import sweep
from notifications.models import InboxMessage, Notice
from notifications.rules import State
from notifications.services.lifecycle import move_notices, open_notice, waive_appeals
from stores.models import Company, Store, User
from stores.services.holding import hold_stores
from tests.notifications.build import DAY, NIGHT, ONE_DAY, judge, judged, make_store, publish
from tests.outbox import deliver
from tests.stores.people import make_person

LIMIT = NIGHT + timedelta(hours=72)
SECOND = timedelta(seconds=1)


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def owner(store: Store) -> User:
    return make_person("owner", store.company)


def issued(store: Store, level: str = "red") -> Notice:
    judged(store, late_dispatch=level)
    return Notice.objects.select_related("store__company").get()


def clocks() -> dict[str, str]:
    """Without reminders."""
    return dict(Deadline.objects.filter(subject_kind="notice").values_list("kind", "state"))


@pytest.mark.rule("PN-03", "RL-05")
def test_first_opener_is_recorded_and_meets_the_clock(store: Store, owner: User) -> None:
    notice = issued(store)
    assert open_notice(notice=notice, user=owner, at=LIMIT)
    assert not open_notice(notice=notice, user=make_person("second", store.company), at=LIMIT)
    notice.refresh_from_db()
    assert (notice.state, notice.opened_at, notice.opened_by) == ("opened", LIMIT, owner)
    assert clocks() == {"notice_view": "met", "notice_appeal": "open"}
    event = Event.objects.get(kind="notice.opened")
    assert (event.actor, event.subject_key, event.at) == (f"person:{owner.pk}", notice.number, LIMIT)


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-03", "PN-33", "DM-27")
def test_red_notice_unopened_for_72_hours_has_its_appeal_waived(store: Store) -> None:
    notice = issued(store)
    sweep(at=LIMIT)
    notice.refresh_from_db()
    assert notice.state == "issued"
    sweep(at=LIMIT + timedelta(hours=5))
    notice.refresh_from_db()
    assert notice.state == "waived"
    assert clocks() == {"notice_view": "lapsed", "notice_appeal": "void"}
    event = Event.objects.get(kind="notice.waived")
    # The effect carries the due instant, not that of the sweep.
    assert (event.at, event.actor, event.before, event.after) == (
        LIMIT, "system", {"state": "issued"}, {"state": "waived"},
    )  # fmt: skip
    deliver()
    told = InboxMessage.objects.exclude(group="deadline").order_by("id")
    assert list(told.values_list("kind", "at")) == [
        ("notice.issued", NIGHT),
        ("notice.waived", LIMIT),
        ("penalty.applied", LIMIT),
    ]


@pytest.mark.rule("PN-03", "DM-27")
def test_many_appeals_are_waived_by_as_many_queries_as_few(db: None) -> None:
    company = Company.objects.create(company_no="C", name="Company")
    for place in range(9):
        publish(make_store(f"S{place}", company=company), late_dispatch="red")
    judge()
    notices = list(Notice.objects.select_related("store__company").order_by("id"))
    counts = []
    for group in (notices[:2], notices[2:]):
        with CaptureQueriesContext(connection) as caught:
            assert waive_appeals(due=dict.fromkeys(group, LIMIT)) == group
        counts.append(len(caught))
    assert counts[0] == counts[1]
    assert set(Notice.objects.values_list("state", flat=True)) == {"waived"}


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-03", "RL-05")
def test_opening_too_late_waives_the_appeal_before_any_sweep(store: Store, owner: User) -> None:
    notice = issued(store)
    assert open_notice(notice=notice, user=owner, at=LIMIT + SECOND)
    notice.refresh_from_db()
    assert (notice.state, notice.opened_by) == ("waived", owner)
    sweep(at=LIMIT + ONE_DAY)
    assert clocks() == {"notice_view": "lapsed", "notice_appeal": "void"}
    assert Event.objects.filter(kind="notice.waived").count() == 1
    assert not Event.objects.filter(kind="notice.opened").exists()
    assert Event.objects.get(kind="notice.seen").actor == f"person:{owner.pk}"


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-03")
def test_opening_a_waived_notice_records_the_person_and_changes_nothing_else(store: Store, owner: User) -> None:
    notice = issued(store)
    sweep(at=LIMIT + ONE_DAY)
    open_notice(notice=notice, user=owner, at=LIMIT + 2 * ONE_DAY)
    notice.refresh_from_db()
    assert (notice.state, notice.opened_by) == ("waived", owner)


@pytest.mark.rule("PN-03", "PN-08")
def test_yellow_notice_waits_unopened_and_its_appeal_window_closes(store: Store) -> None:
    notice = issued(store, "yellow")
    sweep(at=NIGHT + 8 * ONE_DAY)
    notice.refresh_from_db()
    assert notice.state == "issued"
    assert clocks() == {"notice_appeal": "lapsed"}


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-06")
def test_escalated_notice_can_still_be_opened_and_stays_escalated(store: Store, owner: User) -> None:
    notice = issued(store, "yellow")
    judged(store, DAY + ONE_DAY, late_dispatch="red")
    open_notice(notice=notice, user=owner, at=NIGHT + 2 * ONE_DAY)
    notice.refresh_from_db()
    assert (notice.state, notice.opened_by) == ("escalated", owner)


@pytest.mark.rule("RL-06", "PN-03")
@pytest.mark.django_db(transaction=True)
def test_openers_and_a_sweep_at_once_leave_one_outcome() -> None:
    store = make_store()
    people = [make_person(f"member{number}", store.company) for number in range(3)]
    notice = issued(store)
    start_line = threading.Barrier(4)
    firsts: list[bool] = []

    def at_once(person: User | None) -> None:
        start_line.wait()
        try:
            own = Notice.objects.select_related("store__company").get(pk=notice.pk)
            if person is None:
                waive_appeals(due={own: LIMIT})
            else:
                firsts.append(open_notice(notice=own, user=person, at=LIMIT))
        finally:
            connection.close()

    workers = [threading.Thread(target=at_once, args=[person]) for person in (*people, None)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sorted(firsts) == [False, False, True]
    notice.refresh_from_db()
    moves = list(Event.objects.filter(kind__in=("notice.opened", "notice.waived")).values_list("kind", flat=True))
    assert moves == [f"notice.{notice.state}"]


@pytest.mark.rule("RL-06", "RL-07")
@pytest.mark.django_db(transaction=True)
def test_notice_opened_while_a_sweep_fires_its_clock_waits_for_its_turn() -> None:
    store = make_store()
    notice, owner = issued(store), make_person("owner", store.company)
    is_held, raised = threading.Event(), []

    def open_slowly() -> None:
        is_held.wait()
        try:
            # The request came in the last second, and took a while.
            open_notice(notice=notice, user=owner, at=LIMIT)
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    reader = threading.Thread(target=open_slowly)
    reader.start()
    # What a sweep does in its transaction: the store, the deadline, the notice.
    with transaction.atomic():
        hold_owners(Owner.STORE, [store.pk])
        Deadline.objects.filter(kind="notice_view").update(state=Deadline.State.LAPSED, settled_at=LIMIT)
        is_held.set()
        time.sleep(0.3)
        waive_appeals(due={Notice.objects.select_related("store__company").get(): LIMIT})
    reader.join()
    assert raised == []
    notice.refresh_from_db()
    assert (notice.state, notice.opened_by) == ("waived", owner)


@pytest.mark.rule("RL-06", "RL-07")
@pytest.mark.django_db(transaction=True)
def test_notice_opened_while_a_night_judges_its_store_waits_for_its_turn() -> None:
    store = make_store()
    notice, owner = issued(store), make_person("owner", store.company)
    is_held, raised = threading.Event(), []

    def open_meanwhile() -> None:
        is_held.wait()
        try:
            open_notice(notice=notice, user=owner, at=NIGHT)
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    reader = threading.Thread(target=open_meanwhile)
    reader.start()
    # A night holds the store before it ends what has recovered, clocks included.
    with transaction.atomic():
        hold_stores([store.pk])
        is_held.set()
        time.sleep(0.3)
        own = Notice.objects.select_related("store__company").get()
        moved = move_notices(notices=[own], to=State.RECTIFIED, at=NIGHT, actor=SYSTEM, cause="PN-33")
    reader.join()
    assert (moved, raised) == ([own], [])
    notice.refresh_from_db()
    assert (notice.state, notice.opened_by) == ("rectified", owner)
    assert clocks()["notice_view"] == "void"
