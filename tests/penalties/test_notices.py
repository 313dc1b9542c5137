"""What red notices bring (PN-14)."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications.models import Notice
from notifications.rules import State
from notifications.services.lifecycle import begin_appeal, move_notice, open_notice
from notifications.services.plans import open_plan
from penalties.models import Penalty
from penalties.services.deriving import derive_penalties
from stores.models import Store
from tests.notifications.build import DAY, NIGHT, ONE_DAY, judge, judged, late_end, make_store, night_of, publish
from tests.penalties.build import cases, in_force, penalties, swept
from tests.stores.people import make_person

pytestmark = pytest.mark.django_db

RESTRICTIONS = ["promotion_block", "search_demotion"]
SECOND = timedelta(seconds=1)


def red(store: Store) -> Notice:
    judged(store, late_dispatch="red")
    return Notice.objects.select_related("store__company").get(store=store)


@pytest.mark.rule("PN-02", "PN-14")
def test_red_notice_restricts_at_the_same_moment_until_it_is_over() -> None:
    store = make_store()
    notice = red(store)
    assert in_force(store) == RESTRICTIONS
    move_notice(notice=notice, to=State.RECTIFIED, at=NIGHT + ONE_DAY, actor="system", cause="PN-33")
    assert penalties(store) == [(kind, notice.number, NIGHT, NIGHT + ONE_DAY, "met") for kind in RESTRICTIONS]


@pytest.mark.rule("PN-14")
def test_yellow_notice_restricts_nothing() -> None:
    store = make_store()
    judged(store, late_dispatch="yellow")
    assert penalties(store) == []


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-14", "PN-03")
def test_ladder_of_a_red_notice_that_nobody_acts_on() -> None:
    store = make_store()
    notice = red(store)
    swept(NIGHT + 3 * ONE_DAY)
    assert in_force(store) == RESTRICTIONS
    swept(NIGHT + 3 * ONE_DAY + SECOND)
    assert in_force(store) == ["flash_deals_block", *RESTRICTIONS]
    swept(NIGHT + 7 * ONE_DAY + SECOND)
    assert in_force(store) == ["flash_deals_block", "funds_hold", *RESTRICTIONS]
    assert cases(store) == []
    swept(NIGHT + 30 * ONE_DAY + SECOND)
    assert cases(store) == [("closing_review", notice.number, NIGHT + 30 * ONE_DAY)]
    assert [(kind, starts - NIGHT) for kind, _cause, starts, *_end in penalties(store)] == [
        ("promotion_block", 0 * ONE_DAY),
        ("search_demotion", 0 * ONE_DAY),
        ("flash_deals_block", 3 * ONE_DAY),
        ("funds_hold", 7 * ONE_DAY),
    ]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-14", "DM-11a")
def test_sweep_after_an_outage_applies_as_of_the_due_instants() -> None:
    store = make_store()
    notice = red(store)
    swept(NIGHT + 40 * ONE_DAY)
    assert [starts - NIGHT for _kind, _cause, starts, *_end in penalties(store)] == [
        0 * ONE_DAY, 0 * ONE_DAY, 3 * ONE_DAY, 7 * ONE_DAY,
    ]  # fmt: skip
    assert cases(store) == [("closing_review", notice.number, NIGHT + 30 * ONE_DAY)]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-14", "PN-10")
def test_ladder_waits_while_somebody_acts() -> None:
    store = make_store()
    notice, person = red(store), make_person("seller", store.company)
    open_notice(notice=notice, user=person, at=NIGHT + ONE_DAY)
    begin_appeal(notice=notice, at=NIGHT + 2 * ONE_DAY, actor="person:1", cause="PN-08")
    open_plan(notice=notice, at=NIGHT + 4 * ONE_DAY, actor="person:1", cause="PN-10")
    swept(NIGHT + 11 * ONE_DAY)
    assert in_force(store) == RESTRICTIONS
    # The plan was not handed in.
    swept(NIGHT + 11 * ONE_DAY + SECOND)
    assert in_force(store) == ["funds_hold", *RESTRICTIONS]
    assert Penalty.objects.get(store=store, kind="funds_hold").starts_at == NIGHT + 11 * ONE_DAY


@pytest.mark.rule("PN-14", "BX-03")
def test_accepted_appeal_lifts_what_the_notice_brought() -> None:
    store = make_store()
    notice, person = red(store), make_person("seller", store.company)
    open_notice(notice=notice, user=person, at=NIGHT + ONE_DAY)
    begin_appeal(notice=notice, at=NIGHT + 2 * ONE_DAY, actor="person:1", cause="PN-08")
    move_notice(notice=notice, to=State.ACCEPTED, at=NIGHT + 3 * ONE_DAY, actor="person:2", cause="PN-09")
    assert penalties(store) == [(kind, notice.number, NIGHT, NIGHT + 3 * ONE_DAY, "lifted") for kind in RESTRICTIONS]


@pytest.mark.rule("MX-09")
def test_notice_of_a_day_judged_too_late_brings_nothing() -> None:
    store = make_store()
    publish(store, late_dispatch="red")
    judge(at=late_end(DAY) + SECOND)
    derive_penalties(store_ids=[store.pk], at=late_end(DAY) + ONE_DAY)
    assert penalties(store) == []


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-11a", "PN-42")
def test_mirrored_store_gets_predicted_penalties_until_a_day_within_bounds() -> None:
    store = make_store(mode="mirrored")
    notice = red(store)
    swept(NIGHT + 8 * ONE_DAY)
    assert list(Penalty.objects.filter(store=store).values_list("kind", "predicted").order_by("kind")) == [
        (kind, True) for kind in RESTRICTIONS
    ]
    judged(store, DAY + 9 * ONE_DAY, late_dispatch="ok")
    ended = night_of(DAY + 9 * ONE_DAY)
    assert penalties(store) == [(kind, notice.number, NIGHT, ended, "met") for kind in RESTRICTIONS]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-14")
def test_three_red_notices_in_a_month_open_one_licence_recheck() -> None:
    store = make_store()
    metrics = ["late_dispatch", "odr", "dispute_rate", "delivered"]
    for place, metric in enumerate(metrics):
        judged(store, DAY + place * ONE_DAY, **{metric: "red"})
    assert cases(store) == [("licence_recheck", "2026-03", NIGHT + 2 * ONE_DAY)]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-14", "DM-25")
def test_months_are_those_of_shanghai() -> None:
    store = make_store()
    # 02:00 on 31 March and on 1 and 2 April.
    for day, metric in (("2026-03-30", "late_dispatch"), ("2026-03-31", "odr"), ("2026-04-01", "delivered")):
        judged(store, datetime.fromisoformat(day).date(), **{metric: "red"})
    assert cases(store) == []


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-14")
def test_accepted_notice_does_not_count_towards_the_recheck() -> None:
    store = make_store()
    notice = red(store)
    for state in (State.OPENED, State.APPEALING, State.ACCEPTED):
        move_notice(notice=notice, to=state, at=NIGHT + ONE_DAY / 2, actor="person:1", cause="PN-33")
    judged(store, DAY + ONE_DAY, odr="red")
    judged(store, DAY + 2 * ONE_DAY, delivered="red")
    assert cases(store) == []


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-42", "RL-04")
def test_deriving_late_as_of_an_earlier_instant_takes_nothing_back() -> None:
    store = make_store()
    red(store)
    assert derive_penalties(store_ids=[store.pk], at=NIGHT - ONE_DAY) == []
    assert in_force(store) == RESTRICTIONS


@pytest.mark.rule("PN-42", "RL-04")
def test_deriving_again_changes_nothing() -> None:
    store = make_store()
    red(store)
    at = datetime(2026, 3, 12, tzinfo=UTC)
    assert derive_penalties(store_ids=[store.pk], at=at) == []
    assert in_force(store) == RESTRICTIONS
