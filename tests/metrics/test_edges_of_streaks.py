"""Three days over yellow, what breaks the row, and the small swings of stable stores (MX-10, MX-07, DM-11, DM-30)."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from stores.models import Feed
from tests.metrics.edges import CALM, DAY, Edges, at, publish
from tests.oracle.instants import performance_day_end
from tests.oracle.policy import SHIPPED

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow, pytest.mark.django_db]


def back(days: int) -> date:
    return DAY - timedelta(days=days)


def over(edges: Edges, store: str, *, since: int, per_mille: int = 45) -> None:
    """Late dispatch of 4.5 %, over yellow and under red, from a day on; before it a calm past."""
    edges.add(store, back(since + 35), dispatch_due=CALM)
    edges.add(store, back(since), dispatch_due=1000, dispatch_late=per_mille)


@pytest.mark.rule("MX-10", "PN-05")
def test_yellow_needs_the_third_day():
    edges = Edges()
    for days in (0, 1, 2, 3):
        over(edges, edges.store(f"since{days}"), since=days)
    expected = {"since0": "ok", "since1": "ok", "since2": "yellow", "since3": "yellow"}
    assert edges.levels("late_dispatch", before=2) == expected


@pytest.mark.rule("MX-10")
def test_red_needs_one_day():
    edges = Edges()
    edges.add(edges.store("S"), DAY, dispatch_due=1000, dispatch_late=51)
    edges.add(edges.store("calm"), back(20), dispatch_due=100_000, dispatch_late=5_000)
    assert edges.levels("late_dispatch") == {"S": "red", "calm": "ok"}


@pytest.mark.rule("MX-05", "MX-10")
@pytest.mark.parametrize(("orders", "word"), [(10, "yellow"), (9, "ok"), (0, "ok")])
def test_day_without_enough_orders_breaks_the_row(orders, word):
    edges = Edges()
    store = edges.store("S")
    edges.add(store, back(70), dispatch_due=CALM)
    # The window of the day before holds these orders alone, that of the third day the older ones too.
    edges.add(store, back(31), dispatch_due=1000, dispatch_late=45)
    edges.add(store, back(15), dispatch_due=orders, dispatch_late=min(orders, 1))
    edges.add(store, DAY, dispatch_due=1000, dispatch_late=45)
    assert edges.levels("late_dispatch", before=2)["S"] == word


@pytest.mark.rule("MX-10")
def test_day_on_the_line_breaks_the_row():
    edges = Edges()
    for name, late in (("on", 40), ("over", 41)):
        store = edges.store(name)
        edges.add(store, back(70), dispatch_due=CALM)
        edges.add(store, back(31), dispatch_due=1000, dispatch_late=45)
        edges.add(store, back(15), dispatch_due=1000, dispatch_late=late)
        edges.add(store, DAY, dispatch_due=1000, dispatch_late=90 - late)
    assert edges.levels("late_dispatch", before=2) == {"on": "ok", "over": "yellow"}


@pytest.mark.rule("MX-07")
@pytest.mark.parametrize(
    ("feeds", "known", "word"),
    [
        ({"orders"}, 0, "yellow"),
        ({"orders"}, -1, "stale"),
        ({"reviews"}, 0, "no_data"),
        (set(), 0, "no_data"),
    ],
)
def test_feed_that_is_missing_or_ends_early_triggers_nothing(feeds, known, word):
    from tests.oracle.generator import iso
    from tests.oracle.world import FEED_FILES

    edges = Edges()
    over(edges, edges.store("S"), since=5)
    edges.feeds = {stem for feed, stem in FEED_FILES.items() if feed in feeds}
    edges.known = dict.fromkeys(feeds, iso(performance_day_end(DAY) + known))
    assert edges.levels("late_dispatch")["S"] == word


@pytest.mark.rule("MX-07")
def test_defect_rate_needs_reviews_or_disputes_and_all_of_them_known():
    from tests.oracle.generator import iso
    from tests.oracle.world import FEED_FILES

    whole, short = iso(performance_day_end(DAY)), iso(performance_day_end(DAY) - 1)
    cases = [
        ({"orders": whole}, "no_data"),
        ({"reviews": whole, "disputes": whole}, "no_data"),
        ({"orders": whole, "reviews": whole}, "red"),
        ({"orders": whole, "disputes": whole}, "red"),
        ({"orders": whole, "disputes": whole, "reviews": short}, "stale"),
        ({"orders": short, "disputes": whole}, "stale"),
    ]
    for known, word in cases:
        edges = Edges()
        edges.add(edges.store("S"), DAY, orders_paid=100, defect_orders=2)
        edges.feeds, edges.known = {FEED_FILES[feed] for feed in known}, known
        assert edges.levels("odr")["S"] == word, known
        Feed.objects.all().delete()
        _forget("S")


def _forget(store_no: str) -> None:
    from metrics.models import Benchmark, Fact
    from stores.models import Company, Store, StorePeriod

    for model in (Fact, Benchmark, StorePeriod, Store, Company):
        model.objects.all().delete()


# 10 % of a mean of 4.2 % up and of 4.8 % down; both beyond yellow (4 %), within red (5 %).
SWINGS = [
    (420, 504, "ok"),
    (420, 505, "yellow"),
    (420, 503, "ok"),
    (480, 384, "ok"),
    (480, 383, "yellow"),
    (480, 385, "ok"),
]


@pytest.mark.rule("MX-10")
@pytest.mark.parametrize(("before", "today", "word"), SWINGS)
def test_swing_of_exactly_a_tenth_is_small(before, today, word):
    edges = Edges()
    store = edges.store("S")
    edges.add(store, back(2), dispatch_due=10_000, dispatch_late=before)
    edges.add(store, DAY, dispatch_due=10_000, dispatch_late=today)
    assert edges.levels("late_dispatch")["S"] == word


@pytest.mark.rule("MX-10")
def test_past_reaches_ninety_days_back_and_no_further():
    edges = Edges()
    for days in (90, 91):
        store = edges.store(f"calm{days}")
        # One day of the past differs: the window of day D − 90 (or the day before it) ends with these orders.
        edges.add(store, back(days + 29), dispatch_due=100)
        edges.add(store, back(2), dispatch_due=10_000, dispatch_late=450)
        edges.add(store, DAY, dispatch_due=10_000, dispatch_late=450)
    # Within 90 days: shares 0, 4.5 %, 4.5 % of which today's is more than a tenth away.
    assert edges.levels("late_dispatch") == {"calm90": "yellow", "calm91": "ok"}


@pytest.mark.rule("MX-10")
def test_swing_is_measured_on_what_a_floor_and_a_rating_lack():
    edges = Edges()
    for name, lost in (("within", 484), ("beyond", 485)):
        store = edges.store(name)
        edges.add(store, back(2), outcomes=10_000, undelivered=440)
        edges.add(store, DAY, outcomes=10_000, undelivered=2 * lost - 440)
    assert edges.levels("delivered") == {"within": "ok", "beyond": "yellow"}


@pytest.mark.rule("MX-10", "SR-01")
@pytest.mark.parametrize(("today", "word"), [(9_350 - 65, "ok"), (9_350 - 66, "yellow"), (9_350, "ok")])
def test_swing_of_the_rating(today, word):
    edges = Edges()
    store = edges.store("S")
    # 4.675 lacks 0.325 of five stars; a tenth more is 0.3575, so 4.6425 is the border.
    edges.add(store, back(2), described_n=1_000, described_sum=4_675)
    edges.add(store, DAY, described_n=1_000, described_sum=today - 4_675)
    assert edges.levels("dsr")["S"] == word


@pytest.mark.rule("MX-10", "DM-30")
def test_each_day_of_the_row_has_the_line_of_its_own_policy():
    strict, mild = {"yellow": Fraction(3, 100)}, {"yellow": Fraction(48, 1000)}
    # Versions begin at the first second of a Shanghai day: they judge it, not the one before.
    begins = [at(f"{back(days)}T16:00:00") - timedelta(days=1) for days in (2, 1, 0)]
    for changes, word in (
        ((strict, strict, strict), "yellow"),
        ((strict, mild, strict), "ok"),
        ((mild, strict, strict), "ok"),
        ((strict, strict, mild), "ok"),
    ):
        edges = Edges()
        over(edges, edges.store("S"), since=6)
        history = [(0, SHIPPED)]
        for begin, change in zip(begins, changes, strict=True):
            publish(begin, metrics__late_dispatch__yellow=str(float(change["yellow"])))
            history.append((int(begin.timestamp()), replace(SHIPPED, changed={"late_dispatch": change})))
        edges.policy = history
        assert edges.levels("late_dispatch", before=3)["S"] == word, changes
        _forget("S")


@pytest.mark.rule("DM-30")
def test_version_of_the_last_second_judges_the_day_and_of_midnight_the_next():
    edges = Edges()
    over(edges, edges.store("S"), since=6, per_mille=45)
    midnight = at(f"{DAY}T16:00:00")
    stricter = replace(SHIPPED, changed={"late_dispatch": {"red": Fraction(41, 1000)}})
    publish(midnight, metrics__late_dispatch__red="0.041")
    edges.policy = [(0, SHIPPED), (int(midnight.timestamp()), stricter)]
    assert edges.levels("late_dispatch", before=1)["S"] == "yellow"
    _forget("S")
    publish(midnight - timedelta(seconds=1), metrics__late_dispatch__red="0.041")
    edges.policy = [(0, SHIPPED), (int(midnight.timestamp()) - 1, stricter)]
    assert edges.levels("late_dispatch", before=1)["S"] == "red"


@pytest.mark.rule("DM-11", "DM-31")
def test_level_category_and_status_judge_from_their_own_day_on():
    edges = Edges()
    for name, changed in (
        ("level", {"level": "platinum"}),
        ("category", {"primary_category": "made"}),
        ("airy", {"primary_category": "airy"}),
        ("closed", {"status": "closed"}),
    ):
        for since in (0, 1, 2, 3):
            store = edges.store(f"{name}{since}", level="basic", primary_category="leaf")
            # 3.8 % is over yellow for a platinum store only (3.6 %); 5.2 % is over red but not for custom made (7.5 %).
            per_mille = {"level": 38, "category": 52, "airy": 52, "closed": 45}[name]
            over(edges, store, since=4, per_mille=per_mille)
            edges.periods[store] = [(back(since), changed)]
    levels = edges.levels("late_dispatch", before=3)
    assert [levels[f"level{since}"] for since in (0, 1, 2, 3)] == ["ok", "ok", "yellow", "yellow"]
    assert [levels[f"category{since}"] for since in (0, 1, 2, 3)] == ["ok"] * 4
    assert [levels[f"airy{since}"] for since in (0, 1, 2, 3)] == ["na"] * 4
    assert [levels[f"closed{since}"] for since in (0, 1, 2, 3)] == ["yellow"] * 4
    assert edges_level_on(edges, back(1), "category0") == "red"


def edges_level_on(edges: Edges, day: date, store: str) -> str:
    """The level of a day, of a world that is loaded already."""
    _forget(store)
    return edges.levels("late_dispatch", day)[store]
