"""Batches of stores are judged as stores one by one, in a number of queries that doesn't grow (MX-09, PN-01)."""

import random
import threading
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.test.utils import CaptureQueriesContext

from core.models import Deadline, Event
from core.timebase import performance_day_start
from disputes.models import CopyrightComplaint
from metrics.catalogue import METRICS, Calendar, problem_counters
from metrics.models import Fact, Problem
from metrics.queries.problems import ProblemQuery, all_problems
from metrics.scorecards.loading import load_spans
from notifications.models import InboxMessage, JudgedDay, Notice, NoticeCounter, NoticeOrder
from notifications.queries.reasons import with_reasons
from notifications.services import judging
from notifications.services.snapshots import own_mean
from orders.models import Order, RiskCase
from penalties.models import Penalty
from rulebook.queries import version_at
from rulebook.services import publish_policy
from stores.models import Company, Feed, Store
from stores.shards import Shard
from tests.notifications.build import DAY, LINES, NIGHT, ONE_DAY, judge, late_end, make_store, publish

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
PERFORMANCE = ("odr", "late_dispatch", "dispute_rate", "delivered")
LEVELS = ("ok", "yellow", "red", "few", "stale")


# ── worlds ──


def make_world(seed: int, stores: int) -> list[Store]:
    """Governed and mirrored stores of three companies, with facts, problem orders and complaints."""
    draw = random.Random(seed)
    companies = [Company.objects.create(company_no=f"C{place}", name="C") for place in range(3)]
    made = [
        make_store(f"S{place:02d}", draw.choice(["governed", "governed", "mirrored"]), draw.choice(companies))
        for place in range(stores)
    ]
    for store in made:
        for kind in Feed.Kind.values:
            Feed.objects.create(store=store, kind=kind, known_until=NIGHT, supplied_at=NIGHT)
        add_past(store, draw)
        for place in range(draw.randrange(6)):
            add_problem(store, draw, place)
    return made


def add_past(store: Store, draw: random.Random) -> None:
    days = [DAY - timedelta(days=back) for back in draw.sample(range(130), 20)]
    Fact.objects.bulk_create(
        Fact(
            store=store,
            day=day,
            orders_paid=draw.randrange(12),
            defect_orders=draw.randrange(2),
            dispatch_due=draw.randrange(12),
            dispatch_late=draw.randrange(3),
            outcomes=draw.randrange(9),
            undelivered=draw.randrange(2),
            described_n=(stars := draw.randrange(5)),
            described_sum=4 * stars,
        )
        for day in days
    )


def add_problem(store: Store, draw: random.Random, place: int) -> None:
    counter = draw.choice(
        [*problem_counters("odr"), *problem_counters("late_dispatch"), *problem_counters("delivered")]
    )
    day = DAY + timedelta(days=draw.randrange(-35, 4))
    if counter == "copyright_upheld":
        complaint = CopyrightComplaint.objects.create(store=store, complaint_no=f"K{place}", sku="1", opened_at=NIGHT)
        Problem.objects.create(store=store, counter=counter, day=day, order_id=0, subject_id=complaint.pk)
        return
    order = make_order(store, f"N{place}", carrier=draw.choice(["CAINIAO", ""]))
    Problem.objects.create(store=store, counter=counter, day=day, order_id=order.pk, subject_id=order.pk)


def make_order(store: Store, order_no: str, carrier: str = "") -> Order:
    money = {"total_amount": Decimal(1), "total_usd": Decimal(1), "currency": "USD"}
    return Order.objects.create(store=store, order_no=order_no, carrier=carrier, site="FR", created_at=NIGHT, **money)


def run_nights(seed: int, stores: list[Store]) -> list[int]:
    """Five days, judged in any order and some of them late; returns the notices made."""
    draw = random.Random(seed)
    nights = [DAY + place * ONE_DAY for place in range(4)]
    for day in nights:
        for store in stores:
            if draw.random() < 0.9:
                publish(store, day, **{code: draw.choice(LEVELS) for code in PERFORMANCE})
                publish(store, day, dsr=draw.choice(LEVELS))
    made = []
    for day in [*draw.sample(nights, 1), *nights]:
        at = late_end(day) + ONE_DAY if draw.random() < 0.3 else None
        made += [judge(day, at=at, calendar=calendar) for calendar in Calendar]
    return made


TABLES: dict[type[Model], tuple[str, ...]] = {
    Notice: (
        "number", "store", "metric", "level", "day", "triggered_at", "state", "historical", "predicted", "ended_day",
        "replaces__number", "value", "numerator", "denominator", "yellow", "red", "benchmark", "policy_version",
        "snapshot",
    ),
    NoticeOrder: (
        "notice__number", "place", "order_no", "complaint_no", "counter", "day", "carrier", "site", "paid_at", "reason",
        "reason_also", "counted_at", "since_at", "until_at",
    ),
    InboxMessage: ("company", "store", "notice__number", "kind", "event", "parameters", "at"),
    Deadline: ("store_id", "kind", "subject_kind", "subject_key", "due_at", "state", "opened_at", "settled_at"),
    Event: ("kind", "subject_key", "actor", "at", "store_no", "company_no", "before", "after", "cause"),
    JudgedDay: ("store", "day", "calendar", "judged_at"),
    NoticeCounter: ("day", "last"),
    Penalty: ("store", "kind", "source", "cause", "rule", "facts", "starts_at", "ends_at", "ended_at", "predicted"),
    RiskCase: ("store", "kind", "subject_kind", "subject_key", "facts", "dedupe", "opened_at", "state"),
}  # fmt: skip


# Subjects that are named by their ids, which a rollback does not give back on PostgreSQL.
NAMED_BY_ID = {"penalty", "risk_case"}


def everything() -> dict[str, list[str]]:
    """What judging left, but for ids."""
    return {table.__name__: sorted(map(str, _rows(table).values_list(*columns))) for table, columns in TABLES.items()}


def _rows(table: type[Model]) -> QuerySet[Any]:
    rows = table._default_manager.all()
    return rows.exclude(subject_kind__in=NAMED_BY_ID) if table is Event else rows


def tried(work: Callable[[], Any]) -> tuple[Any, dict[str, list[str]]]:
    """What some work returns and leaves; it is undone."""
    with transaction.atomic():
        result = work(), everything()
        transaction.set_rollback(True)
    return result


@pytest.mark.rule("MX-09", "PN-01", "PN-06")
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.sqlite_only) for seed in (1, 2))])
def test_batch_does_what_stores_one_by_one_do(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    stores = make_world(seed, 10)
    results = []
    for size in (1, 5, 500):
        monkeypatch.setattr(judging, "STORES_AT_ONCE", size)
        results.append(tried(lambda: run_nights(seed, stores)))
    made, left = results[0]
    assert sum(made) == len(left["Notice"]) > 20
    assert left["NoticeOrder"]
    assert left["Deadline"]
    assert results[1:] == [results[0]] * 2


@pytest.mark.rule("PN-01")
def test_frozen_orders_are_those_of_the_drill_down_in_its_order() -> None:
    stores = make_world(7, 8)
    for store in stores:
        publish(store, late_dispatch="red", odr="red", delivered="red")
    judge()
    assert Notice.objects.count() == 24
    for notice in Notice.objects.all():
        first = date.fromisoformat(notice.snapshot["first"])
        rows = list(all_problems(ProblemQuery(notice.store_id, problem_counters(notice.metric), first, notice.day)))
        kept = NoticeOrder.objects.filter(notice=notice).order_by("place")
        frozen = {one.pk: reason for one, reason in with_reasons(notice, list(kept))}
        assert [frozen[one.pk] for one in kept] == [row.reason for row in rows]
        assert [(one.place, one.counter, one.day, one.order_no, one.complaint_no, one.carrier) for one in kept] == [
            (
                place,
                row.problem.counter,
                row.problem.day,
                row.order.order_no if row.order else "",
                row.complaint.complaint_no if row.complaint else "",
                row.order.carrier if row.order else "",
            )
            for place, row in enumerate(rows, start=1)
        ]


@pytest.mark.rule("PN-01")
def test_queries_grow_neither_with_stores_nor_with_orders() -> None:
    def queries(day: date, stores: list[Store]) -> int:
        for store in stores:
            publish(store, day, late_dispatch="red", odr="yellow")
        with CaptureQueriesContext(connection) as caught:
            assert judge(day) == 2 * len(stores)
        return len(caught)

    stores = [make_store(f"S{place:02d}") for place in range(14)]
    # Problems name their orders without a foreign key: an order that is gone leaves its row empty.
    Problem.objects.bulk_create(
        Problem(store=stores[5], counter="dispatch_late", day=DAY, order_id=place, subject_id=place)
        for place in range(3_000)
    )
    few, many = queries(DAY, stores[:2]), queries(DAY + ONE_DAY, stores[2:])
    assert few == many
    places = NoticeOrder.objects.order_by("place").values_list("place", flat=True)
    assert list(places) == list(range(1, 3_001))


@pytest.mark.rule("PN-04", "MX-10")
@pytest.mark.parametrize("code", [*PERFORMANCE, "dsr"])
def test_own_mean_is_the_mean_of_the_sufficient_values_under_the_policy_of_each_day(code: str) -> None:
    store = make_world(11, 1)[0]
    name, given = f"metrics.{code}.min_denominator", version_at(NIGHT).data
    data = {**given, name: {**given[name], "value": 3}}
    begins = performance_day_start(DAY - timedelta(days=40))
    publish_policy(data=data, effective_from=begins, author="a", note="n", at=begins - ONE_DAY)
    store_span = load_spans([store], DAY - timedelta(days=90), DAY, codes=[code])[store.pk]
    days = [DAY - timedelta(days=back) for back in range(1, 91)]
    values = [one.value for day in days if (one := store_span.value(code, day)).sufficient and one.value is not None]
    assert len({store_span.policy(day, METRICS[code].calendar).number for day in days}) == 2
    assert own_mean(store_span, code, DAY, 90) == (sum(values, Fraction()) / len(values) if values else None)
    assert bool(values) == (code != "dispute_rate")


@pytest.mark.rule("PN-06", "RL-06")
def test_notice_that_left_the_open_states_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    store = make_store()
    publish(store, late_dispatch="yellow")
    judge()
    publish(store, DAY + ONE_DAY, late_dispatch="red")
    ask = judging.open_notices_of

    def ask_and_be_overtaken(stores: Any) -> Any:
        found = ask(stores)
        Notice.objects.update(state="historical", ended_day=DAY)
        return found

    monkeypatch.setattr(judging, "open_notices_of", ask_and_be_overtaken)
    judge(DAY + ONE_DAY)
    first, second = Notice.objects.order_by("id")
    assert (first.state, second.state, second.replaces) == ("historical", "issued", None)
    assert InboxMessage.objects.filter(notice=second).get().kind == "notice.issued"
    assert second.red == Decimal(LINES["red"])


@pytest.mark.rule("PN-01", "RL-04", "MX-03")
@pytest.mark.django_db(transaction=True)
def test_shards_at_once_number_without_gaps_each_in_the_order_of_its_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "STORES_AT_ONCE", 3)
    company = Company.objects.create(company_no="C", name="C")
    ids = []
    for place in range(18):
        store = make_store(f"S{place:02d}", company=company)
        publish(store, late_dispatch="red", odr="yellow")
        ids.append(store.pk)
    shards = [Shard(last=ids[5]), Shard(after=ids[5], last=ids[11]), Shard(after=ids[11])]
    start_line, made = threading.Barrier(3), []

    def work(shard: Shard) -> None:
        start_line.wait()
        try:
            made.append(judging.judge_day(day=DAY, at=NIGHT, calendar=Calendar.PERFORMANCE, shard=shard))
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=[shard]) for shard in shards]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert made == [12, 12, 12]
    numbers = Notice.objects.order_by("number").values_list("number", "store_id")
    assert [number for number, _store in numbers] == [f"PN20260310-{place:06d}" for place in range(1, 37)]
    for shard in shards:
        of_shard = list(shard.narrow(Notice.objects.order_by("number")).values_list("store_id", flat=True))
        assert of_shard == sorted(of_shard)
