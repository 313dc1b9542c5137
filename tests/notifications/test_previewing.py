"""Impact previews equal what nights would do (BX-14)."""

import random
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import chain, repeat
from typing import Any

import pytest

from core.timebase import performance_day_start
from metrics.catalogue import Calendar
from metrics.models import Benchmark, Fact, Published
from metrics.rules.days import day_end, run_begins
from metrics.services.publish import publish_day
from notifications.models import ImpactNotice, ImpactPreview, JudgedDay, Notice
from notifications.services import previewing
from notifications.services.judging import judge_day
from notifications.services.previewing import PREVIEWS, ask_for_preview, work_previews
from rulebook.models import PolicyVersion
from rulebook.revision import changed_entry
from rulebook.services import publish_policy
from rulebook.shipped import SHIPPED
from stores.models import Category, Company, Feed, Store

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 9)
DAYS = [FIRST + timedelta(days=place) for place in range(9)]
AT = datetime.fromisoformat("2026-03-10T08:00:00+00:00")
ALL_ON = day_end(LAST, Calendar.RATING)
# Short spans, so that nine days hold whole lives of notices.
SHORT = {
    "beyond.impact_days": 9,
    "judging.stable_days": 8,
    "judging.new_store_days": 20,
    "judging.silent_days": 6,
    "judging.benchmark_min_stores": 2,
    "notices.clear_within_days": 4,
    "notices.clear_streak_days": 2,
    "notices.rectify_days": 3,
    "metrics.late_dispatch.window_days": 4,
    "metrics.odr.window_days": 5,
    "metrics.delivered.window_days": 4,
}


def with_values(data: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    return {**data, **{key: changed_entry(data, key, value) for key, value in values.items()}}


def publish(number: int, values: Mapping[str, Any], start: datetime) -> PolicyVersion:
    version = publish_policy(
        data=with_values(SHIPPED, {**SHORT, **values}),
        effective_from=start,
        author="Li",
        note="",
        at=start - timedelta(days=1),
    )
    assert version.number == number
    return version


def make_world(seed: int) -> list[Store]:
    """Governed and mirrored stores, old, new and in their silent days, of three categories."""
    draw = random.Random(seed)
    company = Company.objects.create(company_no="C", name="C")
    for code, flags in (("fast", "fast_moving"), ("plain", ""), ("made", "custom_made")):
        Category.objects.create(code=code, name=code, root_code=code, all_flags=flags)
    stores = []
    for place in range(7):
        opened = performance_day_start(FIRST - timedelta(days=draw.choice([3, 12, 18, 400])))
        store = Store.objects.create(
            company=company,
            store_no=f"S{place}",
            name=f"Store {place}",
            mode=draw.choice(["governed", "governed", "mirrored"]),
            level=draw.choice(Store.Level.values),
            primary_category=draw.choice(["fast", "plain", "made", ""]),
            opened_at=opened,
        )
        for kind in Feed.Kind.values:
            Feed.objects.create(store=store, kind=kind, known_until=ALL_ON, supplied_at=ALL_ON)
        add_facts(store, draw)
        stores.append(store)
    return stores


def add_facts(store: Store, draw: random.Random) -> None:
    """Good and bad stretches of days."""
    bad = False
    for back in range(32):
        bad = bad != (draw.random() < 0.25)
        Fact.objects.create(
            store=store,
            day=LAST - timedelta(days=back),
            orders_paid=draw.randrange(4, 9),
            defect_orders=draw.random() < (0.1 if bad else 0.02),
            dispatch_due=draw.randrange(4, 9),
            dispatch_late=draw.randrange(2) if bad else 0,
            outcomes=draw.randrange(4, 9),
            undelivered=draw.random() < (0.4 if bad else 0.05),
            cancelled_by_seller=draw.random() < (0.3 if bad else 0),
            described_n=6,
            described_sum=6 * 5 - draw.randrange(4 if bad else 2),
            communication_n=6,
            communication_sum=6 * 5 - draw.randrange(4 if bad else 2),
            r_dispatch_n=5,
            r_dispatch_ontime=5 - draw.randrange(2),
            r_delivery_n=5,
            r_delivery_ontime=5 - draw.randrange(2),
        )


Key = tuple[str, str, str, date]


def nights() -> Counter[Key]:
    """The notices that the nights of the days issue, in a world without any before."""
    Notice.objects.all().delete()
    for model in (Published, JudgedDay, Benchmark):
        model._default_manager.all().delete()
    for day in DAYS:
        for calendar in (Calendar.PERFORMANCE, Calendar.RATING):
            at = run_begins(day, calendar)
            publish_day(day=day, at=at, calendar=calendar)
            judge_day(day=day, at=at, calendar=calendar)
    rows = Notice.objects.values_list("store__store_no", "metric", "level", "day")
    return Counter((store, metric, level, day) for store, metric, level, day in rows)


def previewed(preview: ImpactPreview) -> tuple[Counter[Key], Counter[Key]]:
    """The notices that come and those that go, a moved one among both."""
    came: Counter[Key] = Counter()
    gone: Counter[Key] = Counter()
    for row in ImpactNotice.objects.filter(preview=preview).select_related("store"):
        name = (row.store.store_no, row.metric, row.level)
        if row.after is not None:
            came[(*name, row.after)] += 1
        if row.before is not None:
            gone[(*name, row.before)] += 1
    return came, gone


def make(preview: ImpactPreview) -> ImpactPreview:
    assert work_previews(clock=lambda: AT, until=AT + timedelta(minutes=1)) == 1
    preview.refresh_from_db()
    return preview


CHANGES: list[dict[str, Any]] = [
    {
        "metrics.late_dispatch.yellow": "0.03",
        "metrics.late_dispatch.red": "0.08",
        "factors.level": {"basic": "1", "gold": "0.5", "platinum": "2"},
    },
    {
        "judging.streak_days": 1,
        "judging.new_store_days": 40,
        "metrics.odr.window_days": 3,
        "metrics.delivered.min_denominator": 22,
        "rating.weights.described": "0.10",
        "rating.weights.dispatch": "0.45",
        "metrics.dsr.yellow": "4.75",
    },
    {"metrics.cancel_rate.issues": "notice", "metrics.delivered.issues": "advice", "notices.rectify_days": 1},
]
# Metrics whose notices each of the changes has to change, for the comparison to mean something.
CONCERNED = [{"late_dispatch"}, {"odr", "delivered", "dsr"}, {"cancel_rate", "delivered"}]


@pytest.mark.rule("BX-14")
@pytest.mark.sqlite_only
@pytest.mark.parametrize("seed", range(len(CHANGES)), ids=("thresholds", "values", "what issues"))
def test_preview_is_what_putting_the_version_into_force_changes(seed: int) -> None:
    start = performance_day_start(FIRST)
    make_world(seed)
    base = publish(2, {}, start - timedelta(days=60))
    before = nights()
    changes = {key: changed_entry(base.data, key, value) for key, value in CHANGES[seed].items()}
    preview = make(ask_for_preview(base=base, changes=changes, at=AT))

    publish(3, CHANGES[seed], start)
    after = nights()
    assert previewed(preview) == (after - before, before - after)
    assert preview.figures["before"] == Counter(f"{metric}.{level}" for _no, metric, level, _day in before.elements())
    assert preview.figures["after"] == Counter(f"{metric}.{level}" for _no, metric, level, _day in after.elements())
    assert {metric for _no, metric, _level, _day in (after - before) + (before - after)} >= CONCERNED[seed]


def a_preview() -> ImpactPreview:
    make_world(1)
    base = publish(2, {}, performance_day_start(FIRST) - timedelta(days=60))
    change = {"metrics.late_dispatch.yellow": changed_entry(base.data, "metrics.late_dispatch.yellow", "0.02")}
    return ask_for_preview(base=base, changes=change, at=AT)


@pytest.mark.rule("BX-14")
def test_preview_that_was_killed_goes_on_and_counts_no_store_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previewing, "STORES_AT_ONCE", 4)
    preview = a_preview()
    # The worker's time is over after the first chunk.
    ticks = chain([AT, AT], repeat(AT + timedelta(hours=1)))
    assert work_previews(clock=lambda: next(ticks), until=AT + timedelta(minutes=1)) == 0
    preview.refresh_from_db()
    assert (preview.done, preview.total, preview.state) == (4, 7, "waiting")
    # A worker that claimed it and died: another one takes it over once the lease is over.
    assert PREVIEWS.claim(ImpactPreview.objects.all(), at=AT)
    assert work_previews(clock=lambda: AT, until=AT + timedelta(minutes=1)) == 0
    later = AT + timedelta(hours=1)
    assert work_previews(clock=lambda: later, until=later + timedelta(minutes=1)) == 1
    preview.refresh_from_db()
    assert (preview.done, preview.state) == (7, "done")

    ImpactNotice.objects.all().delete()
    figures = preview.figures
    ImpactPreview.objects.update(state="waiting", after=0, done=0, figures={}, attempts=0, retry_at=None)
    assert make(preview).figures == figures
    sizes = preview.figures["sizes"].values()
    assert sum(size["stores"] for size in sizes) == 7


@pytest.mark.rule("BX-14")
@pytest.mark.sqlite_only
def test_same_question_is_answered_once() -> None:
    preview = a_preview()
    again = ask_for_preview(base=preview.base, changes=preview.changes, at=AT)
    other = ask_for_preview(base=preview.base, changes={}, at=AT)
    assert (again.pk, other.pk == preview.pk) == (preview.pk, False)
