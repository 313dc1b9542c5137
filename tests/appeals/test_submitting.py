"""Submitting, withdrawing and closing appeals (AP-01, PN-08, PN-16, BX-05, RL-06)."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from appeals.models import Appeal
from appeals.queries.points import expediting_of
from appeals.rules import AppealState, Refusal, RefusedAppealError, StaleAppealError
from appeals.services.drafting import (
    ClaimedOrder,
    TooManyFilesError,
    attach_file,
    declare_kinds,
    detach_file,
    save_orders,
    save_statement,
)
from appeals.services.settling import settle_appeal
from appeals.services.submitting import submit_appeal
from appeals.services.withdrawing import ReviewBegunError, withdraw_appeal
from core.models import Deadline, Event
from notifications.models import Notice
from notifications.queries.notices import PLAN_DUE
from notifications.rules import State
from notifications.services.lifecycle import escalate_notices, move_notice
from stores.models import Store
from stores.principals import Person
from tests.appeals.build import NIGHT, SECOND, events_of, make_appeal, make_notice, make_store
from tests.appeals.drafts import attached, filled, make_file, seller_of, started, submitted
from tests.orders.build import make_order
from tests.outbox import deliver

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def notice(store: Store) -> Notice:
    return make_notice(store)


@pytest.fixture
def who(store: Store) -> Person:
    return seller_of(store)


def submit(appeal: Appeal, who: Person, at: datetime = NIGHT, *, expedited: bool = False) -> None:
    submit_appeal(appeal=appeal, expedited=expedited, at=at, principal=who, version=appeal.version)


def refused(appeal: Appeal, who: Person, at: datetime = NIGHT, **more: bool) -> Refusal:
    with pytest.raises(RefusedAppealError) as error:
        submit(appeal, who, at, **more)
    appeal.refresh_from_db()
    assert appeal.state == "draft"
    return error.value.refusal


def clocks(kind: str) -> list[tuple[str, timedelta]]:
    return [(row.state, row.due_at - NIGHT) for row in Deadline.objects.filter(kind=kind).order_by("id")]


# ── Submitting ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-08", "PN-09", "AP-01")
def test_submission_starts_the_review_and_puts_the_notice_under_appeal(notice: Notice, who: Person) -> None:
    appeal = filled(notice.store, "notice", notice.number, who)
    submit(appeal, who, NIGHT + HOUR)
    appeal.refresh_from_db()
    notice.refresh_from_db()
    assert (appeal.state, appeal.submitted_at, appeal.version, notice.state) == (
        "review", NIGHT + HOUR, 3, "appealing",
    )  # fmt: skip
    assert clocks("appeal_review") == [("open", 49 * HOUR)]
    assert clocks("appeal_draft") == [("met", WEEK)]
    assert clocks("notice_appeal") == [("met", WEEK)]
    assert events_of(appeal) == ["appeal.started", "appeal.edited", "appeal.edited", "appeal.submitted"]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-08", "RL-05")
@pytest.mark.parametrize(("late", "state"), [(-1, "review"), (0, "review"), (1, "draft")])
def test_window_is_judged_to_the_second(notice: Notice, who: Person, late: int, state: str) -> None:
    appeal = filled(notice.store, "notice", notice.number, who)
    at = NIGHT + WEEK + late * SECOND
    if state == "draft":
        assert refused(appeal, who, at) == Refusal.TOO_LATE
    else:
        submit(appeal, who, at)
    appeal.refresh_from_db()
    assert appeal.state == state


@pytest.mark.rule("AP-01")
def test_submitting_twice_gives_one_appeal(notice: Notice, who: Person) -> None:
    appeal = filled(notice.store, "notice", notice.number, who)
    again = Appeal.objects.get(pk=appeal.pk)
    submit(appeal, who)
    submit(again, who)
    assert Appeal.objects.count() == 1
    assert events_of(appeal).count("appeal.submitted") == 1


@pytest.mark.rule("RL-06")
def test_colleague_who_submits_the_same_draft_later_is_told(notice: Notice, who: Person) -> None:
    appeal = filled(notice.store, "notice", notice.number, who)
    colleague, again = seller_of(notice.store, "colleague"), Appeal.objects.get(pk=appeal.pk)
    submit(appeal, who)
    with pytest.raises((StaleAppealError, RefusedAppealError)):
        submit(again, colleague)
    assert events_of(appeal).count("appeal.submitted") == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.rule("AP-01", "RL-06")
def test_two_submissions_at_once_give_one_appeal() -> None:
    notice = make_notice(make_store())
    first, second = seller_of(notice.store, "first"), seller_of(notice.store, "second")
    appeal = filled(notice.store, "notice", notice.number, first)
    barrier, outcomes = threading.Barrier(2), []

    def hand_in(who: Person) -> None:
        mine = Appeal.objects.select_related("store__company", "notice").get(pk=appeal.pk)
        barrier.wait()
        try:
            submit(mine, who)
            outcomes.append("submitted")
        except (StaleAppealError, RefusedAppealError):
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=hand_in, args=(who,)) for who in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["submitted", "told"]
    assert events_of(appeal).count("appeal.submitted") == 1


@pytest.mark.sqlite_only
@pytest.mark.rule("AP-01", "PN-29")
def test_what_lacks_is_named(notice: Notice, who: Person) -> None:
    appeal = started(notice.store, "notice", notice.number, who)
    assert refused(appeal, who) == Refusal.NO_ORDERS
    for exception, lacking in (
        ("", Refusal.NO_EXCEPTION),
        ("made up", Refusal.NO_EXCEPTION),
        ("other", Refusal.NO_STATEMENT),
    ):
        orders = [ClaimedOrder("L1", exception)]
        save_orders(appeal=appeal, orders=orders, at=NIGHT, principal=who, version=appeal.version)
        assert refused(appeal, who) == lacking
    save_statement(appeal=appeal, statement=" \n", at=NIGHT, principal=who, version=appeal.version)
    assert refused(appeal, who) == Refusal.NO_STATEMENT


@pytest.mark.rule("DM-11a")
def test_appeals_of_mirrored_stores_are_prepared_only(notice: Notice, who: Person) -> None:
    Store.objects.update(mode="mirrored")
    appeal = filled(Store.objects.get(), "notice", notice.number, who)
    assert refused(appeal, who) == Refusal.MIRRORED


@pytest.mark.rule("RL-06")
def test_draft_whose_notice_was_replaced_is_refused(notice: Notice, who: Person) -> None:
    appeal = filled(notice.store, "notice", notice.number, who)
    Notice.objects.update(state="escalated")
    assert refused(appeal, who) == Refusal.REPLACED


# ── Drafting ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("AP-01", "RL-06")
def test_second_tab_that_shows_an_older_draft_changes_nothing(notice: Notice, who: Person) -> None:
    appeal = started(notice.store, "notice", notice.number, who)
    other_tab = Appeal.objects.get(pk=appeal.pk)
    save_orders(appeal=appeal, orders=[ClaimedOrder("L1", "other")], at=NIGHT, principal=who, version=0)
    with pytest.raises(StaleAppealError):
        save_orders(appeal=other_tab, orders=[], at=NIGHT, principal=who, version=0)
    with pytest.raises(StaleAppealError):
        save_statement(appeal=other_tab, statement="old", at=NIGHT, principal=who, version=0)
    assert [row.order.order_no for row in appeal.orders.all()] == ["L1"]


@pytest.mark.rule("PN-29", "RL-08")
def test_draft_names_orders_of_its_notice_only_and_keeps_their_order(notice: Notice, who: Person) -> None:
    make_order(notice.store, order_no="ELSE")
    appeal = started(notice.store, "notice", notice.number, who)
    asked = [ClaimedOrder(number, "customs_hold", f"About {number}") for number in ("L3", "ELSE", "L1", "L3")]
    save_orders(appeal=appeal, orders=asked, at=NIGHT, principal=who, version=0)
    save_orders(
        appeal=appeal, orders=[ClaimedOrder("L1", "other", "Again"), asked[0]], at=NIGHT, principal=who, version=1
    )
    rows = appeal.orders.order_by("place").values_list("place", "order__order_no", "exception", "claim")
    assert list(rows) == [(1, "L1", "other", "Again"), (2, "L3", "customs_hold", "About L3")]


@pytest.mark.rule("PN-08", "AP-02")
def test_sixth_file_is_refused_and_the_others_stay(notice: Notice, who: Person) -> None:
    appeal = started(notice.store, "notice", notice.number, who)
    for letter in "abcde":
        attached(appeal, who, letter)
    with pytest.raises(TooManyFilesError):
        attached(appeal, who, "f")
    first = appeal.files.get(place=1)
    # The same file again is the same row.
    assert attach_file(appeal=appeal, file=first.file, name="again", at=NIGHT, principal=who) == first
    declare_kinds(appeal=appeal, kinds={first.pk: "order_proof", appeal.files.get(place=2).pk: "nonsense"}, at=NIGHT)
    detach_file(appeal=appeal, attached=appeal.files.get(place=5), at=NIGHT, principal=who)
    assert list(appeal.files.order_by("place").values_list("place", "name", "kind")) == [
        (1, "a.pdf", "order_proof"), (2, "b.pdf", ""), (3, "c.pdf", "carrier_trace"), (4, "d.pdf", "carrier_trace"),
    ]  # fmt: skip


@pytest.mark.sqlite_only
@pytest.mark.rule("AP-01")
def test_files_of_a_submitted_appeal_are_frozen(notice: Notice, who: Person) -> None:
    appeal = filled(notice.store, "notice", notice.number, who)
    attached(appeal, who)
    submit(appeal, who)
    with pytest.raises(StaleAppealError):
        attached(appeal, who, "b")
    with pytest.raises(StaleAppealError):
        detach_file(appeal=appeal, attached=appeal.files.get(), at=NIGHT, principal=who)


# ── Expedited ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-16", "DM-11")
def test_expedited_review_takes_twelve_hours_and_a_reward_point(notice: Notice, who: Person) -> None:
    store = notice.store
    appeal = filled(store, "notice", notice.number, who)
    assert refused(appeal, who, expedited=True) == Refusal.NO_EXPEDITED
    Store.objects.update(level="gold")
    appeal.store.refresh_from_db()
    assert expediting_of(appeal.store, NIGHT).left == 12
    submit(appeal, who, expedited=True)
    assert clocks("appeal_review") == [("open", 12 * HOUR)]
    assert expediting_of(appeal.store, NIGHT).left == 11
    # A new year in Shanghai brings new points.
    assert expediting_of(appeal.store, datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)).left == 11
    assert expediting_of(appeal.store, datetime(2026, 12, 31, 16, tzinfo=UTC)).left == 12
    Appeal.objects.update(state="withdrawn")
    assert expediting_of(appeal.store, NIGHT).left == 12


@pytest.mark.rule("PN-16")
def test_without_points_nothing_is_expedited(notice: Notice, who: Person) -> None:
    Store.objects.update(level="platinum")
    for number in range(12):
        Appeal.objects.create(
            store=notice.store, number=f"AP{number}", kind="review", subject_key=f"{number}", state="rejected",
            expedited=True, created_at=NIGHT, submitted_at=NIGHT,
        )  # fmt: skip
    appeal = filled(Store.objects.get(), "notice", notice.number, who)
    assert refused(appeal, who, expedited=True) == Refusal.NO_POINTS


# ── Second appeals ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-05", "PN-10")
@pytest.mark.parametrize("ground", ["new evidence", "named error"])
def test_second_appeal_needs_something_new_and_stops_the_plan(notice: Notice, who: Person, ground: str) -> None:
    Notice.objects.update(state="appealing")
    first = make_appeal(notice, AppealState.REVIEW, submitted_at=NIGHT)
    old = make_file(notice.store.company, "a")
    first.files.create(file=old, place=1, name="a.pdf", added_at=NIGHT)
    reject(first)
    assert clocks(PLAN_DUE) == [("open", WEEK)]
    second = filled(notice.store, "notice", notice.number, who, NIGHT + HOUR)
    attach_file(appeal=second, file=old, name="a.pdf", at=NIGHT, principal=who)
    assert refused(second, who, NIGHT + HOUR) == Refusal.NOTHING_NEW
    if ground == "new evidence":
        attached(second, who, "b")
    else:
        error = {"named_error": "Page 2 shows the date."}
        save_statement(appeal=second, statement="x", **error, at=NIGHT, principal=who, version=second.version)
    submit(second, who, NIGHT + HOUR)
    notice.refresh_from_db()
    assert (notice.state, clocks(PLAN_DUE)) == ("appealing", [("void", WEEK)])
    reject(second, NIGHT + 2 * HOUR)
    notice.refresh_from_db()
    assert (notice.state, clocks(PLAN_DUE)[1:]) == ("plan", [("open", WEEK + 2 * HOUR)])


def reject(appeal: Appeal, at: datetime = NIGHT) -> None:
    appeal.orders.update(decision="rejected")
    assert settle_appeal(appeal=appeal, at=at, actor="person:0")


@pytest.mark.rule("BX-05")
def test_withdrawn_second_appeal_gives_the_plan_back(notice: Notice, who: Person) -> None:
    Notice.objects.update(state="appealing")
    reject(make_appeal(notice, AppealState.REVIEW, submitted_at=NIGHT))
    second = filled(notice.store, "notice", notice.number, who, NIGHT + HOUR)
    attached(second, who)
    submit(second, who, NIGHT + HOUR)
    withdraw_appeal(appeal=second, at=NIGHT + 2 * HOUR, principal=who, version=second.version)
    notice.refresh_from_db()
    assert (notice.state, clocks(PLAN_DUE)[-1]) == ("plan", ("open", WEEK + 2 * HOUR))


# ── Withdrawing and closing ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("AP-01", "PN-33")
def test_withdrawn_appeal_leaves_the_notice_as_it_was(notice: Notice, who: Person) -> None:
    appeal = submitted(notice.store, "notice", notice.number, who)
    withdraw_appeal(appeal=appeal, at=NIGHT + HOUR, principal=who, version=appeal.version)
    notice.refresh_from_db()
    assert (appeal.state, notice.state) == ("withdrawn", "opened")
    assert clocks("appeal_review") == [("met", 48 * HOUR)]
    # It can be appealed again while its window lasts.
    assert clocks("notice_appeal") == [("met", WEEK), ("open", WEEK)]
    again = started(notice.store, "notice", notice.number, who, NIGHT + WEEK)
    assert again.number != appeal.number


@pytest.mark.rule("AP-01", "AP-04")
def test_appeal_in_a_reviewers_hands_is_not_withdrawn(notice: Notice, who: Person) -> None:
    appeal = submitted(notice.store, "notice", notice.number, who)
    claim = {"claimed_by": who.user, "claimed_until": NIGHT + HOUR}
    Appeal.objects.update(**claim)
    with pytest.raises(ReviewBegunError):
        withdraw_appeal(appeal=appeal, at=NIGHT + HOUR, principal=who, version=appeal.version)
    withdraw_appeal(appeal=appeal, at=NIGHT + HOUR + SECOND, principal=who, version=appeal.version)
    assert appeal.state == "withdrawn"


@pytest.mark.rule("AP-01")
def test_discarded_draft_leaves_everything_else_alone(notice: Notice, who: Person) -> None:
    appeal = started(notice.store, "notice", notice.number, who)
    withdraw_appeal(appeal=appeal, at=NIGHT, principal=who, version=0)
    notice.refresh_from_db()
    assert (appeal.state, notice.state, clocks("notice_appeal")) == ("withdrawn", "opened", [("open", WEEK)])


@pytest.mark.rule("PN-06", "PN-33")
@pytest.mark.parametrize("state", ["draft", "review"])
def test_appeal_against_a_replaced_notice_is_closed(store: Store, who: Person, state: str) -> None:
    notice = make_notice(store, "yellow")
    make = filled if state == "draft" else submitted
    appeal = make(store, "notice", notice.number, who)
    notice.refresh_from_db()
    escalate_notices(notices=[Notice.objects.select_related("store__company").get()], at=NIGHT + HOUR)
    deliver()
    appeal.refresh_from_db()
    assert appeal.state == "closed"
    assert Event.objects.get(kind="appeal.closed").at == NIGHT + HOUR
    assert Deadline.objects.filter(subject_kind="appeal", state="open").count() == 0


@pytest.mark.rule("PN-33")
def test_draft_against_a_notice_that_was_rectified_is_closed(notice: Notice, who: Person) -> None:
    appeal = started(notice.store, "notice", notice.number, who)
    move_notice(notice=notice, to=State.RECTIFIED, at=NIGHT, actor="system", cause="PN-33")
    deliver()
    appeal.refresh_from_db()
    assert appeal.state == "closed"
