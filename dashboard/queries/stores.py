"""All stores that a person sees, by what was published of their last known days (PG-02, MX-07, MX-08)."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import BigIntegerField, IntegerField, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from core.timebase import DAY_SECONDS, PERFORMANCE_OFFSET_SECONDS, day_number, from_day_number, performance_day_end
from dashboard.queries.needs import Due, first_due, with_first_dues
from metrics.catalogue import METRICS, Calendar, Kind
from metrics.models import Published, shown_rating
from metrics.rules.composites import grade_of
from metrics.rules.days import last_complete_day
from metrics.rules.rating import TierStatus, tier_of
from notifications.queries.notices import OpenNotices, active_counts
from rulebook.policy import Policy
from rulebook.queries import PolicyPeriod, policies, policy_in
from stores.models import Company, Feed, Store

TREND_DAYS = 30
WORST = ("L3", "red", "L2", "L1", "yellow", "ok", "silent", "stale", "few", "no_data", "na")
JUDGED = tuple(code for code, metric in METRICS.items() if metric.kind in (Kind.RATE, Kind.FLOOR) or code == "dsr")


@dataclass(frozen=True, slots=True)
class StoreRow:
    """One store of the list. ``level`` is that of its worst metric ``worst`` (a code, empty without figures);
    ``known``: the last day that every feed covers; ``day``: the day of the published figures; ``rating``: the published
    one, ``computed``: the computed one where it is another, ``frozen``: whether it is held back (SR-06); ``due``:
    what falls due first; ``rating_level``: that of the rating."""

    store: Store
    known: date | None
    day: date | None
    computed_at: datetime | None
    rating: Decimal | None
    computed: Decimal | None
    rating_level: str
    frozen: bool
    tier: TierStatus | None
    worst: str
    level: str
    worst_value: Decimal | None
    shs: Decimal | None
    sla: Decimal | None
    grade: str
    worst_thresholds: tuple[Decimal | None, ...]
    policy: Policy | None
    notices: OpenNotices
    due: Due | None


def sorted_rows(rows: list[StoreRow], key: str, *, descending: bool) -> list[StoreRow]:
    """The rows by name, store_no, notices (as red and yellow ones), due, rating, worst (worst first), shs, sla or day;
    without a figure last either way."""
    keys: dict[str, Callable[[StoreRow], Any]] = {
        "name": lambda row: row.store.name,
        "store_no": lambda row: row.store.store_no,
        "notices": lambda row: (row.notices.red, row.notices.yellow) if row.notices.total else None,
        "due": lambda row: row.due.at if row.due else None,
        "rating": lambda row: row.rating,
        "worst": lambda row: WORST.index(row.level) if row.worst else None,
        "shs": lambda row: row.shs,
        "sla": lambda row: row.sla,
        "day": lambda row: row.day,
    }
    value = keys[key]
    known = [row for row in rows if value(row) is not None]
    known.sort(key=value, reverse=descending)
    return known + [row for row in rows if value(row) is None]


def store_rows(stores: QuerySet[Store], at: datetime) -> list[StoreRow]:
    """The rows of the stores, in their order: the number of queries does not depend on theirs."""
    last = day_number(last_complete_day(at, Calendar.PERFORMANCE))
    found = list(with_first_dues(_with_published(stores.select_related("company"), last), at))
    ids = {key for store in found for key in (store.performance_row, store.rating_row) if key}
    published = Published.objects.in_bulk(ids)
    periods = policies()
    store_ids = [store.pk for store in found]
    notices = active_counts(store_ids)
    return [
        _row(
            store,
            published.get(store.performance_row),
            published.get(store.rating_row),
            periods,
            notices.get(store.pk, OpenNotices()),
            first_due(store),
        )
        for store in found
    ]


def _with_published(stores: QuerySet[Store], last: int) -> QuerySet[Any]:
    """Each store with the ids of the latest published rows of days that its feeds cover."""
    until = Feed.objects.filter(store=OuterRef("pk")).order_by().values("store").annotate(first=Min("known_until"))
    seconds = Cast(Subquery(until.values("first")), BigIntegerField())
    # Whole days that end at or before the instant: the day number after the last of them, less one.
    performance = Cast((seconds + PERFORMANCE_OFFSET_SECONDS) / DAY_SECONDS - 1, IntegerField())
    rating = Cast(seconds / DAY_SECONDS - 1, IntegerField())
    annotated = stores.annotate(known_performance=performance, known_rating=rating)
    return annotated.annotate(
        performance_row=_latest(Calendar.PERFORMANCE, "known_performance", last),
        rating_row=_latest(Calendar.RATING, "known_rating", last),
    )


def _latest(calendar: Calendar, known: str, last: int) -> Subquery:
    rows = Published.objects.filter(store=OuterRef("pk"), calendar=calendar, day__lte=OuterRef(known)).filter(
        day__lte=last
    )
    return Subquery(rows.order_by("-day").values("pk")[:1])


def _row(
    store: Any,
    performance: Published | None,
    rating: Published | None,
    periods: Sequence[PolicyPeriod],
    notices: OpenNotices,
    due: Due | None,
) -> StoreRow:
    scorecard = {**(rating.scorecard if rating else {}), **(performance.scorecard if performance else {})}
    worst = _worst(scorecard)
    day = performance.day if performance else None
    policy = policy_in(periods, performance_day_end(day)) if day else None
    score, computed, sla = shown_rating(scorecard), _value(scorecard, "dsr"), _value(scorecard, "sla")
    known = store.known_performance
    return StoreRow(
        store=store,
        known=None if known is None else from_day_number(int(known)),
        day=day,
        computed_at=performance.computed_at if performance else None,
        rating=score,
        computed=computed if computed != score else None,
        rating_level=scorecard.get("dsr", {}).get("level", "no_data"),
        frozen=scorecard.get("dsr", {}).get("frozen", False),
        tier=tier_of(Fraction(score), policy) if policy and score is not None else None,
        worst=worst,
        level=scorecard[worst]["level"] if worst else "no_data",
        worst_value=_value(scorecard, worst),
        shs=_value(scorecard, "shs"),
        sla=sla,
        grade=grade_of(policy, Fraction(sla)) if policy and sla is not None else "",
        worst_thresholds=(_threshold(scorecard, worst, "yellow"), _threshold(scorecard, worst, "red")),
        policy=policy,
        notices=notices,
        due=due,
    )


def _threshold(scorecard: Mapping[str, dict[str, Any]], code: str, name: str) -> Decimal | None:
    threshold = scorecard[code].get(name) if code else None
    return None if threshold is None else Decimal(threshold)


def _worst(scorecard: Mapping[str, dict[str, Any]]) -> str:
    judged = [code for code in JUDGED if code in scorecard]
    return min(judged, key=lambda code: WORST.index(scorecard[code]["level"]), default="")


def _value(scorecard: Mapping[str, dict[str, Any]], code: str) -> Decimal | None:
    text = (scorecard.get(code) or {}).get("value")
    return None if text is None else Decimal(text)


def trends(rows: Sequence[StoreRow]) -> dict[int, list[Decimal | None]]:
    """The published rating of each store over the 30 days up to its day, oldest first: one query."""
    lasts = {row.store.pk: row.day for row in rows if row.day}
    if not lasts:
        return {}
    first = min(lasts.values()) - timedelta(days=TREND_DAYS - 1)
    values: dict[int, dict[date, str]] = defaultdict(dict)
    published = Published.objects.filter(
        store__in=lasts, calendar=Calendar.RATING, day__gte=first, day__lte=max(lasts.values())
    ).annotate(rating=Coalesce(_of_rating("published"), _of_rating("value")))
    for store_id, day, value in published.values_list("store_id", "day", "rating"):
        if value is not None:
            values[store_id][day] = value
    return {
        store_id: [
            Decimal(text) if (text := values[store_id].get(last - timedelta(days=back))) is not None else None
            for back in range(TREND_DAYS - 1, -1, -1)
        ]
        for store_id, last in lasts.items()
    }


def _of_rating(name: str) -> KeyTextTransform:
    return KeyTextTransform(name, KeyTextTransform("dsr", "scorecard"))


def linked_among(stores: Sequence[Store], visible: QuerySet[Company]) -> dict[int, str]:
    """Stores whose company shares a licence or a controller with another visible company, and which of the two
    (DM-10); companies of other people are never told of."""
    companies = {store.company_id: store.company for store in stores}
    licences = {company.license_no for company in companies.values() if company.license_no}
    controllers = {company.controller_id for company in companies.values() if company.controller_id}
    related = visible.filter(Q(license_no__in=licences) | Q(controller_id__in=controllers))
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for licence, controller in related.values_list("license_no", "controller_id"):
        counts["licence", licence] += 1
        counts["controller", controller] += 1
    tied = {}
    for store in stores:
        company = store.company
        if company.license_no and counts["licence", company.license_no] > 1:
            tied[store.pk] = "licence"
        elif company.controller_id and counts["controller", company.controller_id] > 1:
            tied[store.pk] = "controller"
    return tied
