"""Promotion eligibility: conditions, first days, calendar (PN-12)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
import time_machine
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from core.timebase import performance_day
from metrics.models import Fact
from notifications.models import Notice
from notifications.rules import State
from penalties.eligibility import (
    Condition,
    Event,
    Finding,
    Obstacle,
    completing_day,
    first_day_of_all,
    of_obstacles,
    of_score,
)
from penalties.models import LevelDay, Penalty
from penalties.queries.eligibility import Eligibility, Score, eligibility, eligibility_ahead, promotion_outlooks
from penalties.queries.penalties import standing_penalties
from penalties.services.deriving import derive_penalties
from stores.models import Feed, Store
from tests.metrics.pages import NOW, TODAY
from tests.notifications.build import judged, make_store, night_of
from tests.notifications.pages import english
from tests.stores.people import client_of, make_person

DAY = date(2026, 9, 1)
TRIGGER = night_of(DAY)
SECOND = timedelta(seconds=1)
NINETY = timedelta(days=90)
GOOD = Score(Fraction("4.8"))
HEALTHY = Score(Fraction(90))

pytestmark = [pytest.mark.rule("PN-12"), pytest.mark.sqlite_only]


def found(store: Store, at: datetime, rating: Score = GOOD, shs: Score = HEALTHY) -> Eligibility:
    return eligibility(store=store, at=at, rating=rating, shs=shs, penalties=standing_penalties(store, at))


def failing(store: Store, at: datetime, event: Event = Event.PROMOTION) -> list[Condition]:
    return [one.condition for one in found(store, at).findings[event] if not one.passes]


def penalize(store: Store, kind: str, ends_at: datetime | None = None) -> Penalty:
    return Penalty.objects.create(
        store=store, kind=kind, source="points", cause="2026/36", rule="PN-43", starts_at=TRIGGER, ends_at=ends_at
    )


# ── pure ──


@given(st.lists(st.integers(-200, 200), max_size=5))
def test_obstacles_block_until_the_last_one_ends(hours: list[int]) -> None:
    ends = [TRIGGER + timedelta(hours=hour) for hour in hours]
    finding = of_obstacles(Condition.NOTICES, [Obstacle(str(end), end) for end in ends], TRIGGER)
    standing = [end for end in ends if end >= TRIGGER]
    assert finding.passes == (not standing)
    assert finding.first_day == performance_day(max([TRIGGER, *standing]))
    assert [one.until for one in finding.obstacles] == standing


def test_an_obstacle_without_an_end_has_the_first_day_that_is_foreseen() -> None:
    finding = of_obstacles(Condition.PENALTIES, [Obstacle("1", TRIGGER + NINETY), Obstacle("2", None)], TRIGGER)
    assert (finding.passes, finding.first_day, len(finding.obstacles)) == (False, None, 2)
    day = date(2027, 1, 5)
    finding = of_obstacles(Condition.PENALTIES, [Obstacle("1", TRIGGER + NINETY), Obstacle("2", None, day)], TRIGGER)
    assert (finding.passes, finding.first_day) == (False, day)


@given(st.lists(st.sampled_from([True, False, None]), max_size=12), st.integers(1, 4), st.integers(-1, 11))
def test_consecutive_good_days_are_completed_on_the_first_day_that_has_them(
    good: list[bool | None], needed: int, after: int
) -> None:
    days = {DAY + timedelta(days=place): one for place, one in enumerate(good) if one is not None}
    found = completing_day(days, needed, after=DAY + timedelta(days=after))
    whole = [place for place in range(needed - 1, len(good)) if all(good[place - needed + 1 : place + 1])]
    assert found == next((DAY + timedelta(days=place) for place in whole if place > after), None)


@pytest.mark.parametrize(
    ("value", "course", "passes", "first"),
    [
        (Fraction("4.7"), [], True, date(2026, 9, 2)),
        (Fraction("4.69"), [(date(2026, 9, 5), Fraction("4.69")), (date(2026, 9, 6), Fraction("4.7"))], False, 6),
        (Fraction("4.69"), [(date(2026, 9, 5), None)], False, None),
        (None, [(date(2026, 9, 5), Fraction(5))], False, 5),
    ],
)
def test_a_score_passes_at_its_least_value_and_tells_the_first_day_ahead(
    value: Fraction | None, course: list[tuple[date, Fraction | None]], passes: bool, first: date | int | None
) -> None:
    finding = of_score(Condition.RATING, value, Decimal("4.7"), TRIGGER, course)
    expected = date(2026, 9, first) if isinstance(first, int) else first
    assert (finding.passes, finding.first_day) == (passes, expected)


def test_all_conditions_are_met_on_the_latest_of_their_days() -> None:
    met = Finding(Condition.RATING, passes=True, first_day=date(2026, 9, 2))
    later = Finding(Condition.NOTICES, passes=False, first_day=date(2026, 11, 30))
    assert first_day_of_all([met, later]) == date(2026, 11, 30)
    assert first_day_of_all([met, Finding(Condition.SHS, passes=False, first_day=None)]) is None


# ── a store ──


@pytest.mark.django_db
def test_a_notice_blocks_for_ninety_days_from_its_trigger_whatever_becomes_of_it_but_an_accepted_appeal() -> None:
    store = make_store()
    judged(store, DAY, late_dispatch="red")
    notice = Notice.objects.get()
    # What the notice restricts is a condition of its own.
    notice.store.penalties.all().delete()
    blocking = {}
    for state in State:
        Notice.objects.update(state=state)
        blocking[state] = failing(store, TRIGGER + NINETY) == [Condition.NOTICES]
    assert {state for state, blocks in blocking.items() if not blocks} == {
        State.ACCEPTED,
        State.CLEARED,
        State.ESCALATED,
        State.HISTORICAL,
        State.PREDICTED,
    }
    Notice.objects.update(state=State.RESOLVED)
    assert failing(store, TRIGGER + NINETY + SECOND) == []
    (finding,) = [one for one in found(store, TRIGGER).findings[Event.PROMOTION] if not one.passes]
    assert finding.obstacles == [Obstacle(notice.number, TRIGGER + NINETY)]
    assert finding.first_day == performance_day(TRIGGER + NINETY)


@pytest.mark.django_db
def test_penalties_keep_a_store_out_of_what_they_forbid_until_they_end() -> None:
    store = make_store()
    end = TRIGGER + timedelta(days=30)
    penalty = penalize(store, "flash_deals_block", end)
    assert failing(store, TRIGGER) == []
    assert failing(store, TRIGGER, Event.FLASH_DEALS) == [Condition.PENALTIES]
    assert failing(store, end + SECOND, Event.FLASH_DEALS) == []
    Penalty.objects.update(kind="promotion_block", ends_at=None)
    assert failing(store, TRIGGER) == failing(store, TRIGGER, Event.FLASH_DEALS) == [Condition.PENALTIES]
    assert found(store, TRIGGER).first_day(Event.PROMOTION) is None
    assert found(store, TRIGGER).penalties == {str(penalty.pk): Penalty.objects.get()}


@pytest.mark.django_db
@pytest.mark.rule("MX-14")
def test_penalties_are_foreseen_to_end_when_their_figure_is_back_for_as_long_as_they_ask() -> None:
    """All failures leave the window of thirty days tomorrow; none is usual. Until then nothing is in sight."""
    store = make_store()
    bulk = [Feed(store=store, kind=kind, known_until=NOW, supplied_at=NOW) for kind in Feed.Kind.values]
    Feed.objects.bulk_create(bulk)
    failures = {"dispatch_late": 20, "dispatch_due": 20, "disputes_seller_liable": 50, "disputes_closed": 50}
    Fact.objects.create(store=store, day=TODAY - timedelta(days=29), **failures)
    Fact.objects.create(store=store, day=TODAY, dispatch_due=200, disputes_closed=200)
    for figure, grade in (("liability", 3), ("shs", 1)):
        LevelDay.objects.create(store=store, figure=figure, day=TODAY, grade=grade, facts={"value": "0.2"})
    judged(store, TODAY, late_dispatch="red")
    derive_penalties(store_ids=[store.pk], at=NOW)
    seen = eligibility_ahead(store=store, at=NOW)
    finding = seen.findings[Event.PROMOTION][-1]
    ends = {seen.penalties[one.key].source: one.day for one in finding.obstacles}
    # Seven days of the metric and of the level, one of the score; each is known in the night after.
    week = TODAY + timedelta(days=8)
    assert ends == {"notice": week, "liability": week, "health": TODAY + timedelta(days=2)}
    assert finding.first_day == week
    Notice.objects.update(state=State.APPEALING)
    finding = eligibility_ahead(store=store, at=NOW).findings[Event.PROMOTION][-1]
    assert finding.first_day is None


@pytest.mark.django_db
def test_rating_and_health_score_have_to_reach_their_least_values() -> None:
    store = make_store()
    at = datetime(2026, 9, 2, 4, tzinfo=UTC)
    low = found(store, at, Score(Fraction("4.699")), Score(None))
    conditions = {one.condition: one for one in low.findings[Event.PROMOTION]}
    assert [one for one, finding in conditions.items() if not finding.passes] == [Condition.RATING, Condition.SHS]
    assert (conditions[Condition.RATING].value, conditions[Condition.RATING].least) == (
        Fraction("4.699"),
        Decimal("4.7"),
    )
    assert found(store, at).passes(Event.PROMOTION)


@pytest.mark.django_db
def test_the_calendar_says_which_registrations_the_store_can_still_make() -> None:
    """A notice of 1 September blocks until the end of November, when the year-end sale still takes registrations."""
    store = make_store()
    judged(store, DAY, late_dispatch="yellow")
    at = datetime(2026, 10, 1, tzinfo=UTC)
    outlooks = {
        one.promotion.code: (one.may_register, one.from_day) for one in promotion_outlooks(found(store, at), at)
    }
    assert outlooks["double_11_2026"] == (False, None)
    assert outlooks["black_friday_2026"] == (False, None)
    assert outlooks["year_end_2026"] == (True, date(2026, 12, 1))
    assert outlooks["anniversary_2027"] == (True, date(2027, 2, 8))
    assert "school_2026" not in outlooks


@pytest.mark.django_db
@time_machine.travel(TRIGGER + timedelta(days=2), tick=False)
def test_the_page_names_each_condition_with_what_stands_in_the_way() -> None:
    store = make_store()
    judged(store, DAY, late_dispatch="red")
    browser = english(client_of(make_person("owner", store.company)))
    page = browser.get(reverse("penalties:promotions", args=["S1"]))
    body = page.content.decode()
    assert page.status_code == 200
    notice = reverse("dashboard:notice", args=["S1", Notice.objects.get().number])
    for words in (
        notice,
        "Published rating",
        "No penalty that forbids flash deals",
        "no score yet",
        "Year-end sale",
        "until 2026-12-01 02:00",
    ):
        assert words in body
