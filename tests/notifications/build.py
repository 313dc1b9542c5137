"""Stores with published days for the tests of notices."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from metrics.catalogue import METRICS, Calendar
from metrics.models import Published
from metrics.rules.days import day_end
from notifications.models import Notice
from notifications.services.judging import judge_day
from stores.models import Company, Store
from tests.outbox import deliver

DAY = date(2026, 3, 10)
NIGHT = datetime(2026, 3, 10, 18, tzinfo=UTC)
ONE_DAY = timedelta(days=1)
CARDS: dict[str, dict[str, Any]] = {
    "ok": {"value": "0.0200000000", "numerator": 2, "denominator": 100},
    "yellow": {"value": "0.0450000000", "numerator": 9, "denominator": 200},
    # Past the yellow threshold, held back by the days before (MX-10).
    "held": {"level": "ok", "held_back": True, "value": "0.0450000000", "numerator": 9, "denominator": 200},
    "red": {"value": "0.0619469027", "numerator": 14, "denominator": 226},
    "few": {"value": "0.5000000000", "numerator": 1, "denominator": 2},
    "na": {"value": "0.0619469027", "numerator": 14, "denominator": 226},
    "stale": {"value": "0.0619469027", "numerator": 14, "denominator": 226},
}
LINES = {"yellow": "0.0400000000", "red": "0.0500000000", "benchmark": "0.0210000000"}


def make_store(number: str = "S1", mode: str = "governed", company: Company | None = None) -> Store:
    company = company or Company.objects.create(company_no=f"C-{number}", name=f"Company of {number}")
    return Store.objects.create(company=company, store_no=number, name=f"Store {number}", mode=mode)


def publish(store: Store, day: date = DAY, **levels: str) -> Published:
    """What the night published of a day: a level per metric; all metrics of one calendar."""
    calendar = METRICS[next(iter(levels))].calendar
    scorecard = {code: {"level": level, **LINES, **CARDS[level]} for code, level in levels.items()}
    return Published.objects.create(
        store=store, day=day, calendar=calendar, policy_version=1, computed_at=night_of(day), scorecard=scorecard
    )


def night_of(day: date) -> datetime:
    """02:00 in Shanghai after the day."""
    return NIGHT + (day - DAY)


def judge(day: date = DAY, *, at: datetime | None = None, calendar: Calendar = Calendar.PERFORMANCE) -> int:
    made = judge_day(day=day, at=at or night_of(day), calendar=calendar)
    deliver()
    return made


def judged(store: Store, day: date = DAY, *, at: datetime | None = None, **levels: str) -> int:
    """Publish a day, judge it and deliver the messages."""
    publish(store, day, **levels)
    return judge(day, at=at)


def notices(store: Store | None = None) -> list[tuple[str, str, str, str]]:
    """Metric, level, day and state of the notices, in order of issue."""
    rows = Notice.objects.order_by("id") if store is None else Notice.objects.filter(store=store).order_by("id")
    return [(row.metric, row.level, row.day.isoformat(), row.state) for row in rows]


def late_end(day: date) -> datetime:
    """The last instant at which a day is judged in time."""
    return day_end(day, Calendar.PERFORMANCE) + timedelta(hours=24)
