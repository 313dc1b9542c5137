"""Worlds with values exactly on edges, judged by the product and by the reference, which must agree."""

import json
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from metrics.catalogue import METRICS
from metrics.scorecards.batches import scorecards_between
from metrics.scorecards.results import MetricResult, result_data
from metrics.scorecards.together import judged_together
from rulebook.models import PolicyVersion
from rulebook.services import publish_policy
from rulebook.shipped import SHIPPED
from stores.models import Store
from stores.reference import resolve_categories
from tests.metrics.worlds import load_world
from tests.oracle.build import KNOWN
from tests.oracle.bundle import Bundle, Row
from tests.oracle.facts import Facts
from tests.oracle.instants import performance_day, rating_day
from tests.oracle.judging import Judgement, judge
from tests.oracle.policy import SHIPPED as SHIPPED_REFERENCE
from tests.oracle.policy import PolicyHistory
from tests.oracle.world import FEED_FILES, World

# A Thursday whose 30-day windows hold a leap day.
DAY = date(2024, 3, 14)
OLD = "2020-01-01T00:00:00Z"
CATEGORIES: list[Row] = [
    {"code": code, "name": code, "parent_code": parent, "flags": flags}
    for code, parent, flags in (
        ("root", "", ""), ("other", "", ""), ("leaf", "root", ""), ("fast", "root", "fast_moving"),
        ("made", "root", "custom_made"), ("airy", "root", "virtual"), ("both", "root", "custom_made;fast_moving"),
        ("dear", "root", "high_value"), ("gems", "dear", ""),
    )
]  # fmt: skip
# Counts that are sufficient and without a failure, for the days before those that matter: they make a past that today
# does not resemble, so that no small swing holds a yellow back (MX-10).
CALM = 40


class Edges:
    """A world in the making: stores with facts on days."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.facts: Facts = {}
        self.periods: dict[str, list[tuple[date, Row]]] = {}
        self.benchmarks: list[Row] = []
        self.sites: dict[tuple[str, date], list[str]] = {}
        self.known = dict(KNOWN)
        self.feeds = set(FEED_FILES.values())
        self.policy: PolicyHistory = SHIPPED_REFERENCE
        self.confirmed = False

    def store(self, store_no: str, **cells: str) -> str:
        """A store that opened long ago, unless its cells say otherwise."""
        self.rows.append({"store_no": store_no, "name": store_no, "opened_at": OLD, **cells})
        return store_no

    def add(self, store_no: str, day: date, **counts: int) -> None:
        """Counts of a day, added to what it has."""
        row = self.facts.setdefault((store_no, day), {})
        for name, count in counts.items():
            row[name] = row.get(name, 0) + count

    def world(self) -> World:
        """The world, for the reference."""
        files: dict[str, list[Row]] = {stem: [] for stem in self.feeds}
        files |= {"stores": self.rows, "categories": CATEGORIES, "benchmarks": self.benchmarks}
        bundle = Bundle(files, {"known_until": self.known})
        facts = {key: {name: n for name, n in counts.items() if n} for key, counts in self.facts.items()}
        world = World(bundle, facts=facts, periods=self.periods, policy=self.policy)
        world.destinations = self.sites
        if self.confirmed:
            world.feeds |= {"confirmations"}
            world.known_until["confirmations"] = world.known_until["orders"]
        return world

    def judged(
        self, day: date = DAY, *, before: int = 0, codes: Collection[str] = METRICS.keys()
    ) -> dict[str, dict[str, MetricResult]]:
        """Scorecards of a day by store and metric, having agreed with the reference on it and on the days before, both
        when a day is judged alone and when it is judged among others."""
        world = self.world()
        stores = list(load_world(world).values())
        resolve_categories()
        made, expected = {}, {}
        for first, last in ((day - timedelta(days=before + 1), day), (day, day)):
            for store, store_day, scorecards in scorecards_between(stores, first, last, codes=codes):
                at = store_day.day
                for code in codes if at >= day - timedelta(days=before) else ():
                    key = (store.store_no, at, code)
                    expected[key] = expected.get(key) or judge(world, store.store_no, code, at)
                    assert said_by_product(scorecards[code]) == said(expected[key]), f"{key} from {first}"
                if at == day:
                    made[store.store_no] = scorecards
            _agree_in_columns(stores, first, last, codes)
        return made

    def levels(self, code: str, day: date = DAY, *, before: int = 0) -> dict[str, str]:
        """The level words of a metric by store."""
        judged = self.judged(day, before=before, codes=[code])
        return {store_no: str(scorecards[code].level) for store_no, scorecards in judged.items()}


def _agree_in_columns(stores: Sequence[Store], first: date, last: date, codes: Collection[str]) -> None:
    """Judged together in columns, the stores have the results that they have one by one."""
    together = [text for part in judged_together(stores, first, last, codes=codes) for text in part.published()]
    one_by_one = [
        json.dumps({code: result_data(result) for code, result in scorecards.items()})
        for _store, _day, scorecards in scorecards_between(stores, first, last, codes=codes)
    ]
    assert together == one_by_one


def said_by_product(result: MetricResult) -> tuple[object, ...]:
    value, mark = result.value, result.benchmark.value if result.benchmark else None
    return (
        value.numerator,
        value.denominator,
        value.value,
        result.yellow,
        result.red,
        result.level,
        mark,
        result.deviation,
    )


def said(judged: Judgement) -> tuple[object, ...]:
    score = judged.score
    lines = (judged.yellow, judged.red, judged.level, judged.benchmark, judged.deviation)
    return (score.numerator, score.denominator, score.value, *lines)


def at(text: str) -> datetime:
    """An instant of UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def publish(start: datetime, **values: object) -> PolicyVersion:
    """A policy version from ``start`` on; double underscores mean dots."""
    data = dict(SHIPPED)
    for name, value in values.items():
        key = name.replace("__", ".")
        data[key] = {**data[key], "value": value}
    return publish_policy(data=data, effective_from=start, author="Li", note="", at=start - timedelta(days=1))


def days_of(instant: datetime) -> tuple[date, date]:
    """Its performance day and its rating day, by the reference."""
    seconds = int(instant.timestamp())
    return performance_day(seconds), rating_day(seconds)


def whole(share: Fraction, of: int) -> int:
    """A share of a count that must come out even."""
    exact = share * of
    assert exact.denominator == 1, f"{share} of {of} is no whole number"
    return int(exact)
