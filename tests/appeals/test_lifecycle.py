"""An appeal's states, clocks and end (AP-01, PN-09, RL-06)."""

from datetime import timedelta
from typing import Any

import pytest

from appeals.models import Appeal, AppealOrder
from appeals.rules import OPEN_STATES, TRANSITIONS, AppealState, OrderDecision, number_of, outcome_of
from appeals.services.clocks import start_review_clock, start_supplement_clock
from appeals.services.lifecycle import move_appeal, take_appeal_number
from appeals.services.settling import settle_appeal
from core.models import Deadline, Event
from core.sweeping import sweep
from notifications.models import Notice
from notifications.services.issuing import take_numbers
from tests.appeals.build import DAY, NIGHT, SECOND, events_of, make_appeal, make_notice, make_store

HOUR = timedelta(hours=1)


@pytest.fixture
def notice(db: None) -> Notice:
    return make_notice(make_store())


def clocks() -> list[tuple[str, str, timedelta]]:
    rows = Deadline.objects.filter(subject_kind="appeal").order_by("id")
    return [(row.kind, row.state, row.due_at - NIGHT) for row in rows]


@pytest.mark.sqlite_only
def test_numbers_name_the_day() -> None:
    assert number_of(DAY, 7) == "AP20260310-000007"


def test_numbers_follow_one_another(db: None) -> None:
    # The night falls on the next day in Shanghai.
    assert [take_appeal_number(NIGHT), take_appeal_number(NIGHT)] == ["AP20260311-000001", "AP20260311-000002"]


def test_numbers_carry_the_mark_of_the_cell(db: None, settings: Any) -> None:
    take_appeal_number(NIGHT)
    settings.CELL_MARK = "B"

    assert take_appeal_number(NIGHT) == "AP20260311-B000002"
    assert take_numbers(DAY, 2) == ["PN20260310-B000001", "PN20260310-B000002"]


@pytest.mark.rule("AP-01", "PN-09")
def test_every_pair_of_states_moves_as_the_table_says(notice: Notice) -> None:
    """Each move that the table allows happens once with its event; each other one changes nothing."""
    appeal = make_appeal(notice)
    for before in AppealState:
        for to in AppealState:
            Appeal.objects.filter(pk=appeal.pk).update(state=before, version=4)
            seen = len(events_of(appeal))
            moved = move_appeal(appeal=appeal, to=to, at=NIGHT, actor="person:1", cause="AP-01")
            kept = Appeal.objects.get(pk=appeal.pk)
            assert moved == (to in TRANSITIONS[before]), (before, to)
            assert (kept.state, kept.version) == ((to, 5) if moved else (before, 4))
            assert len(events_of(appeal)) == seen + moved
            assert (appeal.state, appeal.version) == (kept.state, kept.version)


@pytest.mark.sqlite_only
def test_nothing_follows_an_ended_appeal() -> None:
    assert {state for state, allowed in TRANSITIONS.items() if not allowed} == set(AppealState) - OPEN_STATES


@pytest.mark.rule("RL-06")
def test_page_that_shows_an_older_version_moves_nothing(notice: Notice) -> None:
    appeal = make_appeal(notice)
    Appeal.objects.filter(pk=appeal.pk).update(version=3)
    assert not move_appeal(
        appeal=appeal, to=AppealState.WITHDRAWN, at=NIGHT, actor="person:1", cause="AP-01", version=2
    )
    assert (appeal.state, appeal.version, events_of(appeal)) == ("draft", 3, [])


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-09", "AP-05a", "PN-16")
@pytest.mark.parametrize(("expedited", "hours"), [(False, 48), (True, 12)])
def test_review_has_its_hours(notice: Notice, expedited: bool, hours: int) -> None:
    appeal = make_appeal(notice, AppealState.REVIEW, expedited=expedited)
    start_review_clock(appeal=appeal, at=NIGHT)
    assert clocks() == [("appeal_review", "open", hours * HOUR)]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-09", "DM-27")
def test_orders_without_their_supplement_are_rejected_and_the_others_reviewed_on(notice: Notice) -> None:
    appeal = make_appeal(notice, AppealState.SUPPLEMENT)
    AppealOrder.objects.filter(appeal=appeal, place=1).update(decision="supplement")
    start_review_clock(appeal=appeal, at=NIGHT)
    start_supplement_clock(appeal=appeal, at=NIGHT + HOUR)
    assert clocks() == [
        ("appeal_review", "met", 48 * HOUR),
        ("appeal_supplement", "open", timedelta(days=7, hours=1)),
    ]
    due = NIGHT + timedelta(days=7, hours=1)
    sweep(at=due)
    appeal.refresh_from_db()
    assert appeal.state == "supplement"
    sweep(at=due + SECOND)
    appeal.refresh_from_db()
    assert appeal.state == "review"
    assert list(appeal.orders.order_by("place").values_list("decision", "reason_code")) == [
        ("rejected", "no_supplement"), ("pending", ""), ("pending", ""),
    ]  # fmt: skip
    assert clocks()[1:] == [
        ("appeal_supplement", "lapsed", timedelta(days=7, hours=1)),
        ("appeal_review", "open", timedelta(days=9, hours=1)),
    ]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-09")
def test_appeal_of_which_no_order_is_left_ends_with_the_supplement(notice: Notice) -> None:
    appeal = make_appeal(notice, AppealState.SUPPLEMENT)
    AppealOrder.objects.filter(appeal=appeal).update(decision="supplement")
    AppealOrder.objects.filter(appeal=appeal, place=2).update(decision="accepted")
    start_supplement_clock(appeal=appeal, at=NIGHT)
    sweep(at=NIGHT + timedelta(days=8))
    appeal.refresh_from_db()
    # Decided at the limit, not when the sweep came.
    assert (appeal.state, appeal.decided_at) == ("accepted", NIGHT + timedelta(days=7))
    event = Event.objects.get(kind="appeal.accepted")
    assert (event.actor, event.after) == ("system", {"state": "accepted", "orders": 3, "accepted": 1})


@pytest.mark.rule("AP-04")
def test_settled_appeal_meets_its_clock_once(notice: Notice) -> None:
    appeal = make_appeal(notice, AppealState.REVIEW)
    start_review_clock(appeal=appeal, at=NIGHT)
    AppealOrder.objects.filter(appeal=appeal).update(decision="accepted")
    assert settle_appeal(appeal=appeal, at=NIGHT + HOUR, actor="person:1", reason="all shown")
    assert not settle_appeal(appeal=appeal, at=NIGHT + HOUR, actor="person:2")
    assert clocks() == [("appeal_review", "met", 48 * HOUR)]
    assert (appeal.state, appeal.reason, events_of(appeal)) == ("accepted", "all shown", ["appeal.accepted"])


@pytest.mark.sqlite_only
@pytest.mark.rule("AP-04")
def test_one_accepted_order_is_a_success() -> None:
    accepted, rejected, pending = OrderDecision.ACCEPTED, OrderDecision.REJECTED, OrderDecision.PENDING
    assert outcome_of([rejected, accepted]) == AppealState.ACCEPTED
    assert outcome_of([rejected, rejected]) == AppealState.REJECTED
    for undecided in ([], [accepted, pending], [OrderDecision.SUPPLEMENT]):
        with pytest.raises(ValueError, match="undecided"):
            outcome_of(undecided)
