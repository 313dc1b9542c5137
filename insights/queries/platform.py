"""A platform's own figures and notices compared with ours, with the reason of each difference (IX-08)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from core.timebase import performance_day_end, performance_day_start, window_start
from insights.queries.faults import SYNC_METRIC, sync_failures
from insights.queries.gap import can_be_taken_apart
from insights.rules.platform import Finding, Reason, explain, places_of
from metrics.catalogue import METRICS, Calendar
from metrics.models import PlatformFigure, PlatformNotice
from metrics.queries.days import page_days
from metrics.rules.values import Value
from metrics.scorecards.loading import load_spans
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.store_profiles import load_profiles
from stores.models import Store

# The days that are compared, as many as the longest window of the metrics that platforms publish daily.
DAYS = 90
MOST_NOTICES = 100


@dataclass(frozen=True, slots=True)
class Compared:
    """A day's figure of the platform beside ours of the same day, and what the difference comes from."""

    code: str
    day: date
    theirs: Decimal
    ours: Value
    finding: Finding

    @property
    def agrees(self) -> bool:
        return self.finding.reason == Reason.SAME

    @property
    def has_gap_page(self) -> bool:
        """Whether there is a difference that can be taken apart (BX-21)."""
        return not self.agrees and self.ours.value is not None and can_be_taken_apart(self.code)


@dataclass(frozen=True, slots=True)
class Beside:
    """The comparison over ``first`` … ``last``: by metric, newest first; the platform's notices, newest first."""

    first: date
    last: date
    by_metric: dict[str, list[Compared]]
    units: dict[str, str]
    notices: list[PlatformNotice]


def beside_platform(*, store: Store, code: str | None, at: datetime, asked: date | None) -> Beside:
    """Compare one metric, or all of them, over the last days up to the asked one, else the last complete one."""
    days = page_days(load_profiles([store])[0], at, asked)
    last = days.performance if days.chosen else days.last
    first = window_start(last, DAYS)
    rows = PlatformFigure.objects.filter(store=store, day__gte=first, day__lte=last).order_by("-day")
    notices = PlatformNotice.objects.filter(
        store=store, triggered_at__gte=performance_day_start(first), triggered_at__lt=performance_day_end(last)
    ).order_by("-triggered_at", "-number")
    if code is not None:
        rows, notices = rows.filter(metric=code), notices.filter(metric=code)
    return _compare(store, list(rows), list(notices[:MOST_NOTICES]), first, last)


def _compare(
    store: Store, rows: Sequence[PlatformFigure], notices: list[PlatformNotice], first: date, last: date
) -> Beside:
    known = [row for row in rows if row.metric in METRICS]
    codes = sorted({row.metric for row in known})
    by_metric: dict[str, list[Compared]] = defaultdict(list)
    units: dict[str, str] = {}
    if codes:
        store_span = load_spans([store], first - timedelta(days=1), last, codes=codes)[store.id]
        units = {code: store_span.policy(last, METRICS[code].calendar).metrics[code].unit for code in codes}
        sync = _sync(store_span, first, last) if SYNC_METRIC in codes else {}
        for row in known:
            by_metric[row.metric].append(_one(store_span, row, units[row.metric], sync))
    return Beside(first, last, dict(by_metric), units, notices)


def _sync(store_span: StoreSpan, first: date, last: date) -> dict[date, int]:
    window = store_span.policy(last, Calendar.PERFORMANCE).metrics[SYNC_METRIC].window_days
    return sync_failures(store_span.store.id, first, last, window)


def _one(store_span: StoreSpan, row: PlatformFigure, unit: str, sync: dict[date, int]) -> Compared:
    code, day = row.metric, row.day
    ours = store_span.value(code, day)
    finding = explain(
        code,
        row.value,
        ours,
        store_span.value(code, day - timedelta(days=1)),
        places=places_of(row.value, unit),
        stale=store_span.on(day).is_stale(code),
        sync=sync.get(day, 0) if code == SYNC_METRIC else 0,
    )
    return Compared(code, day, row.value, ours, finding)
