"""Nights for the tests of penalties: published days, graded and followed by penalties."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from metrics.catalogue import METRICS, Calendar
from metrics.models import Published
from metrics.rules.days import run_begins
from penalties.models import Penalty
from penalties.services.deriving import derive_day
from penalties.services.levels import record_day
from stores.models import Store

DAY = date(2026, 3, 10)
ONE_DAY = timedelta(days=1)
SHARES = {"ok": 20, "yellow": 30, "red": 400, "L1": 36, "L2": 52, "L3": 71, "few": 500, "stale": 80, "na": 0}


def result(level: str, permille: int | None = None) -> dict[str, Any]:
    """A published result: a level with a rate out of a thousand."""
    share = SHARES[level] if permille is None else permille
    return {"level": level, "value": f"0.{share:03d}0000000", "numerator": share, "denominator": 1000}


def publish(store: Store, day: date, levels: Mapping[str, Mapping[str, Any] | str], *, late: bool = False) -> Published:
    """What the night published of metrics of one calendar: results, or levels alone."""
    calendar = METRICS[next(iter(levels))].calendar
    at = run_begins(day, calendar)
    return Published.objects.create(
        store=store,
        day=day,
        calendar=calendar,
        policy_version=1,
        computed_at=at + timedelta(days=2) if late else at,
        scorecard={code: result(one) if isinstance(one, str) else dict(one) for code, one in levels.items()},
    )


def close(day: date, *, calendar: Calendar = Calendar.PERFORMANCE, at: datetime | None = None) -> None:
    """The stages of a night that follow publishing."""
    at = at or run_begins(day, calendar)
    record_day(day=day, at=at, calendar=calendar)
    derive_day(day=day, at=at, calendar=calendar)


def live(store: Store, levels: Sequence[str], *, first: date = DAY) -> date:
    """One night after another with these levels of the liability rate, an empty one for a day that was not published;
    returns the last day. Penalties follow in the last of these nights."""
    for place, level in enumerate(levels):
        day = first + place * ONE_DAY
        if level:
            publish(store, day, {"liability_rate": level})
        record_day(day=day, at=run_begins(day, Calendar.PERFORMANCE), calendar=Calendar.PERFORMANCE)
    close(day)
    return day


def night(day: date, calendar: Calendar = Calendar.PERFORMANCE) -> datetime:
    return run_begins(day, calendar)


def standing(store: Store) -> set[str]:
    """The kinds that have not ended."""
    return set(Penalty.objects.filter(store=store, ended_at=None).values_list("kind", flat=True))


def history(store: Store, kind: str) -> list[tuple[str, datetime, datetime | None, str]]:
    """Cause, beginning, end and what ended it, of a kind."""
    rows = Penalty.objects.filter(store=store, kind=kind).order_by("starts_at", "pk")
    return list(rows.values_list("cause", "starts_at", "ended_at", "ending"))
