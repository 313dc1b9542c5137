"""The twelve figures of a store's trade (TM-09): each with its trend, the period before and its benchmark."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from insights.queries.status import MetricStatus, PageBenchmarks, load_span, status_of, trend
from metrics.catalogue import Calendar, Kind
from metrics.models import Published
from metrics.queries.days import PageDays, page_days, published_rows
from metrics.rules.values import Value
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.store_profiles import load_profiles
from metrics.scorecards.windows import longest_window
from rulebook.queries import policies
from stores.models import Store

DISPUTES = "sla_dispute_rate"
TWELVE = (
    "orders",
    "gmv",
    "aov",
    "refund_rate",
    "avg_handling_hours",
    "slow_fulfilment",
    DISPUTES,
    "positive_rate",
    "cancel_rate",
    "logistics_abnormal",
    "avg_transit_days",
    "avg_collection_days",
)


@dataclass(frozen=True, slots=True)
class TradeRow:
    """One of the twelve on the page's day. ``before``: its value of the period before, one window earlier; ``change``:
    the difference for shares, the relative change for sums and means, None where either value is missing;
    ``points``: its values over the last window, oldest first."""

    status: MetricStatus
    before: Value
    before_day: date
    change: Fraction | None
    points: list[Fraction | None]

    @property
    def is_share(self) -> bool:
        """Whether the change is a difference of shares."""
        return self.status.unit == "share"


@dataclass(frozen=True, slots=True)
class Trade:
    """What the trade page shows. ``reference``: the all-platform dispute rate of the policy (DP-13)."""

    days: PageDays
    store_span: StoreSpan
    rows: list[TradeRow]
    reference: Decimal
    published: Mapping[Calendar, Published]

    @property
    def computed_at(self) -> datetime | None:
        row = self.published.get(Calendar.PERFORMANCE)
        return row.computed_at if row else None


def trade_page(*, store: Store, at: datetime, asked: date | None) -> Trade:
    """Load the trade page; the number of queries does not depend on the data."""
    profile = load_profiles([store])[0]
    days = page_days(profile, at, asked)
    # The day one window before the shown one must be loaded too.
    store_span = load_span(store, days, longest_window(TWELVE, policies()) + 1, TWELVE, profile=profile)
    published = published_rows(store.id, days)
    benchmarks = PageBenchmarks(days, TWELVE, published, store=profile)
    return Trade(
        days=days,
        store_span=store_span,
        rows=[_row(store_span, status_of(store_span, code, days, benchmarks, published)) for code in TWELVE],
        reference=store_span.policy(days.performance, Calendar.PERFORMANCE).disputes.platform_dispute_rate,
        published=published,
    )


def trade_row(*, store: Store, at: datetime, code: str) -> TradeRow:
    """One of the twelve on the latest day, for pages of its subject."""
    profile = load_profiles([store])[0]
    days = page_days(profile, at, None)
    store_span = load_span(store, days, longest_window((code,), policies()) + 1, (code,), profile=profile)
    published = published_rows(store.id, days)
    benchmarks = PageBenchmarks(days, (code,), published, store=profile)
    return _row(store_span, status_of(store_span, code, days, benchmarks, published))


def _row(store_span: StoreSpan, status: MetricStatus) -> TradeRow:
    result = status.result
    before_day = result.day - timedelta(days=status.window_days)
    before = store_span.value(result.code, before_day)
    return TradeRow(
        status=status,
        before=before,
        before_day=before_day,
        change=change_of(status, before.value),
        points=trend(store_span, result.code, result.day, status.window_days),
    )


def change_of(status: MetricStatus, before: Fraction | None) -> Fraction | None:
    """From the period before to this one: in shares their difference, else relative to the value before."""
    now = status.result.value.value
    if now is None or before is None:
        return None
    if status.metric.kind in (Kind.SUM, Kind.MEAN):
        return (now - before) / before if before else None
    return now - before
