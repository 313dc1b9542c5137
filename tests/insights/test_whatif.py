"""What-if against what really happens: exclusions made in fact, the usual pace of the forecast (BX-04, DM-34)."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from core.dirty import mark_orders_dirty
from core.timebase import day_number, performance_day_end
from insights.queries.forecast import Forecast, bounds_of, forecast, forecast_score, lost_work
from insights.queries.status import PageBenchmarks, status_of
from insights.queries.whatif.pace import CODES, SupposedSums
from insights.queries.whatif.simulation import Supposed, WhatIf, what_if
from insights.queries.whatif.ticked_orders import EXCLUDABLE, Ticked, changes_of
from insights.rules.forecast import Course
from insights.rules.whatif import Changes
from metrics.catalogue import BUYER_REVIEWS, DIMENSIONS, METRICS, Kind
from metrics.counters import FAILURES
from metrics.facts.updating import apply_dirty
from metrics.models import Fact
from metrics.queries.days import page_days
from metrics.scorecards.evaluating import judge
from metrics.scorecards.loading import load_spans
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.store_profiles import load_profiles
from orders.models import Exclusion, Order
from stores.models import Feed, Store
from stores.reference import resolve_categories
from tests.examples import costly
from tests.metrics.test_facts_against_reference import import_bundle
from tests.metrics.worlds import load_world
from tests.oracle.paces import LAST
from tests.oracle.strategies import bundles, worlds
from tests.oracle.world import World

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.rule("BX-04")]


@st.composite
def ticks(draw: st.DrawFn) -> Ticked:
    """Some of the stored orders, each with one supposition or two kinds of exclusion."""
    ids = list(Order.objects.order_by("id").values_list("id", flat=True))
    rng = random.Random(draw(st.integers(0, 2**16)))

    def some() -> frozenset[int]:
        return frozenset(one for one in ids if rng.random() < 0.4)

    return Ticked(excluded=some(), reviews=some(), disputes=some())


def exclude(ticked: Ticked) -> None:
    """What accepted appeals would write (DM-34)."""
    for order in Order.objects.filter(pk__in=ticked.supposed):
        subjects = [("order", order.pk)] if order.pk in ticked.excluded else []
        if order.pk in ticked.reviews:
            subjects.append(("review", order.pk))
        if order.pk in ticked.disputes:
            subjects += [("dispute", dispute.pk) for dispute in order.disputes.all()]
        for kind, subject_id in subjects:
            for code in EXCLUDABLE:
                Exclusion.objects.create(
                    store_id=order.store_id, order=order, subject_kind=kind, subject_id=subject_id, metric=code,
                    cause_no="AP1", created_at=datetime(2024, 1, 1, tzinfo=UTC),
                )  # fmt: skip
        mark_orders_dirty(order_ids=[order.pk], store_id=order.store_id)
    apply_dirty()


def facts_now(store: Store) -> dict[tuple[str, int], int]:
    rows = Fact.objects.filter(store=store)
    names = [field.name for field in Fact._meta.fields if field.name not in ("id", "store", "day")]
    return {(name, day_number(row.day)): count for row in rows for name in names if (count := getattr(row, name)) != 0}


def with_changes(facts: dict[tuple[str, int], int], changes: Changes) -> dict[tuple[str, int], int]:
    found = dict(facts)
    for name, by_day in changes.items():
        for day, amount in by_day.items():
            found[name, day] = found.get((name, day), 0) + amount
    return {key: count for key, count in found.items() if count}


def span_of(store: Store) -> tuple[date, date]:
    days = list(Fact.objects.filter(store=store).order_by("day").values_list("day", flat=True))
    return days[0], days[-1]


def cards_of(store_span: StoreSpan, first: date, last: date) -> list[object]:
    """Every result of some days, benchmarks apart: excluding changes means over all stores too."""
    days = {first, last, first + (last - first) / 2}
    return [judge(store_span, code, day, None) for code in METRICS for day in sorted(days)]


@pytest.mark.rule("DM-34")
@given(bundle=bundles(orders=5), data=st.data())
@costly(25)
def test_excluding_by_what_if_equals_really_excluding(bundle, data):
    with transaction.atomic():
        import_bundle(bundle)
        apply_dirty()
        ticked = data.draw(ticks())
        for store in Store.objects.filter(pk__in=Fact.objects.values("store")):
            own = frozenset(Order.objects.filter(store=store).values_list("pk", flat=True))
            mine = Ticked(ticked.excluded & own, ticked.reviews & own, ticked.disputes & own)
            before, (first, last) = facts_now(store), span_of(store)
            wide = {"first": first - timedelta(days=91), "last": last}
            store_span = load_spans([store], **wide)[store.id]
            changes = changes_of(mine)
            supposed = StoreSpan(store_span.store, SupposedSums(store_span.sums, changes, last))
            exclude(mine)
            assert with_changes(before, changes) == facts_now(store)
            really = load_spans([store], **wide)[store.id]
            assert cards_of(supposed, first, last) == cards_of(really, first, last)
        transaction.set_rollback(True)


DENOMINATORS = sorted({name for metric in METRICS.values() for name in metric.lower} | {"described_n", "r_dispatch_n"})


@given(bundle=bundles(orders=5))
@costly(10)
def test_a_shop_that_prevents_everything_fails_nowhere(bundle):
    """Complaints are no orders; a prevented low review changes sides in the denominator of the positive rate."""
    with transaction.atomic():
        import_bundle(bundle)
        apply_dirty()
        for store in Store.objects.filter(pk__in=Fact.objects.values("store")):
            before = facts_now(store)
            every = frozenset(Order.objects.filter(store=store).values_list("pk", flat=True))
            after = with_changes(before, changes_of(Ticked(prevented=every)))
            assert {name for name, _day in after} & FAILURES <= {"copyright_upheld"}
            reviews = set(BUYER_REVIEWS)
            kept = {name for name in DENOMINATORS if name not in reviews}
            assert {key: n for key, n in after.items() if key[0] in kept} == {
                key: n for key, n in before.items() if key[0] in kept
            }
            assert sum(n for key, n in after.items() if key[0] in reviews) == sum(
                n for key, n in before.items() if key[0] in reviews
            )
        transaction.set_rollback(True)


AHEAD = 10
KNOWN = LAST - timedelta(days=AHEAD)


def forecast_of(store: Store, code: str, at: datetime) -> Forecast:
    """As the metric's page makes it."""
    days = page_days(load_profiles([store])[0], at)
    store_span = load_spans([store], days.rating - timedelta(days=91), days.performance + timedelta(days=14))[store.id]
    if METRICS[code].kind == Kind.COMPOSITE:
        return forecast_score(
            store_span, code, days.of(METRICS[code].calendar), lost_of=lambda part: lost_work(store_span, part, at)
        )
    standing = status_of(store_span, code, days, PageBenchmarks(days, [code], {}), {})
    return forecast(store_span, code, standing.result.day, bounds_of(standing), lost=lost_work(store_span, code, at))


@pytest.mark.sqlite_only
@given(data=worlds(stores=2), hours=st.sampled_from((5, 9)))
@costly(5)
def test_nothing_supposed_is_the_forecast_at_the_usual_pace(data, hours):
    """The facts of the days after the last known one are what stands then. Five hours after the end of a performance
    day the rating day of the same date is not over; then scores, made of both calendars, are told apart by a day."""
    bundle, facts = data
    with transaction.atomic():
        stores = load_world(World(bundle, facts=facts))
        resolve_categories()
        at = performance_day_end(KNOWN) + timedelta(hours=hours)
        Feed.objects.update(known_until=at)
        for store in stores.values():
            found = what_if(store=store, at=at, supposed=Supposed())
            assert found.would is found.as_is
            for code in CODES if hours > 8 else set(CODES) - {"shs"}:
                pairs = found.courses[code].days
                expected = forecast_of(store, code, at)
                assert [pair.day for pair in pairs] == [expected.day, *expected.days]
                if code not in ("dsr", *DIMENSIONS) or steady(found, code):
                    values = [pair.as_is.value.value for pair in pairs]
                    assert values == [expected.value, *(point.value for point in expected.courses[Course.PACE])], code
        transaction.set_rollback(True)


def steady(found: WhatIf, code: str) -> bool:
    """Whether the same parts with the same weights make the rating on all days: the forecast keeps those of its first
    day, what-if takes each day's own."""
    ratings = [found.as_is.on(pair.day).rating for pair in found.courses[code].days]
    return len({tuple(rating.weights.items()) for rating in ratings}) == 1 and all(
        all(rating.counts.values()) for rating in ratings
    )
