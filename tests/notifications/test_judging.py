"""Notices of judged days: issued once and in order, despite reruns and kills (MX-09, PN-01, PN-04 … PN-06)."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from core.models import Deadline, Event
from metrics.catalogue import METRICS, Calendar
from metrics.models import Fact, Run
from metrics.services import stages
from metrics.services.night import days_to_close, run_night, run_scheduled
from notifications.models import InboxMessage, JudgedDay, Notice, NoticeCounter, NoticeOrder
from notifications.services import judging
from notifications.services.issuing import take_numbers
from orders.models import Order
from rulebook.queries import policy_at
from stores.models import Company, Store
from stores.purging import remove_company
from tests.metrics.pages import NOW, TODAY, Made, make_store_with_facts
from tests.notifications.build import DAY, NIGHT, ONE_DAY, judge, judged, late_end, make_store, notices, publish


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def made(db: None) -> Made:
    """A governed store with 14 of 226 orders late on `TODAY`."""
    made = make_store_with_facts(Company.objects.create(company_no="C", name="Company"), "S1")
    Store.objects.update(mode="governed")
    made.store.refresh_from_db()
    return made


# ── what issues ──


@pytest.mark.rule("PN-04", "PN-05", "MX-09")
def test_crossed_lines_issue_notices_numbered_by_day(store: Store) -> None:
    assert judged(store, odr="yellow", late_dispatch="red", dispute_rate="ok", delivered="few") == 2
    judged(make_store("S2"), DAY + ONE_DAY, late_dispatch="yellow")
    rows = Notice.objects.order_by("id").values_list("number", "metric", "level", "state", "triggered_at")
    assert list(rows) == [
        ("PN20260310-000001", "odr", "yellow", "issued", NIGHT),
        ("PN20260310-000002", "late_dispatch", "red", "issued", NIGHT),
        ("PN20260311-000001", "late_dispatch", "yellow", "issued", NIGHT + ONE_DAY),
    ]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-04")
def test_only_metrics_that_policy_names_issue_notices(store: Store) -> None:
    naming = {code for code, rules in policy_at(NIGHT).metrics.items() if rules.issues == "notice"}
    assert naming == {"odr", "late_dispatch", "dispute_rate", "dsr", "delivered"}
    others = {code: "red" for code in METRICS if code not in naming and METRICS[code].calendar == Calendar.PERFORMANCE}
    assert judged(store, **others) == 0
    assert JudgedDay.objects.count() == 1


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-04", "MX-03")
def test_rating_is_judged_on_its_own_calendar(store: Store) -> None:
    publish(store, dsr="red")
    assert judge() == 0
    assert judge(calendar=Calendar.RATING) == 1
    assert notices() == [("dsr", "red", "2026-03-10", "issued")]


@pytest.mark.rule("PN-01")
def test_notice_freezes_what_was_published(store: Store) -> None:
    judged(store, late_dispatch="red")
    notice = Notice.objects.get()
    texts = [str(value) for value in (notice.value, notice.yellow, notice.red, notice.benchmark)]
    assert texts == ["0.0619469027", "0.0400000000", "0.0500000000", "0.0210000000"]
    assert (notice.numerator, notice.denominator, notice.policy_version) == (14, 226, 1)
    assert notice.snapshot["lines"]["red"] == {"base": "0.05", "top": None, "factors": []}


@pytest.mark.rule("PN-01", "MX-08", "DM-31")
def test_night_freezes_lines_factors_and_problem_orders_for_ever(made: Made) -> None:
    run_night(day=TODAY, at=NOW)
    notice = Notice.objects.get()
    assert (notice.metric, notice.level, str(notice.red)) == ("late_dispatch", "red", "0.0475000000")
    assert notice.snapshot["lines"]["red"]["factors"] == [{"kind": "level", "name": "gold", "value": "19/20"}]
    assert (notice.snapshot["first"], notice.snapshot["days"]) == ("2026-05-21", 30)
    kept = list(NoticeOrder.objects.order_by("place").values_list("order_no", "counter", "carrier", "shipped_at"))
    assert sorted(kept) == sorted((o.order_no, "dispatch_late", o.carrier, o.shipped_at) for o in made.late)
    Order.objects.all().delete()
    Fact.objects.all().delete()
    assert NoticeOrder.objects.count() == 14


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-04")
def test_own_mean_is_taken_over_the_days_before(made: Made) -> None:
    run_night(day=TODAY, at=NOW)
    # On every day before fewer than ten orders were due in the window: none of them says anything.
    assert "own_mean" not in Notice.objects.get().snapshot
    Notice.objects.all().delete()
    JudgedDay.objects.all().delete()
    Fact.objects.create(store=made.store, day=TODAY - timedelta(days=60), dispatch_due=50, dispatch_late=5)
    judge(TODAY, at=NOW)
    assert Notice.objects.get().snapshot["own_mean"] == "0.1000000000"


# ── one open notice ──


@pytest.mark.rule("PN-06")
def test_same_level_adds_nothing_while_a_notice_is_open(store: Store) -> None:
    for days in range(3):
        judged(store, DAY + days * ONE_DAY, late_dispatch="red", odr="yellow")
    assert notices() == [("odr", "yellow", "2026-03-10", "issued"), ("late_dispatch", "red", "2026-03-10", "issued")]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-06")
@pytest.mark.parametrize("opened", [False, True])
def test_worse_level_replaces_the_yellow_notice(store: Store, opened: bool) -> None:
    judged(store, late_dispatch="yellow")
    if opened:
        Notice.objects.update(state="opened")
    judged(store, DAY + ONE_DAY, late_dispatch="red")
    assert notices() == [
        ("late_dispatch", "yellow", "2026-03-10", "escalated"),
        ("late_dispatch", "red", "2026-03-11", "issued"),
    ]
    yellow, red = Notice.objects.order_by("id")
    assert red.replaces == yellow
    states = dict(Deadline.objects.filter(kind="notice_appeal").values_list("subject_key", "state"))
    assert states == {yellow.number: "void", red.number: "open"}
    assert list(InboxMessage.objects.order_by("id").values_list("kind", "notice")) == [
        ("notice.issued", yellow.pk),
        ("notice.escalated", red.pk),
    ]
    events = Event.objects.filter(kind__startswith="notice.").order_by("id").values_list("kind", "subject_key")
    assert list(events) == [
        ("notice.issued", yellow.number),
        ("notice.escalated", yellow.number),
        ("notice.issued", red.number),
    ]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-06")
@pytest.mark.parametrize("state", ["issued", "opened", "waived"])
def test_yellow_after_an_open_red_adds_nothing(store: Store, state: str) -> None:
    judged(store, late_dispatch="red")
    Notice.objects.update(state=state)
    assert judged(store, DAY + ONE_DAY, late_dispatch="yellow") == 0
    assert judged(store, DAY + 2 * ONE_DAY, late_dispatch="red") == 0


@pytest.mark.rule("PN-06")
def test_database_refuses_a_second_open_notice_and_a_second_of_an_identity(store: Store) -> None:
    judged(store, late_dispatch="red")
    notice = Notice.objects.get()
    same = {"store": store, "metric": "late_dispatch", "value": 0, "policy_version": 1, "triggered_at": NIGHT}
    for number, level, day, state in (
        ("A", "yellow", DAY + ONE_DAY, "issued"),
        ("B", "red", DAY, "escalated"),
        (notice.number, "red", DAY + ONE_DAY, "escalated"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Notice.objects.create(number=number, level=level, day=day, state=state, **same)


# ── again, at once, killed ──


@pytest.mark.rule("MX-09", "MX-03")
def test_day_is_judged_once_even_when_its_notice_is_closed_since(store: Store) -> None:
    judged(store, late_dispatch="red")
    judged(store, DAY + ONE_DAY, late_dispatch="red")
    Notice.objects.update(state="escalated")
    assert [judge(), judge(DAY + ONE_DAY)] == [0, 0]
    assert Notice.objects.count() == InboxMessage.objects.count() == 1


@pytest.mark.rule("MX-03", "RL-03")
def test_run_that_died_half_way_is_completed_without_gaps(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    for number in ("S1", "S2", "S3"):
        publish(make_store(number), late_dispatch="red")

    class KilledError(BaseException):
        pass

    issue = judging.issue_notices

    def die_on_the_second(**given: Any) -> int:
        made = issue(**given)
        if [draft.finding.store.store_no for draft in given["drafts"]] == ["S2"]:
            raise KilledError
        return made

    monkeypatch.setattr(judging, "issue_notices", die_on_the_second)
    monkeypatch.setattr(judging, "STORES_AT_ONCE", 1)
    with pytest.raises(KilledError):
        judge()
    monkeypatch.undo()
    assert Notice.objects.count() == JudgedDay.objects.count() == 1
    assert judge() == 2
    rows = Notice.objects.order_by("id").values_list("store__store_no", "number")
    assert list(rows) == [("S1", "PN20260310-000001"), ("S2", "PN20260310-000002"), ("S3", "PN20260310-000003")]


@pytest.mark.rule("MX-03", "RL-04")
def test_night_killed_between_publishing_and_notices_is_completed_by_the_next_run(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    def die(**_given: Any) -> int:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setitem(stages._stages, "notices", die)
        with pytest.raises(KilledError):
            run_scheduled(calendar=Calendar.PERFORMANCE, at=NOW)
    assert Run.objects.get(job="performance", day=TODAY, stage="publish").state == "done"
    assert not Notice.objects.exists()
    later = NOW + timedelta(minutes=20)
    assert days_to_close(calendar=Calendar.PERFORMANCE, at=later) == [TODAY]
    run_scheduled(calendar=Calendar.PERFORMANCE, at=later)
    assert notices() == [("late_dispatch", "red", "2026-06-19", "issued")]
    assert days_to_close(calendar=Calendar.PERFORMANCE, at=later) == []


@pytest.mark.rule("RL-04")
def test_half_done_day_is_made_up_though_a_later_one_was_closed(made: Made) -> None:
    before = TODAY - ONE_DAY
    run_night(day=before, at=NOW, calendars=[Calendar.PERFORMANCE])
    run_night(day=TODAY, at=NOW, calendars=[Calendar.PERFORMANCE])
    Run.objects.filter(day=before, stage="notices").update(state="failed")
    assert days_to_close(calendar=Calendar.PERFORMANCE, at=NOW) == [before]


@pytest.mark.rule("IX-11")
def test_night_of_some_stores_judges_those_only(made: Made, db: None) -> None:
    publish(make_store("S2"), TODAY, late_dispatch="red")
    run_night(day=TODAY, at=NOW, store_nos=["S1"])
    assert list(Notice.objects.values_list("store__store_no", flat=True)) == ["S1"]
    assert not Run.objects.exists()


@pytest.mark.rule("RL-04", "PN-01", "MX-09")
@pytest.mark.django_db(transaction=True)
def test_runs_at_once_issue_each_notice_once_and_number_without_gaps() -> None:
    company = Company.objects.create(company_no="C", name="C")
    for number in range(12):
        publish(make_store(f"S{number:02d}", company=company), late_dispatch="red", odr="yellow")
    start_line = threading.Barrier(4)
    counts: list[int] = []

    def work() -> None:
        start_line.wait()
        try:
            counts.append(judge())
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert sum(counts) == Notice.objects.count() == InboxMessage.objects.count() == 24
    numbers = sorted(Notice.objects.values_list("number", flat=True))
    assert numbers == [f"PN20260310-{place:06d}" for place in range(1, 25)]


@pytest.mark.rule("PN-01")
def test_numbers_of_a_failed_transaction_are_given_again(db: None) -> None:
    with transaction.atomic():
        take_numbers(DAY, 7)
        transaction.set_rollback(True)
    assert take_numbers(DAY, 1) == ["PN20260310-000001"]
    assert take_numbers(DAY, 2) == ["PN20260310-000002", "PN20260310-000003"]
    assert NoticeCounter.objects.get().last == 3


# ── backfill and mirrored stores ──


@pytest.mark.rule("MX-09")
@pytest.mark.parametrize(("seconds", "state"), [(0, "issued"), (1, "historical")])
def test_backfill_is_a_record_without_clocks_and_messages(store: Store, seconds: int, state: str) -> None:
    judged(store, at=late_end(DAY) + timedelta(seconds=seconds), late_dispatch="red")
    notice = Notice.objects.get()
    assert (notice.state, notice.historical, notice.predicted) == (state, bool(seconds), False)
    assert Deadline.objects.exists() == InboxMessage.objects.exists() == (state == "issued")


@pytest.mark.rule("DM-11a")
def test_notice_of_a_mirrored_store_is_predicted_and_told_but_has_no_clocks(db: None) -> None:
    judged(make_store(mode="mirrored"), late_dispatch="red")
    notice = Notice.objects.get()
    assert (notice.state, notice.historical, notice.predicted) == ("predicted", False, True)
    assert not Deadline.objects.exists()
    assert InboxMessage.objects.get().kind == "notice.predicted"


@pytest.mark.sqlite_only
@pytest.mark.rule("MX-09", "PN-06")
@pytest.mark.parametrize("within", ["ok", "na"])
@pytest.mark.parametrize(("mode", "state"), [("governed", "historical"), ("mirrored", "predicted")])
def test_stretch_over_a_line_is_one_record(mode: str, state: str, within: str, db: None) -> None:
    store = make_store(mode=mode)
    levels = ["yellow", "yellow", "red", "stale", "red", "yellow", within, "yellow"]
    for place, level in enumerate(levels):
        day = DAY + place * ONE_DAY
        judged(store, day, at=late_end(day) + ONE_DAY if state == "historical" else None, late_dispatch=level)
    assert notices() == [
        ("late_dispatch", "yellow", "2026-03-10", state),
        ("late_dispatch", "red", "2026-03-12", state),
        ("late_dispatch", "yellow", "2026-03-17", state),
    ]
    first, second, third = Notice.objects.order_by("id")
    assert [first.ended_day, second.ended_day, third.ended_day] == [DAY + 2 * ONE_DAY, DAY + 6 * ONE_DAY, None]
    assert second.replaces == first


@pytest.mark.sqlite_only
@pytest.mark.rule("MX-09", "PN-06")
def test_history_does_not_stop_a_notice_that_acts(store: Store) -> None:
    judged(store, at=NIGHT + 9 * ONE_DAY, late_dispatch="red")
    judged(store, DAY + 9 * ONE_DAY, late_dispatch="red")
    assert [row[3] for row in notices()] == ["historical", "issued"]


@pytest.mark.rule("MX-09")
def test_older_history_judged_later_is_recorded_too(store: Store) -> None:
    at = NIGHT + 60 * ONE_DAY
    judged(store, at=at, late_dispatch="red")
    judged(store, DAY - 30 * ONE_DAY, at=at, late_dispatch="red")
    assert [row[2] for row in notices()] == ["2026-03-10", "2026-02-08"]


@pytest.mark.rule("IX-03")
def test_removed_company_takes_its_notices_and_messages_along(store: Store) -> None:
    judged(store, late_dispatch="red")
    remove_company(company=store.company, actor="system", at=NIGHT)
    assert not any(model.objects.exists() for model in (Notice, JudgedDay, InboxMessage, Deadline))
    assert Event.objects.filter(kind="notice.issued").exists()


# ── clocks ──


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-03", "PN-08")
def test_red_must_be_opened_in_72_hours_and_each_can_be_appealed_for_7_days(store: Store) -> None:
    judged(store, odr="yellow", late_dispatch="red")
    yellow, red = Notice.objects.order_by("id").values_list("number", flat=True)
    clocks = Deadline.objects.filter(subject_kind="notice").order_by("subject_key", "kind")
    clocks = clocks.values_list("subject_key", "kind", "due_at")
    assert list(clocks) == [
        (yellow, "notice_appeal", NIGHT + timedelta(days=7)),
        (red, "notice_appeal", NIGHT + timedelta(days=7)),
        (red, "notice_view", NIGHT + timedelta(hours=72)),
    ]
