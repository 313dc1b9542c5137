"""What a team report tells: where the stores stand, how figures moved, what is open, what comes next."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.models import Deadline
from dashboard.list_exports.figures import DEADLINES
from dashboard.queries.needs import Need, needs_of
from dashboard.queries.stores import JUDGED, WORST, StoreRow, store_rows
from metrics.catalogue import METRICS
from metrics.models import Published
from notifications.models import Notice
from notifications.queries.notices import STANDING
from reports.models import ReportSubscription
from reports.rules import WEEK
from rulebook.queries import policy_at
from stores.access import joined_companies, visible_stores
from stores.models import Company, Store, User
from stores.principals import Person

# What fits on one page.
MOST_TRENDS, MOST_ROWS, MOST_STORES = 6, 7, 8
TREND_DAYS = 56


@dataclass(frozen=True, slots=True)
class Trend:
    """A metric of a store over the weeks, oldest day first; thresholds are those of the last day."""

    store: Store
    code: str
    level: str
    values: Sequence[Decimal | None]
    yellow: Decimal | None
    red: Decimal | None
    days: Sequence[date]

    @property
    def last(self) -> Decimal | None:
        return next((value for value in reversed(self.values) if value is not None), None)


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric of a store as last published, and a week earlier."""

    store: Store
    code: str
    day: date
    level: str
    value: Decimal | None
    yellow: Decimal | None
    red: Decimal | None
    before: Decimal | None
    level_before: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a team report tells of a company to one of its members as of an instant. ``levels``: how many stores have
    each level; ``changes``: figures whose level is another than a week ago, the worst first."""

    company: Company
    at: datetime
    rows: Sequence[StoreRow]
    needs: Mapping[int, Need]
    levels: Mapping[str, int]
    trends: Sequence[Trend]
    figures: Sequence[Figure]
    changes: Sequence[Figure]
    notices: Sequence[Notice]
    notice_count: int
    deadlines: Sequence[tuple[Store, Deadline]]
    issued: int
    ended: int
    units: Mapping[str, str]


def report_of(company: Company, person: User, at: datetime) -> Report:
    """Load a report; the number of queries does not depend on how many stores there are."""
    stores = visible_stores(Person(person)).filter(company=company)
    rows = store_rows(stores.order_by("name", "store_no"), at)
    by_id = {row.store.pk: row.store for row in rows}
    figures = _figures(rows)
    open_notices = Notice.objects.filter(STANDING, store__in=by_id).order_by("level", "triggered_at", "pk")
    since = at - WEEK
    return Report(
        company=company,
        at=at,
        rows=sorted(rows, key=lambda row: (WORST.index(row.level), row.store.name)),
        needs=needs_of(list(by_id), at),
        levels=Counter(row.level for row in rows),
        trends=_trends(figures, by_id),
        figures=figures,
        changes=sorted(
            (one for one in figures if one.level_before and one.level != one.level_before and one.code in JUDGED),
            key=lambda one: (WORST.index(one.level), one.store.name, one.code),
        ),
        notices=list(open_notices[:MOST_ROWS]),
        notice_count=open_notices.count(),
        deadlines=_deadlines(by_id, at),
        issued=Notice.objects.filter(store__in=by_id, triggered_at__gt=since, triggered_at__lte=at).count(),
        ended=Notice.objects.filter(store__in=by_id, ended_day__gt=since.date(), ended_day__lte=at.date()).count(),
        units={code: rules.unit for code, rules in policy_at(at).metrics.items()},
    )


def _deadlines(stores: Mapping[int, Store], at: datetime) -> list[tuple[Store, Deadline]]:
    rows = Deadline.objects.filter(
        store_id__in=stores, state=Deadline.State.OPEN, kind__in=DEADLINES, due_at__gte=at
    ).order_by("due_at", "pk")
    return [(stores[row.store_id], row) for row in rows[:MOST_ROWS] if row.store_id is not None]


def _figures(rows: Sequence[StoreRow]) -> list[Figure]:
    """Every published metric of each store's last known day, with that of a week before."""
    days = {row.store.pk: row.day for row in rows if row.day}
    wanted = {day for last in days.values() for day in (last, last - WEEK)}
    found: dict[tuple[int, date], dict[str, Any]] = defaultdict(dict)
    published = Published.objects.filter(store__in=days, day__in=wanted)
    for store_id, day, scorecard in published.values_list("store_id", "day", "scorecard"):
        found[store_id, day].update(scorecard)
    stores = {row.store.pk: row.store for row in rows}
    return [
        _figure(stores[store_id], code, day, card, found[store_id, day - WEEK].get(code, {}))
        for store_id, day in days.items()
        for code, card in sorted(found[store_id, day].items(), key=lambda item: list(METRICS).index(item[0]))
    ]


def _figure(store: Store, code: str, day: date, card: Mapping[str, Any], before: Mapping[str, Any]) -> Figure:
    return Figure(
        store=store,
        code=code,
        day=day,
        level=card.get("level", "no_data"),
        value=_number(card.get("value")),
        yellow=_number(card.get("yellow")),
        red=_number(card.get("red")),
        before=_number(before.get("value")),
        level_before=before.get("level", ""),
    )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _trends(figures: Sequence[Figure], stores: Mapping[int, Store]) -> list[Trend]:
    """The figures that need to be looked at most, of different metrics as far as there are any, over the weeks."""
    judged = [one for one in figures if one.code in JUDGED and one.value is not None]
    worst = sorted(judged, key=lambda one: (WORST.index(one.level), one.store.name, one.code))[:MOST_TRENDS]
    if not worst:
        return []
    last = max(one.day for one in worst)
    days = [last - timedelta(days=back) for back in range(TREND_DAYS - 1, -1, -1)]
    rows = Published.objects.filter(store__in={one.store.pk for one in worst}, day__gte=days[0], day__lte=last)
    values: dict[tuple[int, str], dict[date, Decimal | None]] = defaultdict(dict)
    codes = {one.code for one in worst}
    for store_id, day, scorecard in rows.values_list("store_id", "day", "scorecard").iterator():
        for code in codes & scorecard.keys():
            values[store_id, code][day] = _number(scorecard[code].get("value"))
    return [
        Trend(
            store=stores[one.store.pk],
            code=one.code,
            level=one.level,
            values=[values[one.store.pk, one.code].get(day) for day in days],
            yellow=one.yellow,
            red=one.red,
            days=days,
        )
        for one in worst
    ]


def subscriptions_of(company: Company) -> Sequence[ReportSubscription]:
    """Who gets the company's report."""
    rows = ReportSubscription.objects.filter(company=company).select_related("person")
    return list(rows.prefetch_related("reports").order_by("pk"))


def is_member(subscription: ReportSubscription) -> bool:
    """Whether the person may still read of the company."""
    person = subscription.person
    return person.is_active and joined_companies(Person(person)).filter(pk=subscription.company_id).exists()
